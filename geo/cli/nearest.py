"""`geo nearest`: the nearest point of each village."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from geo.cli import options

if TYPE_CHECKING:
    from pathlib import Path


@click.command("nearest")
@click.argument("villages")
@click.argument("points")
@click.option("--crs", metavar="CRS", help="Coordinate system of sources that have none, as EPSG:9217.")
@options.output(example="The villages' own columns, point_id and distance_km; the format by the file's name.")
@options.overwrite
@options.language
@options.talk
def command(  # noqa: PLR0913 - one per option
    villages: str, points: str, *, crs: str | None, output: Path, overwrite: bool, lang: str
) -> None:
    """
    Find the nearest point of each village: exact geodesic distance on WGS84, ties to the lowest point id.

    Writes the villages' own columns, point_id and distance_km (.gpkg, .geojson, .fgb, .parquet, .csv, .tsv, .xlsx).
    Rows without a place keep their line, with no point and no distance.

    \b
    Example:
      geo nearest data/ninh-thuan/villages.csv data/ninh-thuan/points.csv -o nearest.gpkg
    """
    from geo.layers.check import check_layers, usable  # noqa: PLC0415 - help must not wait for it
    from geo.layers.layer import Reading, read_layer  # noqa: PLC0415
    from geo.layers.write import write_layer  # noqa: PLC0415
    from geo.measure.access import with_nearest  # noqa: PLC0415

    layers = {
        "villages": read_layer("villages", villages, Reading(crs=crs)),
        "points": read_layer("points", points, Reading(crs=crs)),
    }
    findings = check_layers(layers)
    near = with_nearest(
        layers["villages"].own,
        usable("villages", layers["villages"], findings),
        usable("points", layers["points"], findings),
    )
    write_layer(near, output, overwrite=overwrite)
    for finding in findings:
        click.echo(f"{finding.text(lang)}: {finding.effect(lang)}", err=True)
    click.echo(str(output))
