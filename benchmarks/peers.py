"""The same villages drawn by plain Folium: one GeoJson layer, and FastMarkerCluster; their scripts made local."""

from __future__ import annotations

import io
import re
import tarfile
import urllib.request
from importlib import resources
from typing import TYPE_CHECKING

import folium
import folium.plugins

if TYPE_CHECKING:
    from pathlib import Path

    from geo.study.results import Results

CLUSTER = "leaflet.markercluster-1.5.3"
_REGISTRY = f"https://registry.npmjs.org/leaflet.markercluster/-/{CLUSTER}.tgz"
_CALLBACK = """function (row) {
  const text = document.createElement("b");
  text.textContent = row[2];
  return L.circleMarker([row[0], row[1]], { radius: 3 }).bindPopup(text);
}"""


def geojson(results: Results, path: Path) -> None:
    """Save a page with one GeoJson layer of circle markers on a canvas, with a tooltip."""
    page = _page()
    villages = results.villages[["name", "population", "distance_km", "geometry"]]
    folium.GeoJson(
        villages,
        marker=folium.CircleMarker(radius=3, weight=1, fill=True),
        tooltip=folium.GeoJsonTooltip(["name", "population", "distance_km"]),
    ).add_to(page)
    _save(page, path, {})


def cluster(results: Results, path: Path, scripts: dict[str, str]) -> None:
    """Save a page with a FastMarkerCluster of circle markers, with a popup."""
    page = _page()
    rows = results.villages[["lat", "lon", "name"]].to_numpy().tolist()
    folium.plugins.FastMarkerCluster(rows, callback=_CALLBACK).add_to(page)
    _save(page, path, scripts)


def cluster_scripts() -> dict[str, str]:
    """Fetch markercluster from the npm registry, to be kept in memory alone; OSError without a network."""
    with urllib.request.urlopen(_REGISTRY, timeout=30) as answer:
        package = answer.read()
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        names = {
            "leaflet.markercluster.js": "package/dist/leaflet.markercluster.js",
            "MarkerCluster.css": "package/dist/MarkerCluster.css",
            "MarkerCluster.Default.css": "package/dist/MarkerCluster.Default.css",
        }
        files = {name: archive.extractfile(inside) for name, inside in names.items()}
        return {name: file.read().decode() for name, file in files.items() if file is not None}


def _page() -> folium.Map:
    return folium.Map([16, 106], zoom_start=6, tiles=None, prefer_canvas=True, maxZoom=18)


def _save(page: folium.Map, path: Path, scripts: dict[str, str]) -> None:
    """Put the scripts that are known into the page and leave the others out: they draw nothing here."""
    folder = resources.files("xstatic.pkg.leaflet").joinpath("data")
    known = {name: folder.joinpath(name).read_text("utf-8") for name in ("leaflet.js", "leaflet.css")} | scripts

    def script(found: re.Match[str]) -> str:
        return f"<script>{known.get(found[1].rsplit('/', 1)[-1], '')}</script>"

    def style(found: re.Match[str]) -> str:
        return f"<style>{known.get(found[1].rsplit('/', 1)[-1], '')}</style>"

    text = page.get_root().render()
    text = re.sub(r'<script src="([^"]+)"></script>', script, text)
    path.write_text(re.sub(r'<link rel="stylesheet" href="([^"]+)"\s*/>', style, text), "utf-8")
