"""Every option, declared once."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from geo.cli import progress
from geo.cli.kinds import ColumnOf, Distance, Number, Pair, Repairs
from geo.cli.terminal import OneLine
from geo.limits import FARTHEST_KM, LONGEST_RANGE_KM

if TYPE_CHECKING:
    from decimal import Decimal

Command = Callable[..., None]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the options of a command on a study say; every field is None or empty where the option is not given."""

    study: Path | None
    villages: str | None
    points: str | None
    areas: str | None
    people: tuple[str, ...]
    people_unit: Literal["count", "per_km2"] | None
    area_name: str | None
    coverage: tuple[tuple[str, str], ...]
    column: tuple[tuple[str, str, str], ...]
    crs: str | None
    area_km2: Decimal | None
    population: Decimal | None
    within: tuple[float, ...]
    kind: tuple[str, ...]
    cell_range_km: float | None
    covered_when: str | None
    clip: bool
    repair: tuple[str, ...]
    tag: tuple[str, ...]
    admin_level: tuple[str, ...]


_FILE = "FILE[::LAYER]"
PATH = click.Path(path_type=Path)
TAG = click.option(
    "--tag",
    metavar="KEY=VALUE",
    multiple=True,
    help="Points of an extract of OpenStreetMap, in place of amenity=post_office. Repeatable.",
)
_STUDY_OPTIONS = (
    click.argument("study", required=False, type=PATH),
    click.option("--villages", metavar=_FILE, help="Villages: points or polygons, with people."),
    click.option("--points", metavar=_FILE, help="Service points."),
    click.option("--areas", metavar=_FILE, help="Administrative polygons."),
    click.option(
        "--people",
        metavar="FILE[::BAND]",
        multiple=True,
        help="Population raster: figures over people count its pixels in place of the villages. Repeatable.",
    ),
    click.option(
        "--people-unit",
        type=click.Choice(["count", "per_km2"]),
        help="What the rasters hold, where they do not say: people per pixel or per km2.",
    ),
    click.option("--area-name", metavar="COLUMN", help="Column of the areas that holds their name."),
    click.option(
        "--coverage",
        metavar="TECHNOLOGY=FILE",
        type=Pair(),
        multiple=True,
        help="Polygons or mobile cells of a technology; TECHNOLOGY=@COLUMN for a column of the villages. Repeatable.",
    ),
    click.option(
        "--column",
        metavar="LAYER.COLUMN=HEADER",
        type=ColumnOf(),
        multiple=True,
        help="Header to read a column from, as villages.population=POP_19. Repeatable.",
    ),
    click.option(
        "--crs", metavar="CRS", help="Coordinate system of sources that have none, as EPSG:9217 or vn2000:ninh-thuan."
    ),
    click.option("--area-km2", metavar="KM2", type=Number(), help="Official area of the whole."),
    click.option("--population", metavar="PEOPLE", type=Number(), help="Official population of the whole."),
    click.option(
        "--within", metavar="KM", type=Distance(FARTHEST_KM), multiple=True, help="Distance limit. Repeatable."
    ),
    click.option("--kind", metavar="KIND", multiple=True, help="Kind of points to count. Repeatable."),
    click.option(
        "--cell-range-km",
        metavar="KM",
        type=Distance(LONGEST_RANGE_KM, zero=False),
        help="Range of every cell, in place of its own.",
    ),
    click.option(
        "--covered-when",
        metavar="centre|any|SHARE",
        help="When a village that is a polygon counts as covered: its inner point, any part, or this share of it.",
    ),
    click.option("--clip", is_flag=True, help="Count only villages and points inside the areas."),
    click.option(
        "--repair",
        metavar="FAULT[,FAULT]",
        type=Repairs(),
        default=(),
        help="Mend faults: swapped, sign, zone, minutes, vn2000, doubtful; of one layer as points.swapped.",
    ),
    TAG,
    click.option(
        "--admin-level",
        metavar="LEVEL",
        multiple=True,
        help="Level of the areas of an extract of OpenStreetMap. Repeatable.",
    ),
)
language = click.option(
    "--lang", "lang", type=click.Choice(["vi", "en"]), default="en", show_default=True, help="Language of the text."
)
overwrite = click.option("--overwrite", is_flag=True, help="Replace a file that exists.")
by = click.option("--by", metavar="COLUMN", help="Figures per value of a column of the areas (or the villages).")


def output(*, required: bool = True, example: str, kind: click.ParamType[Path] = PATH) -> Callable[[Command], Command]:
    """Declare ``-o/--output``."""
    return click.option("-o", "--output", type=kind, metavar="FILE", required=required, help=example)


def talk(command: Command) -> Command:
    """Declare ``-v`` and ``-q``: how much is told on stderr."""

    @click.option("-v", "--verbose", is_flag=True, help="Tell which columns were chosen.")
    @click.option("-q", "--quiet", is_flag=True, help="Tell nothing but errors.")
    @functools.wraps(command)
    def wrapped(*args: Any, verbose: bool, quiet: bool, **given: Any) -> None:  # noqa: ANN401 - click gives by name
        level = logging.ERROR if quiet else logging.INFO if verbose else logging.WARNING
        told = logging.StreamHandler()
        told.setFormatter(OneLine("%(message)s"))
        # What libraries mutter is not said to a user: what it means is said by ours.
        told.addFilter(logging.Filter("geo"))
        logging.basicConfig(handlers=[told], level=level, force=True)
        # What it says of a damaged raster comes again in our error.
        logging.getLogger("rasterio").setLevel(logging.CRITICAL)
        with progress.shown(given.get("lang") or "en", quiet=quiet):
            command(*args, **given)

    return wrapped


def on_study(command: Command) -> Command:
    """Declare the options of a command on a study; the command gets them as one `asked`."""

    @functools.wraps(command)
    def wrapped(**given: Any) -> None:  # noqa: ANN401 - click gives by name
        names = Asked.__dataclass_fields__
        command(asked=Asked(**{name: given.pop(name) for name in names}), **given)

    for option in reversed(_STUDY_OPTIONS):
        wrapped = option(wrapped)
    return wrapped
