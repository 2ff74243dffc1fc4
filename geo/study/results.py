"""What a study gives: the figures, the findings, and the tables of villages, points and areas behind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import geopandas as gpd

    from geo.figures import Figure, Finding


@dataclass(frozen=True, kw_only=True)
class Label:
    """A name that the page must show, at a place: `name` by language, degrees of WGS84."""

    name: Mapping[str, str]
    lon: float
    lat: float


@dataclass(frozen=True, kw_only=True)
class About:
    """What a study says of itself; texts by language (``vi``, ``en``). `issuer` is the body that signs a report."""

    title: Mapping[str, str]
    date: dt.date | None = None
    source: Mapping[str, str] = field(default_factory=dict)
    issuer: Mapping[str, str] = field(default_factory=dict)
    data: Literal["measured", "reconstructed"] = "measured"
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LayerFacts:
    """Where a layer came from and how much of it counts."""

    layer: str
    file: str
    sha256: str | None
    rows: int
    used: int
    crs: str
    columns: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Give the facts as the JSON contract has them."""
        return {
            "layer": self.layer,
            "file": self.file,
            "sha256": self.sha256,
            "rows": self.rows,
            "used": self.used,
            "crs": self.crs,
            "columns": dict(self.columns),
        }


@dataclass(frozen=True, kw_only=True)
class Results:
    """
    What :meth:`geo.Study.run` gives. All tables are in EPSG:4326 and hold the rows that count.

    Attributes
    ----------
    about : About
        Title, date, source and labels of the study.
    layers : tuple of LayerFacts
        The files that the figures rest on.
    figures : tuple of Figure
        The whole territory first, then each group where ``by`` was asked for.
    findings : tuple of Finding
        Faults of the layers.
    villages : GeoDataFrame
        One row per village, on the row numbers of the source: ``village_id``, ``name``, ``population`` (NaN:
        unknown), ``area_id``, ``lon``, ``lat`` (a point on the surface of a polygon), ``point_row`` and ``point_id``
        of the nearest point, ``distance_km``, and one nullable column per technology and operator, ``covered:3G``
        (any operator) and ``covered:3G:NAME``.
    points : GeoDataFrame
        One row per service point: ``point_id``, ``name``, ``kind``, ``area_id``, ``lon``, ``lat``, and of its
        catchment ``place`` (the row of the point with the lowest id on the same spot), ``villages``, ``people``.
    catchments : GeoDataFrame
        One polygon per place, on the place: where it is the nearest, clipped to the areas.
    areas : GeoDataFrame
        One polygon per area, on its id: ``name``, ``parent``, and its measures under the keys that
        :func:`geo.measure.indicators.column_key` makes (``population``, ``people_covered:4G``, ``people_within:3``);
        where some area has no value, ``why:`` and that key hold the reason, and ``numerator:`` and ``denominator:``
        and that key what a share is made of.
    """

    about: About
    layers: tuple[LayerFacts, ...]
    figures: tuple[Figure, ...]
    findings: tuple[Finding, ...]
    villages: gpd.GeoDataFrame
    points: gpd.GeoDataFrame
    catchments: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
