"""The study that the options of a command ask for: a file's, with what they say in place of what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from geo.errors import StudyError

if TYPE_CHECKING:
    from geo.cli.options import Asked
    from geo.study.file import Choices, CoverageSource, LayerSource, PeopleSource, StudyFile, Totals
    from geo.study.study import Study


def study_of(asked: Asked, *, points_come: bool = False, statements_do: bool = False) -> Study:
    """
    Give the study that is asked for: a file's, with what the options say in place of what it says.

    Where `points_come`, as by a plan, a distance limit has a meaning without a layer of points. Where `statements_do`,
    published figures are held against each other without any layer.

    Raises
    ------
    UsageError
        Where neither a study nor a layer is named, or an option needs a layer that is not there.
    StudyError
        Where the study names no layer.
    """
    from geo.judge.stated import Published  # noqa: PLC0415 - help must not wait for it
    from geo.study.file import Choices, StudyFile, Totals, read_study_file  # noqa: PLC0415
    from geo.study.results import About  # noqa: PLC0415
    from geo.study.study import Study  # noqa: PLC0415

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
    study = replace(
        file,
        layers=_layers(asked, file),
        coverage=_coverage(asked, file),
        people=_people(asked, file),
        totals=_totals(asked, file.totals),
        choices=_choices(asked, file.choices),
    )
    if not (statements_do and file.published != Published()):
        _refuse_without_layers(asked, study)
    _refuse_idle(asked, file, study.layers, points_come=points_come)
    return Study(file=study)


def _refuse_without_layers(asked: Asked, study: StudyFile) -> None:
    """Refuse a study of nothing: no fault would be found in it, and no figure; subscriptions give one by themselves."""
    if study.layers or study.people or study.subscriptions or any(one.source for one in study.coverage):
        return
    msg = (
        f'{asked.study} names no layer. Write under a line [villages] the line file = "villages.csv", and so for '
        f"[points] and [areas]; or name one here: --villages FILE."
    )
    raise StudyError(msg)


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


def _refuse_idle(asked: Asked, file: StudyFile, layers: Any, *, points_come: bool) -> None:  # noqa: ANN401
    """Refuse an option that could do nothing: it needs a layer that is not given."""
    given = {*layers, *(["coverage"] if asked.coverage or file.coverage else [])}
    given |= {"people"} if asked.people or file.people else set()
    needs = {f"--column {layer}.{key}": {layer} for layer, key, _ in asked.column}
    needs |= {"--area-name": {"areas"}} if asked.area_name else {}
    needs |= {"--clip": {"areas"}} if asked.clip else {}
    needs |= {"--kind": {"points"}} if asked.kind else {}
    needs |= {"--tag": {"points"}} if asked.tag else {}
    needs |= {"--admin-level": {"areas"}} if asked.admin_level else {}
    ends = set() if points_come else {"points"}
    needs |= {"--within": {*ends, "people" if "people" in given else "villages"}} if asked.within else {}
    needs |= {"--people-unit": {"people"}} if asked.people_unit else {}
    needs |= {"--covered-when": {"villages", "coverage"}} if asked.covered_when else {}
    needs |= {"--cell-range-km": {"coverage"}} if asked.cell_range_km is not None else {}
    for option, layers_needed in needs.items():
        if missing := layers_needed - given:
            msg = f"{option} needs {' and '.join(sorted(layers_needed))}, and no layer of {min(missing)} is given."
            raise click.UsageError(msg)


def _source(name: str, asked: Asked) -> LayerSource:
    from geo.layers.database import is_database, without_password  # noqa: PLC0415
    from geo.layers.files.whereabouts import is_special  # noqa: PLC0415
    from geo.study.file import LayerSource  # noqa: PLC0415

    file = name if is_database(name) or is_special(name) else Path(name)
    return LayerSource(file=file, shown=without_password(name), crs=asked.crs)


def _coverage(asked: Asked, file: StudyFile) -> tuple[CoverageSource, ...]:
    """Give the file's coverage, each technology that is named by an option replaced by the options'."""
    from geo.study.file import CoverageSource  # noqa: PLC0415

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
    from geo.study.file import PeopleSource  # noqa: PLC0415

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
