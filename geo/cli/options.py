"""Every option, declared once, and the study that a command's options ask for."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from geo.cli import progress
from geo.cli.terminal import OneLine
from geo.limits import FARTHEST_KM, LONGEST_RANGE_KM

if TYPE_CHECKING:
    from geo.study import Study
    from geo.studyfile import Choices, CoverageSource, LayerSource, PeopleSource, StudyFile, Totals

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


class _Number(click.ParamType[Decimal]):
    """A number above zero, with the digits it is written with."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:  # noqa: ANN401
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal(-1)
        if not (number.is_finite() and number > 0):
            self.fail(f"'{value}' is no number above zero.", param, ctx)
        return number


@dataclass(frozen=True)
class Distance(click.ParamType[float]):
    """A distance in km, from `least` (or above zero) to `most`."""

    most: int
    zero: bool = True
    name = "km"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        """Read the number, and refuse what is no distance."""
        try:
            distance = float(value)
        except ValueError:
            distance = -1.0
        if not (0 <= distance <= self.most) or (distance == 0 and not self.zero):
            least = "from 0" if self.zero else "above 0"
            self.fail(f"'{value}' is no distance in km: give a number {least} to {self.most}.", param, ctx)
        return distance


class _Pair(click.ParamType[tuple[str, ...]]):
    """Two texts with an equals sign between them."""

    name = "pair"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:  # noqa: ANN401
        left, mark, right = str(value).partition("=")
        if not (left and mark and right):
            self.fail(f"'{value}' should be {param.metavar if param else 'NAME=VALUE'}.", param, ctx)
        return (left, right)


class _ColumnOf(_Pair):
    """A column of a layer and the header it is read from."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:  # noqa: ANN401
        from geo.layers.contract import LAYERS  # noqa: PLC0415 - help must not wait for it

        left, header = super().convert(value, param, ctx)
        layer, _, key = left.partition(".")
        if layer not in ("villages", "points", "areas", "coverage") or not key:
            self.fail(f"'{value}': {layer} is none of villages, points, areas, coverage.", param, ctx)
        kind = "cells" if layer == "coverage" else layer
        keys = [column.key for column in LAYERS[kind]]  # type: ignore[index] # checked above
        if key not in keys:
            self.fail(f"'{value}': {layer} have no column '{key}'; they have {', '.join(keys)}.", param, ctx)
        return (layer, key, header)


class _Repairs(click.ParamType[tuple[str, ...]]):
    """Repairs with commas between them."""

    name = "repairs"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:  # noqa: ANN401
        from geo.errors import LayerError  # noqa: PLC0415 - help must not wait for it
        from geo.layers.repair import refuse_unknown  # noqa: PLC0415

        words = value if isinstance(value, tuple) else tuple(filter(None, map(str.strip, str(value).split(","))))
        try:
            refuse_unknown(words)
        except LayerError as error:
            self.fail(str(error), param, ctx)
        return words


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
        type=_Pair(),
        multiple=True,
        help="Polygons or mobile cells of a technology; TECHNOLOGY=@COLUMN for a column of the villages. Repeatable.",
    ),
    click.option(
        "--column",
        metavar="LAYER.COLUMN=HEADER",
        type=_ColumnOf(),
        multiple=True,
        help="Header to read a column from, as villages.population=POP_19. Repeatable.",
    ),
    click.option(
        "--crs", metavar="CRS", help="Coordinate system of sources that have none, as EPSG:9217 or vn2000:ninh-thuan."
    ),
    click.option("--area-km2", metavar="KM2", type=_Number(), help="Official area of the whole."),
    click.option("--population", metavar="PEOPLE", type=_Number(), help="Official population of the whole."),
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
        type=_Repairs(),
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


def output(*, required: bool = True, example: str) -> Callable[[Command], Command]:
    """Declare ``-o/--output``."""
    return click.option("-o", "--output", type=PATH, metavar="FILE", required=required, help=example)


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
        with progress.shown(given.get("lang", "en"), quiet=quiet):
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


def study_of(asked: Asked) -> Study:
    """
    Give the study that is asked for: a file's, with what the options say in place of what it says.

    Raises
    ------
    UsageError
        Where neither a study nor a layer is named, or an option needs a layer that is not there.
    """
    from geo.results import About  # noqa: PLC0415 - help must not wait for it
    from geo.study import Study  # noqa: PLC0415
    from geo.studyfile import Choices, StudyFile, Totals, read_study_file  # noqa: PLC0415

    if asked.study is not None:
        file = read_study_file(asked.study)
    else:
        if not (asked.villages or asked.points or asked.areas or asked.people):
            msg = "Name a study file, or layers: --villages FILE, --points FILE, --areas FILE."
            raise click.UsageError(msg)
        file = StudyFile(
            about=About(title={"vi": "Bản đồ vùng phục vụ", "en": "Service coverage"}),
            layers={},
            coverage=(),
            totals=Totals(),
            choices=Choices(),
            subscriptions={},
        )
    layers = _layers(asked, file)
    _refuse_idle(asked, file, layers)
    return Study(
        file=replace(
            file,
            layers=layers,
            coverage=_coverage(asked, file),
            people=_people(asked, file),
            totals=_totals(asked, file.totals),
            choices=_choices(asked, file.choices),
        )
    )


def _layers(asked: Asked, file: StudyFile) -> Any:  # noqa: ANN401 - a mapping of the file's own kind
    layers = dict(file.layers)
    for kind in ("villages", "points", "areas"):
        if (name := getattr(asked, kind)) is not None:
            layers[kind] = _source(name, asked)
        if kind in layers:
            columns = {key: header for layer, key, header in asked.column if layer == kind}
            if kind == "areas" and asked.area_name is not None:
                columns["name"] = asked.area_name
            named = layers[kind]
            words = {"points": asked.tag, "areas": asked.admin_level}.get(kind)
            named = _chosen(named, kind, words) if words else named
            layers[kind] = replace(named, columns={**named.columns, **columns}, crs=asked.crs or named.crs)
    return layers


def _chosen(named: LayerSource, kind: str, words: tuple[str, ...]) -> LayerSource:
    """Name the same extract of OpenStreetMap with what an option chooses from it."""
    from geo.layers.osm.naming import with_choice  # noqa: PLC0415

    file, shown = (with_choice(str(name), kind, words) for name in (named.file, named.shown))
    return replace(named, file=Path(file), shown=shown)


def _refuse_idle(asked: Asked, file: StudyFile, layers: Any) -> None:  # noqa: ANN401
    """Refuse an option that could do nothing: it needs a layer that is not given."""
    given = {*layers, *(["coverage"] if asked.coverage or file.coverage else [])}
    given |= {"people"} if asked.people or file.people else set()
    needs = {f"--column {layer}.{key}": {layer} for layer, key, _ in asked.column}
    needs |= {"--area-name": {"areas"}} if asked.area_name else {}
    needs |= {"--clip": {"areas"}} if asked.clip else {}
    needs |= {"--kind": {"points"}} if asked.kind else {}
    needs |= {"--tag": {"points"}} if asked.tag else {}
    needs |= {"--admin-level": {"areas"}} if asked.admin_level else {}
    needs |= {"--within": {"points", "people" if "people" in given else "villages"}} if asked.within else {}
    needs |= {"--people-unit": {"people"}} if asked.people_unit else {}
    needs |= {"--covered-when": {"villages", "coverage"}} if asked.covered_when else {}
    needs |= {"--cell-range-km": {"coverage"}} if asked.cell_range_km is not None else {}
    for option, layers_needed in needs.items():
        if missing := layers_needed - given:
            msg = f"{option} needs {' and '.join(sorted(layers_needed))}, and no layer of {min(missing)} is given."
            raise click.UsageError(msg)


def _source(name: str, asked: Asked) -> LayerSource:
    from geo.layers.database import is_database, without_password  # noqa: PLC0415
    from geo.layers.whereabouts import is_special  # noqa: PLC0415
    from geo.studyfile import LayerSource  # noqa: PLC0415

    file = name if is_database(name) or is_special(name) else Path(name)
    return LayerSource(file=file, shown=without_password(name), crs=asked.crs)


def _coverage(asked: Asked, file: StudyFile) -> tuple[CoverageSource, ...]:
    """Give the file's coverage, each technology that is named by an option replaced by the options'."""
    from geo.studyfile import CoverageSource  # noqa: PLC0415

    columns = {key: header for layer, key, header in asked.column if layer == "coverage"}
    named = []
    for technology, source in asked.coverage:
        if source.startswith("@"):
            named.append(CoverageSource(technology=technology, column=source[1:]))
        else:
            layer = replace(_source(source, asked), columns=columns)
            named.append(CoverageSource(technology=technology, source=layer))
    replaced = {_technology(one.technology) for one in named}
    kept = [_with_options(one, asked, columns) for one in file.coverage if _technology(one.technology) not in replaced]
    return (*kept, *named)


def _people(asked: Asked, file: StudyFile) -> PeopleSource | None:
    from geo.studyfile import PeopleSource  # noqa: PLC0415

    people = file.people
    if asked.people:
        named = PeopleSource(files=tuple(map(Path, asked.people)), shown=asked.people)
        people = replace(named, rescale=people is not None and people.rescale)
    return people and replace(people, unit=asked.people_unit or people.unit, crs=asked.crs or people.crs)


def _technology(name: str) -> str:
    from geo.layers.technology import technology_name  # noqa: PLC0415

    return technology_name(name) or name


def _with_options(one: CoverageSource, asked: Asked, columns: dict[str, str]) -> CoverageSource:
    if one.source is None:
        return one
    layer = one.source
    return replace(one, source=replace(layer, columns={**layer.columns, **columns}, crs=asked.crs or layer.crs))


def _totals(asked: Asked, totals: Totals) -> Totals:
    if asked.area_km2 is not None:
        totals = replace(totals, area_km2=asked.area_km2)
    if asked.population is not None:
        told = {"vi": "--population", "en": "--population"}
        totals = replace(totals, population=asked.population, population_basis=told)
    return totals


def _choices(asked: Asked, choices: Choices) -> Choices:
    when = asked.covered_when
    return replace(
        choices,
        within_km=tuple(dict.fromkeys(asked.within)) or choices.within_km,
        kinds=asked.kind or choices.kinds,
        cell_range_km=choices.cell_range_km if asked.cell_range_km is None else asked.cell_range_km,
        covered_when=choices.covered_when if when is None else _when(when),
        clip=asked.clip or choices.clip,
        repair=asked.repair or choices.repair,
    )


def _when(text: str) -> float | Literal["centre", "any"]:
    if text in ("centre", "any"):
        return text  # type: ignore[return-value] # one of the two
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        msg = f"--covered-when {text}: should be centre, any, or a share above 0 and up to 1."
        raise click.UsageError(msg)
    return share
