"""
Make the layers of the reconstructed study "Ninh Thuận 2019" from the facts: `python make_layers.py [FOLDER]`.

Everything written here is made up, except names, census populations, sizes and centres of the communes. One seed
for all: the same facts give the same bytes. The layers land beside this script unless a folder is named.
"""

import json
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from make_areas import make_areas
from make_coverage import make_coverage
from make_places import grounds, make_points, make_villages

HERE = Path(__file__).parent
SEED = 7  # picked by eye: every centre lies in its commune and the coast looks like one
OFFICIAL_KM2 = 3_358.0
VILLAGE_COLUMNS = ["village_id", "name", "commune", "district", "population", "fibre", "lon", "lat"]
POINT_COLUMNS = ["point_id", "name", "kind", "commune", "district", "lon", "lat"]


def main(folder: Path) -> None:
    """Write villages, points, areas and coverage into `folder`."""
    communes = pd.read_csv(HERE / "facts" / "communes.csv")
    rng = np.random.default_rng(SEED)
    centres = communes[["lon", "lat"]].to_numpy()
    polygons = make_areas(centres, communes["area_km2"].to_numpy(), rng, OFFICIAL_KM2)
    ground = grounds(communes, polygons)
    villages = make_villages(communes, ground, rng)
    points = make_points(communes, villages, ground, rng)
    footprints = make_coverage(villages, polygons, rng)
    areas = gpd.GeoDataFrame(communes[["code", "commune", "district"]], geometry=polygons, crs="EPSG:4326")
    folder.mkdir(parents=True, exist_ok=True)
    write_table(villages[VILLAGE_COLUMNS], folder / "villages.csv")
    write_table(points[POINT_COLUMNS], folder / "points.csv")
    write_geojson(areas, folder / "areas.geojson")
    write_geojson(footprints, folder / "coverage.geojson")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as UTF-8, with the same line ends on every system."""
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8", float_format="%.5f")


def write_geojson(layer: gpd.GeoDataFrame, path: Path) -> None:
    """Write a layer in WGS84 by RFC 7946, one feature per line."""
    names = layer.columns.drop("geometry")
    lines = [
        json.dumps(
            {
                "type": "Feature",
                "properties": dict(zip(names, values, strict=True)),
                "geometry": json.loads(shapely.to_geojson(shape)),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for values, shape in zip(layer[names].itertuples(index=False), layer.geometry, strict=True)
    ]
    body = ",\n".join(lines)
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n', encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
