"""Coverage figures that can be signed, and the map that shows them; public names are handed on when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo.draw.webmap import draw_map as draw_map
    from geo.errors import CRSError as CRSError
    from geo.errors import FigureError as FigureError
    from geo.errors import GeoError as GeoError
    from geo.errors import LayerError as LayerError
    from geo.errors import OutputError as OutputError
    from geo.errors import StudyError as StudyError
    from geo.figures import Figure as Figure
    from geo.figures import Finding as Finding
    from geo.layers.contract import recognise as recognise
    from geo.layers.names.join import Joined as Joined
    from geo.layers.names.join import join_by_name as join_by_name
    from geo.layers.script import read_areas as read_areas
    from geo.layers.script import read_cells as read_cells
    from geo.layers.script import read_footprints as read_footprints
    from geo.layers.script import read_points as read_points
    from geo.layers.script import read_villages as read_villages
    from geo.measure.access import ShareWithin as ShareWithin
    from geo.measure.access import nearest_point as nearest_point
    from geo.measure.access import share_within as share_within
    from geo.measure.catchment import catchment_polygons as catchment_polygons
    from geo.measure.catchment import people_per_place as people_per_place
    from geo.measure.coverage import is_covered as is_covered
    from geo.measure.disc_area import discs_area_km2 as discs_area_km2
    from geo.measure.geodesic import area_km2 as area_km2
    from geo.measure.geodesic import distance_m as distance_m
    from geo.measure.reducers import mean_service_radius as mean_service_radius
    from geo.plan.answer import Answer as Answer
    from geo.plan.least_loss import least_loss as least_loss
    from geo.plan.max_cover import max_cover as max_cover
    from geo.plan.p_center import p_center as p_center
    from geo.plan.p_median import p_median as p_median
    from geo.plan.pairs import Pairs as Pairs
    from geo.plan.pairs import pairs_between as pairs_between
    from geo.plan.pairs import pairs_of as pairs_of
    from geo.plan.problem import Problem as Problem
    from geo.plan.set_cover import set_cover as set_cover
    from geo.plan.until import Until as Until
    from geo.study.results import Results as Results
    from geo.study.study import Study as Study

_ROOMS = {
    "geo.draw.webmap": ("draw_map",),
    "geo.errors": ("CRSError", "FigureError", "GeoError", "LayerError", "OutputError", "StudyError"),
    "geo.figures": ("Figure", "Finding"),
    "geo.layers.contract": ("recognise",),
    "geo.layers.names.join": ("Joined", "join_by_name"),
    "geo.layers.script": ("read_areas", "read_cells", "read_footprints", "read_points", "read_villages"),
    "geo.measure.access": ("ShareWithin", "nearest_point", "share_within"),
    "geo.measure.catchment": ("catchment_polygons", "people_per_place"),
    "geo.measure.coverage": ("is_covered",),
    "geo.measure.disc_area": ("discs_area_km2",),
    "geo.measure.geodesic": ("area_km2", "distance_m"),
    "geo.measure.reducers": ("mean_service_radius",),
    "geo.plan.answer": ("Answer",),
    "geo.plan.least_loss": ("least_loss",),
    "geo.plan.max_cover": ("max_cover",),
    "geo.plan.p_center": ("p_center",),
    "geo.plan.p_median": ("p_median",),
    "geo.plan.pairs": ("Pairs", "pairs_between", "pairs_of"),
    "geo.plan.problem": ("Problem",),
    "geo.plan.set_cover": ("set_cover",),
    "geo.plan.until": ("Until",),
    "geo.study.results": ("Results",),
    "geo.study.study": ("Study",),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Hand a public name on from the room where it lives, importing that room now."""
    if name not in _ROOM_OF:
        msg = f"module 'geo' has no attribute '{name}'"
        raise AttributeError(msg)
    return getattr(import_module(_ROOM_OF[name]), name)


def __dir__() -> list[str]:
    """List the public names without importing their rooms."""
    return sorted([*_ROOM_OF, "__version__"])
