"""The faults that leave rows out of the figures, the repair that mends each, and the finding of rows under a mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.figures import Finding

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np

CHOSEN = frozenset({"other_kind", "clipped"})
LEFT_OUT = frozenset(
    {
        "missing_coordinates",
        "empty_geometry",
        "zero_coordinates",
        "impossible_coordinates",
        "swapped_coordinates",
        "swapped_metres",
        "swapped_areas",
        "wrong_longitude_sign",
        "wrong_latitude_sign",
        "wrong_signs",
        "wrong_zone",
        "stray_zone",
        "named_zone",
        "minutes_as_decimals",
        "misplaced",
        "unknown_technology",
        "missing_range",
        "other_kind",
        "clipped",
    }
)
# Rows that hold a total or a note, or were deleted, are not among those of the layer, and would not count if mended.
NO_PLACES = frozenset({"footer_rows", "deleted_rows"})
MENDED_BY = {
    "swapped_coordinates": "swapped",
    "swapped_metres": "swapped",
    "swapped_areas": "swapped",
    "wrong_longitude_sign": "sign",
    "wrong_latitude_sign": "sign",
    "wrong_signs": "sign",
    "wrong_zone": "zone",
    "stray_zone": "zone",
    "named_zone": "zone",
    "minutes_as_decimals": "minutes",
    "datum_shift_missing": "vn2000",
    "perhaps_slipped": "doubtful",
}
_ID_COLUMNS = {"villages": "village_id", "points": "point_id", "areas": "area_id", "coverage": "cell_id"}


def find(name: str, fault: str, table: gpd.GeoDataFrame, mask: np.ndarray, **values: object) -> list[Finding]:
    """Make one finding of the rows under the mask, or none where there are none."""
    if not mask.any():
        return []
    rows = table[mask]
    column = _ID_COLUMNS.get(name.partition(".")[0])
    return [
        Finding(
            layer=name,
            fault=fault,
            rows=tuple(int(row) for row in rows.index),
            ids=tuple(rows[column].astype(str)) if column in rows else (),
            values=values,
            left_out=fault in LEFT_OUT,
            chosen=fault in CHOSEN,
            repair=MENDED_BY.get(fault),
        )
    ]
