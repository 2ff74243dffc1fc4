"""`geo nearest`: the nearest point of each village."""

from __future__ import annotations

import logging
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geo import messages
from geo.cli import options, told

if TYPE_CHECKING:
    from geo.figures import Finding
    from geo.scale.nearest import Outcome, Run

_OF_PEOPLE = {"no_population_column", "missing_population", "negative_population", "shared_population"}


@click.command("nearest")
@click.argument("villages")
@click.argument("points")
@click.option(
    "--crs", metavar="CRS", help="Coordinate system of sources that have none, as EPSG:9217 or vn2000:ninh-thuan."
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Compute on the workers of a Dask cluster, as tcp://10.0.0.1:8786; from Parquet to Parquet only.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    help="The villages' own columns, point_id and distance_km; the format by the file's name.",
)
@options.overwrite
@options.language
@options.talk
def command(  # noqa: PLR0913 - one per option
    villages: str,
    points: str,
    *,
    crs: str | None,
    scheduler: str | None,
    output: str,
    overwrite: bool,
    lang: str,
) -> None:
    """
    Find the nearest point of each village: exact geodesic distance on WGS84, ties to the lowest point id.

    Writes the villages' own columns, point_id and distance_km (.gpkg, .geojson, .fgb, .parquet, .csv, .tsv, .xlsx, or a
    table of PostGIS, as postgresql://user@host/database::schema.table).
    Rows without a place keep their line, with no point and no distance. From Parquet to Parquet, villages of any
    number are read and written piece by piece.

    \b
    Examples:
      geo nearest data/ninh-thuan/villages.csv data/ninh-thuan/points.csv -o nearest.gpkg
      geo nearest villages.parquet points.parquet -o nearest.parquet --scheduler tcp://10.0.0.1:8786
    """
    from geo.layers.database import without_password  # noqa: PLC0415 - help must not wait for it
    from geo.layers.write import refuse_unknown_format  # noqa: PLC0415
    from geo.scale.nearest import HELD_ROWS, Run, rows_in_pieces  # noqa: PLC0415

    refuse_unknown_format(output)
    run = Run(crs=crs, scheduler=scheduler, overwrite=overwrite)
    shown = without_password(output)
    rows = rows_in_pieces(villages, output, crs)
    if scheduler is not None and rows is None:
        msg = (
            f"--scheduler goes from Parquet to Parquet: GeoParquet in WKB, or coordinates in columns of numbers. "
            f"{without_password(villages)} to {shown} does not; leave --scheduler out, or name others."
        )
        raise click.UsageError(msg)
    if rows is not None and (scheduler is not None or rows > HELD_ROWS):
        done = _in_pieces(villages, points, output, run, rows)
    else:
        done = _at_once(villages, points, output, run)
    told.talk_findings(
        [finding for finding in done.findings if not _of_people(finding, done)],
        done.layers,
        lang,
        effect=_effect,
        check=_check(villages, points, crs),
    )
    click.echo(shown)
    told.refuse_idle(done.layers)


def _of_people(finding: Finding, done: Outcome) -> bool:
    """Tell what is said of people alone: no distance depends on them."""
    headers = {one.people for one in done.layers if one.layer == finding.layer}
    unread = finding.fault == "unreadable_number" and finding.values["column"] in headers
    return unread or finding.fault in _OF_PEOPLE


def _effect(finding: Finding, language: str) -> str:
    """Say what a finding does to the nearest points, and what mends it here: there are no figures, and no repairs."""
    said = messages.group("near", language)
    keys = [f"{finding.layer}_{finding.fault}", finding.fault]
    keys += [f"{finding.layer}_left_out"] if finding.left_out else []
    key = next((key for key in keys if key in said), None)
    return finding.effect(language) if key is None else messages.text(f"near.{key}", language, **finding.values)


def _check(villages: str, points: str, crs: str | None) -> str:
    """Give the command that tells every row of the same layers."""
    from geo.layers.database import without_password  # noqa: PLC0415 - help must not wait for it

    named = ["--villages", without_password(villages), "--points", without_password(points)]
    return shlex.join(["geo", "check", *named, *(["--crs", crs] if crs else [])])


def _at_once(villages: str, points: str, output: str, run: Run) -> Outcome:
    from geo.layers.check import check_layers, usable  # noqa: PLC0415
    from geo.layers.layer import Reading, read_layer  # noqa: PLC0415
    from geo.layers.write import write_layer  # noqa: PLC0415
    from geo.measure.access import with_nearest  # noqa: PLC0415
    from geo.scale.nearest import Counted, Outcome  # noqa: PLC0415

    layers = {
        "villages": read_layer("villages", villages, Reading(crs=run.crs)),
        "points": read_layer("points", points, Reading(crs=run.crs)),
    }
    findings = check_layers(layers)
    known = {name: usable(name, layer, findings) for name, layer in layers.items()}
    near = with_nearest(layers["villages"].own, known["villages"], known["points"])
    write_layer(near, output, overwrite=run.overwrite)
    counted = (
        Counted(
            layer=name,
            file=layer.file,
            rows=len(layer.table),
            used=len(known[name]),
            people=layer.columns.get("population"),
        )
        for name, layer in layers.items()
    )
    return Outcome(findings=tuple(findings), layers=tuple(counted))


def _in_pieces(villages: str, points: str, output: str, run: Run, rows: int) -> Outcome:
    from geo.scale.nearest import nearest_in_file  # noqa: PLC0415

    hidden = not sys.stderr.isatty() or not logging.getLogger().isEnabledFor(logging.WARNING)
    if hidden:
        return nearest_in_file(villages, points, Path(output), run)
    with click.progressbar(length=2 * rows, label="nearest", file=sys.stderr) as bar:
        return nearest_in_file(villages, points, Path(output), replace(run, progress=bar.update))
