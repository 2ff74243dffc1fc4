"""Turn results into the one document that the browser reads: small things in words, heavy columns packed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import messages
from geo.draw import pack, style
from geo.draw.measures import Measure, by_language, service_name
from geo.draw.services import is_shown, measure_of, services_of, status_of
from geo.draw.shapes import bounds_of, label_places, light_enough, packed_shapes, parents_of
from geo.measure.indicators import WHY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geo.figures import Figure
    from geo.study.results import Results

CARDS = ("population", "points", "people_per_point", "mean_service_radius")
"""The figures that the page opens with, in their order."""

_LENGTHY = (
    "point_locations",
    "nearest_distance_p50",
    "nearest_distance_p75",
    "nearest_distance_p90",
    "nearest_distance_mean_people",
    "nearest_distance_p50_people",
    "nearest_distance_p90_people",
)
"""Measures that colour the map where they are asked for, and stay out of popups and the table."""

_FINDINGS_SHOWN = 30
_CENTIKM = 100

Document = dict[str, object]


def payload(results: Results, *, language: str = "vi") -> Document:
    """
    Give all that the page shows, ready for JSON.

    Figures are those of the results, unrounded, with their rules in both languages. Coordinates are rounded to
    1e-5 degree, distances to 10 m, people of a village to whole ones, measures of areas to seven digits; borders
    are simplified, none of the figures rests on them.

    Parameters
    ----------
    results : Results
        Any of its tables may be empty.
    language : str
        The language that the page opens in, ``"vi"`` or ``"en"``.

    Returns
    -------
    dict
        Plain values; a packed column is ``{"packed": kind, "count": rows, "data": base64}``.
    """
    services = services_of(results)
    with ThreadPoolExecutor() as threads:
        (outlines, quantum), catchments = threads.map(
            light_enough, (results.areas.geometry, results.catchments.geometry)
        )
    parents, parent = parents_of(results.areas, outlines)
    return {
        "language": language,
        "refusal": " / ".join(messages.text("page.old_browser", name) for name in messages.LANGUAGES),
        "words": pack.records(_words()),
        "about": _about(results),
        "bounds": bounds_of(results),
        "figures": pack.records([figure_document(figure) for figure in results.figures if is_shown(figure)]),
        "cards": {card: by_language(Measure(indicator=card).label) for card in CARDS},
        "services": pack.records([_service(service, results) for service in services]),
        "measures": measures(results.areas),
        "areas": _areas(results.areas, parent) | {"shape": packed_shapes(outlines, quantum)},
        "parents": parents,
        "villages": _villages(results, services),
        "points": _points(results),
        "catchments": {
            "count": len(results.catchments),
            "shape": packed_shapes(*catchments),
        },
    }


_WORDS = {
    "texts": "page",
    "units": "page_unit",
    "bases": "page_basis",
    "kinds": "page_kind",
    "accounts": "basis",
    "operators": "page_operator",
}
"""Groups of the catalogue by the name that the browser knows them by."""


def _words() -> Document:
    return {
        ours: {language: messages.group(theirs, language) for language in messages.LANGUAGES}
        for ours, theirs in _WORDS.items()
    }


def _about(results: Results) -> Document:
    about = results.about
    return {
        "title": both(about.title),
        "source": both(about.source),
        "date": None if about.date is None else about.date.isoformat(),
        "reconstructed": about.data == "reconstructed",
        "labels": [{"name": both(label.name), "lon": label.lon, "lat": label.lat} for label in about.labels],
        "layers": [
            {
                "name": by_language(partial(_layer_name, layer.layer)),
                "file": layer.file,
                "rows": layer.rows,
                "used": layer.used,
            }
            for layer in results.layers
        ],
        "findings": [by_language(finding.text) for finding in results.findings[:_FINDINGS_SHOWN]],
        "finding_count": len(results.findings),
    }


def both(texts: Mapping[str, str]) -> dict[str, str]:
    """Give a study's text in both languages; given in one alone, the other says the same."""
    some = next(iter(texts.values()), "")
    return {language: texts.get(language, some) for language in messages.LANGUAGES}


def _layer_name(key: str, language: str) -> str:
    layer, _, technology = key.partition(".")
    name = messages.group("layer", language).get(layer, layer)
    return f"{name}, {technology}" if technology else name


def figure_document(figure: Figure) -> Document:
    """Give a figure with its parts, its rule and what it rests on."""
    reason = None if figure.reason is None else by_language(lambda name: figure.reason_text(name) or "")
    return {
        **measure_of(figure).as_dict(),
        "value": figure.value,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "basis": figure.basis,
        "named": str(figure.rule_values.get("name", "")).removeprefix(": ") if figure.operator == "best" else "",
        "rule": by_language(figure.rule_text),
        "reason": reason,
    }


def _service(service: Measure, results: Results) -> Document:
    counts = np.bincount(status_of(service, results.villages), minlength=3).tolist()
    return {
        **service.as_dict(),
        "name": by_language(lambda language: service_name(service, language)),
        "counts": counts,
    }


def measures(areas: gpd.GeoDataFrame, like: gpd.GeoDataFrame | None = None) -> Document:
    """Give the measures that areas have, or (also where they have none) those that others have, in the same classes."""
    order = list(messages.group("page_indicator", "en"))
    having = areas if like is None else like
    found = [(column, Measure.of_column(column)) for column in having.columns]
    known = [
        (column, measure)
        for column, measure in found
        if measure and _is_offered(measure) and having[column].notna().any()
    ]
    known.sort(key=lambda pair: order.index(pair[1].indicator))
    values = [areas.get(column, _NOTHING).reindex(areas.index).to_numpy(dtype=float) for column, _ in known]
    classes = [having[column].to_numpy(dtype=float) for column, _ in known]
    told = [_measure(*pair, row) | {"why": _reasons(areas, pair[0])} for pair, row in zip(known, classes, strict=True)]
    return {"told": pack.records(told), "values": [pack.numbers(row) for row in values]}


_NOTHING = pd.Series(dtype="float64")


def _measure(column: str, measure: Measure, values: NDArray[np.float64]) -> Document:
    return {
        **measure.as_dict(),
        "column": column,
        "brief": measure.indicator not in _LENGTHY and measure.operator is None,
        "ramp": style.ramp(measure.indicator),
        "breaks": list(style.breaks(measure.indicator, values)),
    }


def _reasons(areas: gpd.GeoDataFrame, column: str) -> Document | None:
    """Give why areas have no value: the reasons, and for each area which of them (0: it has a value)."""
    keys = areas.get(f"{WHY}{column}")
    if keys is None:
        return None
    found = sorted(keys.dropna().unique())
    texts = [{language: messages.text(f"reason.{key}", language) for language in messages.LANGUAGES} for key in found]
    rows = keys.map({key: number + 1 for number, key in enumerate(found)}).fillna(0).astype(int)
    return {"texts": texts, "rows": rows.tolist()}


def _is_offered(measure: Measure) -> bool:
    # One measure per operator is enough to colour the map by; ten would bury the others in the list.
    return measure.operator is None or measure.indicator == "people_covered"


def _areas(areas: gpd.GeoDataFrame, parent: NDArray[np.int64]) -> Document:
    lon, lat = label_places(areas)
    return {
        "count": len(areas),
        "name": pack.texts(areas["name"]),
        "parent": pack.texts(areas["parent"]),
        "group": pack.integers(parent),
        "lon": pack.degrees(lon),
        "lat": pack.degrees(lat),
    }


def _villages(results: Results, services: list[Measure]) -> Document:
    villages = along_a_curve(results.villages)
    people = villages["population"].to_numpy(dtype=float)
    return {
        "count": len(villages),
        "name": pack.texts(villages["name"]),
        "lon": pack.degrees(villages["lon"]),
        "lat": pack.degrees(villages["lat"]),
        "people": pack.integers(_whole(people)),
        "area": pack.integers(_positions(villages["area_id"], results.areas.index)),
        **access(villages, results.points, services),
    }


def access(villages: gpd.GeoDataFrame, points: gpd.GeoDataFrame, services: list[Measure]) -> Document:
    """Give what points and networks are to villages: how far, which point, and which services reach them."""
    distance = villages["distance_km"].to_numpy(dtype=float)
    return {
        "distance": pack.integers(_whole(distance * _CENTIKM)),
        "point": pack.integers(_positions(villages["point_id"], points["point_id"])),
        "status": [pack.small(status_of(service, villages)) for service in services],
    }


def _points(results: Results) -> Document:
    points = results.points
    return {
        "count": len(points),
        "name": pack.texts(points["name"]),
        "kind": pack.texts(points["kind"]),
        "lon": pack.degrees(points["lon"]),
        "lat": pack.degrees(points["lat"]),
        "area": pack.integers(_positions(points["area_id"], results.areas.index)),
        **served(points, results.catchments),
    }


def served(points: gpd.GeoDataFrame, catchments: gpd.GeoDataFrame) -> Document:
    """Give whom points serve: the catchment of each, and the villages and people there."""
    return {
        "place": pack.integers(_positions(points["place"], catchments.index)),
        "villages": pack.numbers(points["villages"].to_numpy(dtype=float)),
        "people": pack.numbers(points["people"].to_numpy(dtype=float)),
    }


def along_a_curve(villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put villages into the order in which the page holds them."""
    # Neighbours in space become neighbours in the file: their steps are small, and small steps pack well.
    if len(villages) == 0:
        return villages
    places = gpd.GeoSeries.from_xy(villages["lon"], villages["lat"])
    order = np.argsort(places.hilbert_distance().to_numpy(), kind="stable")
    return villages.iloc[order]


def _whole(values: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.where(np.isnan(values), -1, np.rint(values)).astype(np.int64)


def _positions(ids: pd.Series, among: pd.Index | pd.Series) -> NDArray[np.int64]:
    # Of rows that share an id the first one stands for all; -1 is none.
    keys = pd.Index(among)
    first = ~keys.duplicated()
    rows = np.append(np.flatnonzero(first), -1)
    return np.asarray(rows[keys[first].get_indexer(pd.Index(ids))])
