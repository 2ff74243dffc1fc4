import logging

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import LayerError
from geo.layers.files.shapes import curved, fitting

POINT, OTHER = shapely.Point(105, 20), shapely.Point(106, 21)
SQUARE, FAR = shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)
LINE = shapely.LineString([(0, 0), (1, 1)])


def fit(kind, *geometry):
    made = np.array(geometry, dtype=object)
    return fitting(kind, made, pd.RangeIndex(7, 7 + len(made)), "v.gpkg")


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("points", shapely.MultiPoint([POINT]), POINT),
        ("points", shapely.GeometryCollection([POINT]), POINT),
        ("villages", shapely.GeometryCollection([shapely.GeometryCollection([SQUARE])]), SQUARE),
        (
            "areas",
            shapely.GeometryCollection([SQUARE, shapely.MultiPolygon([FAR])]),
            shapely.MultiPolygon([SQUARE, FAR]),
        ),
        ("points", shapely.Point(1, 2, 700), shapely.Point(1, 2)),
        ("points", shapely.from_wkt("POINT ZM(1 2 3 4)"), shapely.Point(1, 2)),
        ("points", shapely.Point(np.nan, 2), None),
        ("points", shapely.Point(), None),
    ],
)
def test_a_collection_that_holds_what_counts_alone_becomes_it_without_a_word(kind, before, after):
    geometry, findings = fit(kind, before)
    assert geometry.tolist() == [after]
    assert findings == ()


def test_what_else_a_collection_holds_is_told():
    geometry, (finding,) = fit("areas", SQUARE, shapely.GeometryCollection([FAR, LINE, POINT]))
    assert geometry.tolist() == [SQUARE, FAR]
    assert (finding.fault, finding.rows, finding.left_out) == ("reduced_collection", (8,), False)
    assert "1" in finding.text("en")
    assert "1" in finding.text("vi")


def test_a_row_of_another_kind_among_right_ones_is_left_out_and_told():
    geometry, (finding,) = fit("points", POINT, LINE, OTHER, None)
    assert geometry.tolist() == [POINT, None, OTHER, None]
    assert (finding.fault, finding.rows, finding.left_out) == ("other_geometry", (8,), True)
    assert "linestring" in finding.text("en")


def test_several_points_in_one_row_are_no_place():
    geometry, (finding,) = fit("villages", shapely.MultiPoint([POINT, OTHER]), POINT)
    assert (geometry.tolist(), finding.rows) == ([None, POINT], (7,))


def test_a_layer_that_is_mostly_of_another_kind_is_refused():
    with pytest.raises(LayerError, match=r"v\.gpkg: cells are point, and 2 rows are not \(row 8 is a linestring\)"):
        fit("cells", POINT, LINE, SQUARE)


def test_curves_are_told_wherever_they_are(caplog):
    with caplog.at_level(logging.DEBUG):
        made = shapely.from_wkt(
            ["POINT(0 0)", "GEOMETRYCOLLECTION(POINT(1 1),GEOMETRYCOLLECTION(LINESTRING(0 0,1 1)))"]
        )
    assert curved(made).tolist() == [False, False]
