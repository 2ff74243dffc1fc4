"""What a plan may be asked for: its options, and which of them go together."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import click

from geo.cli.kinds import Distance
from geo.limits import FARTHEST_KM

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo.cli import options

WHOLE = 1.0
_DEGREES = (180.0, 90.0)


class _Share(click.ParamType[float]):
    """A share above 0 and up to 1, or all."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        try:
            share = WHOLE if value == "all" else float(value)
        except ValueError:
            share = 0.0
        if not 0 < share <= 1:
            self.fail(f"'{value}' is neither 'all' nor a share above 0 and up to 1, as 0.9.", param, ctx)
        return share


class _Amount(click.ParamType[float]):
    """A finite number of zero or more."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if not 0 <= number < float("inf"):
            self.fail(f"'{value}' is no number of zero or more.", param, ctx)
        return number


class _Place(click.ParamType[tuple[float, float]]):
    """Longitude and latitude with a comma between them."""

    name = "place"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[float, float]:
        if isinstance(value, tuple):
            return value
        try:
            lon, lat = (float(part) for part in str(value).split(","))
        except ValueError:
            lon = lat = float("nan")
        if not (abs(lon) <= _DEGREES[0] and abs(lat) <= _DEGREES[1]):
            self.fail(f"'{value}' is no place: give longitude and latitude in degrees, as 108.98,11.56.", param, ctx)
        return lon, lat


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the options of a plan say; None or empty where an option is not given."""

    add: int | None
    least_travel: bool
    least_farthest: bool
    cover: float | None
    each_area: bool
    keep: str | None
    drop: int | None
    close: tuple[str, ...]
    open_: tuple[tuple[float, float], ...]
    holes: str | None
    apart: float | None
    candidates: str | None
    grid: float | None
    forbid: tuple[str, ...]
    require: tuple[str, ...]
    cost: str | None
    capacity: str | None
    budget: float | None
    gap: float
    time_s: float

    @property
    def numbers(self) -> dict[Literal["cost", "capacity"], str]:
        """The columns of the candidates that hold numbers."""
        numbers: dict[Literal["cost", "capacity"], str] = {}
        if self.cost is not None:
            numbers["cost"] = self.cost
        if self.capacity is not None:
            numbers["capacity"] = self.capacity
        return numbers

    @property
    def chooses(self) -> bool:
        """Whether sites are to be chosen."""
        return any(one is not None for one in (self.add, self.budget, self.cover, self.keep))

    @property
    def adds(self) -> bool:
        """Whether a number of sites, or a budget for them, is given."""
        return self.chooses and self.cover is None and self.keep is None


_OPTIONS = (
    click.option("--add", metavar="N", type=click.IntRange(min=1), help="Choose so many sites for new points."),
    click.option("--least-travel", is_flag=True, help="With --add: let people travel least."),
    click.option("--least-farthest", is_flag=True, help="With --add: make the longest way shortest."),
    click.option(
        "--cover",
        metavar="SHARE|all",
        type=_Share(),
        help="The fewest sites that bring this share of people (or every village) within --within.",
    ),
    click.option("--each-area", is_flag=True, help="With --cover: the share in each area."),
    click.option(
        "--keep",
        metavar="STANDARD[::RULE]",
        help="The fewest points until a rule is kept: vn-postal, uk-post ... or a file; the rule's number or name.",
    ),
    click.option(
        "--drop",
        metavar="N",
        type=click.IntRange(min=1),
        help="Choose so many points to close: least travel is added, or, with --within, fewest people lost.",
    ),
    click.option("--close", metavar="ID", multiple=True, help="What if this point closed? Repeatable."),
    click.option(
        "--open",
        "open_",
        metavar="LON,LAT",
        type=_Place(),
        multiple=True,
        help="What if there were a point here? Repeatable.",
    ),
    click.option(
        "--holes",
        metavar="TECHNOLOGY",
        help="Where is this missing, and which sites would serve most of it within --within?",
    ),
    click.option(
        "--apart",
        metavar="KM",
        type=Distance(FARTHEST_KM),
        help="With --holes: villages up to so far apart are one hole; 2 where it is not given.",
    ),
    click.option("--candidates", metavar="FILE[::LAYER]", help="Where points could be; else at every village."),
    click.option("--grid", metavar="KM", type=Distance(FARTHEST_KM, zero=False), help="Candidates on a grid instead."),
    click.option(
        "--forbid",
        metavar="ID",
        multiple=True,
        help="A candidate not to be chosen, with --add, --cover and --keep. Repeatable.",
    ),
    click.option(
        "--require",
        metavar="ID",
        multiple=True,
        help="A candidate to be chosen; with --drop, a point that stays. Repeatable.",
    ),
    click.option("--cost", metavar="COLUMN", help="Column of the candidates that holds their cost."),
    click.option(
        "--capacity", metavar="COLUMN", help="Column of the candidates that holds how many people each can serve."
    ),
    click.option("--budget", metavar="NUMBER", type=_Amount(), help="What the sites may cost together."),
    click.option(
        "--gap",
        metavar="SHARE",
        type=_Amount(),
        default=0.0,
        show_default=True,
        help="Stop when no choice can be better by more than this share; 0: when the best is proved.",
    ),
    click.option(
        "--time",
        "time_s",
        metavar="SECONDS",
        type=_Amount(),
        default=60.0,
        show_default=True,
        help="Stop then, with the best so far. Ctrl-C does the same.",
    ),
)


def on_plan(command: Callable[..., None]) -> Callable[..., None]:
    """Declare the options of a plan; the command gets them as one `wanted`."""

    @functools.wraps(command)
    def wrapped(**given: Any) -> None:  # noqa: ANN401 - click gives by name
        names = Wanted.__dataclass_fields__
        command(wanted=Wanted(**{name: given.pop(name) for name in names}), **given)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def limit_of(asked: options.Asked, wanted: Wanted) -> float | None:
    """Refuse options that do not go together, and give the one limit in km that the question has."""
    jobs = {
        "--add (or --budget)": wanted.adds,
        "--cover": wanted.cover is not None,
        "--keep": wanted.keep is not None,
        "--drop": wanted.drop is not None,
        "--close and --open": bool(wanted.close or wanted.open_),
        "--holes": wanted.holes is not None,
    }
    if sum(jobs.values()) != 1:
        msg = f"Ask for one of {', '.join(jobs)}."
        raise click.UsageError(msg)
    if len(asked.within) > 1 and not jobs["--close and --open"]:
        msg = "A plan has one limit: give --within once."
        raise click.UsageError(msg)
    _refuse_idle(asked, wanted)
    return asked.within[0] if len(asked.within) == 1 else None


def _refuse_idle(asked: options.Asked, wanted: Wanted) -> None:
    """Refuse an option that could do nothing, and a question without its limit."""
    least = wanted.least_travel or wanted.least_farthest
    adds = wanted.adds
    wrong = {
        "--least-travel and --least-farthest go with --add, and one at a time.": (least and not adds)
        or (wanted.least_travel and wanted.least_farthest),
        "--within has no meaning with --least-travel and --least-farthest: leave one of them out.": least
        and bool(asked.within),
        "--add, --cover and --holes need --within KM.": not asked.within
        and ((adds and not least) or wanted.cover is not None or wanted.holes is not None),
        "--within has no meaning with --keep: the rule says what it asks for.": wanted.keep is not None
        and bool(asked.within),
        "--add and --budget go with choosing sites: not with --cover and --keep.": (
            wanted.cover is not None or wanted.keep is not None
        )
        and (wanted.add is not None or wanted.budget is not None),
        "--budget needs --cost COLUMN, and has no meaning with --least-farthest.": wanted.budget is not None
        and (wanted.cost is None or wanted.least_farthest),
        "--cost has no meaning without --budget or --cover.": wanted.cost is not None
        and wanted.budget is None
        and wanted.cover is None,
        "--each-area goes with --cover.": wanted.each_area and wanted.cover is None,
        "--apart goes with --holes.": wanted.apart is not None and wanted.holes is None,
        "--candidates and --grid go with --add, --cover, --keep and --holes, and one at a time.": (
            bool(wanted.candidates or wanted.grid) and not (wanted.chooses or wanted.holes is not None)
        )
        or bool(wanted.candidates and wanted.grid),
        "--forbid goes with --add, --cover and --keep.": bool(wanted.forbid) and not wanted.chooses,
        "--require goes with --add, --cover and --drop.": bool(wanted.require)
        and (wanted.keep is not None or not (wanted.chooses or wanted.drop is not None)),
        "--capacity goes with --add and --cover, and not with --least-farthest.": wanted.capacity is not None
        and (wanted.least_farthest or not (wanted.adds or wanted.cover is not None)),
        "--cost and --capacity are columns of the villages or of --candidates: a grid has none.": bool(
            wanted.numbers and wanted.grid
        ),
    }
    for says, applies in wrong.items():
        if applies:
            raise click.UsageError(says)
