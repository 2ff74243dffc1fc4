"""Files to read, made on the spot, and two square areas that a person can check on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely

from geo.layers.check import check_layers
from geo.layers.layer import Reading, read_layer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def write(tmp_path):
    """Put a text (UTF-8) or bytes into a file, and give its path."""

    def put(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put


@pytest.fixture
def read(write):
    """Read a text as a layer, as if it stood in a file."""

    def made(kind, text, name="table.csv", **reading):
        return read_layer(kind, write(name, text), Reading(**reading))

    return made


@pytest.fixture
def squares(tmp_path):
    """Write two areas of one by one degree that share the meridian 105.5, ids 1 and 2; or of other polygons."""

    def made(*polygons: shapely.Polygon, ids=None):
        shapes = polygons or (shapely.box(104.5, 20, 105.5, 21), shapely.box(105.5, 20, 106.5, 21))
        path = tmp_path / "areas.geojson"
        codes = ids or [str(number) for number in range(1, len(shapes) + 1)]
        gpd.GeoDataFrame({"code": codes}, geometry=list(shapes), crs=4326).to_file(path)
        return read_layer("areas", path)

    return made


@pytest.fixture
def faults(read, squares):
    """Check villages and points given as text, with the areas or without; findings by layer and fault."""

    def found(*, villages=None, points=None, areas=None):
        layers = {}
        for kind, text in (("villages", villages), ("points", points)):
            if text is not None:
                layers[kind] = read(kind, text, f"{kind}.csv")
        if areas is not None:
            layers["areas"] = squares() if areas is True else areas
        return {(finding.layer, finding.fault): finding for finding in check_layers(layers)}

    return found
