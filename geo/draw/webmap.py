"""Draw the page: a Folium map that saves itself as one file for a double click, network cable out."""

from __future__ import annotations

import os
import re
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import folium
from folium.template import Template

from geo import messages
from geo.draw import basemap as basemaps
from geo.draw import pack, style
from geo.draw.offline import Content, OfflineFigure, without_space
from geo.draw.payload import both, payload
from geo.draw.planned import holes_document, plan_document
from geo.layers.write import write_text
from geo.progress import doing, done

if TYPE_CHECKING:
    from geo.planning.holes import Holes
    from geo.planning.outcome import Outcome
    from geo.study.results import Results

MAP_NAME = "geo_map"
"""The map's variable in the page; layers that are added to the map name it."""

SCRIPTS = (
    "data",
    "dom",
    "words",
    "state",
    "colours",
    "grid",
    "screens",
    "looks",
    "crowd",
    "noplan",
    "marks",
    "names",
    "mosaic",
    "outlines",
    "shapes",
    "tiles",
    "popups",
    "figures",
    "bars",
    "summary",
    "legend",
    "gaps",
    "search",
    "table",
    "sheet",
    "paper",
    "keys",
    "link",
    "main",
)
"""The files of `page/`, in the order in which they build on each other; `boot.js` starts them."""


OF_A_PLAN = ("plan", "planbox", "holes")
"""What stands in the place of `noplan` on the page of a plan or of coverage holes."""

_MARGIN = re.compile(r"^\s*(//.*\n)?", re.MULTILINE)


class CoverageMap(folium.Map):
    """
    The page of a study as a Folium map.

    It takes further Folium layers that need Leaflet alone: GeoJson (points with ``marker=CircleMarker()``), PolyLine,
    Polygon, Rectangle, Circle, CircleMarker, FeatureGroup, and TileLayer, whose host alone the page may then ask for
    pictures. Anything else is refused by name when the page is saved: markers need pictures, plugins need scripts,
    and Folium puts the text of popups and tooltips into the page as markup.
    """

    default_js = [  # noqa: RUF012 - Folium reads class attributes
        pair for pair in folium.Map.default_js if pair[0] == "leaflet"
    ]
    default_css = [  # noqa: RUF012
        pair for pair in folium.Map.default_css if pair[0] == "leaflet_css"
    ]
    # The page's own script makes the map, so that it is the same for every map; Folium has nothing to write.
    _template = Template("")

    def __init__(self, content: Content) -> None:
        super().__init__(tiles=None)
        OfflineFigure(content).add_child(self)

    def get_name(self) -> str:
        """Give the name of the map's variable in the page."""
        return MAP_NAME

    def save(self, outfile: str | os.PathLike[str] | BinaryIO) -> None:  # type: ignore[override]
        """
        Save the page to a path, in place of what stands there, or into an open binary file.

        Raises
        ------
        OutputError
            Where a layer needs what cannot be put inline, or the file cannot be written; nothing is left behind.
        """
        text = self.get_root().render()
        if isinstance(outfile, str | os.PathLike):
            write_text(text, Path(outfile), overwrite=True)
        else:
            outfile.write(text.encode())


def draw_map(
    results: Results,
    *,
    language: str = "vi",
    basemap: str | None = None,
    plan: Outcome | None = None,
    holes: Holes | None = None,
) -> folium.Map:
    """
    Draw the page of a study.

    Parameters
    ----------
    results : Results
        What :meth:`geo.Study.run` gives; any of its tables may be empty. All its villages and points, positions
        included, stand in the page.
    language : str
        The language that the page opens in, ``"vi"`` or ``"en"``; the page switches between both.
    basemap : str, optional
        Name of a tile provider in xyzservices, as ``"Esri.WorldImagery"``. Its tiles are loaded from the network
        when the page is looked at; without one the page shows all the rest. By default nothing is asked for.
    plan : Outcome, optional
        A plan whose `after` the results are: the page marks what it opens and closes, and shows the territory without
        the plan and with it.
    holes : Holes, optional
        Coverage holes of these results, to be drawn and listed.

    Returns
    -------
    folium.Map
        Call ``save(path)`` on it, show it in a notebook, or add layers to it first: GeoJson, PolyLine, Polygon,
        Rectangle, Circle, CircleMarker, FeatureGroup, TileLayer. The same results give the same bytes.

    Raises
    ------
    ValueError
        Where the language is not one of the two.
    OutputError
        Where the basemap is not known, asks for a key, or refuses pages that are opened from a file.
    """
    if language not in messages.LANGUAGES:
        msg = f"language is {language!r}: give one of {', '.join(messages.LANGUAGES)}."
        raise ValueError(msg)
    tiles = basemaps.find(basemap) if basemap else None
    doing("drawing")
    further = {
        "basemap": tiles and tiles.as_dict(),
        **({} if plan is None else {"plan": plan_document(plan)}),
        **({} if holes is None else {"holes": holes_document(holes)}),
    }
    planned = plan is not None or holes is not None
    content = Content(
        language=language,
        title=both(results.about.title)[language],
        css=style.css_variables() + without_space(_page_file("page.css") + (_page_file("plan.css") if planned else "")),
        body=_page_file("page.html"),
        data=pack.script_json(payload(results, language=language) | further),
        boot=_MARGIN.sub("", _page_file("boot.js")),
        script=page_script(planned=planned),
        image_hosts=tiles.hosts if tiles else (),
    )
    done()
    return CoverageMap(content)


def page_script(*, planned: bool = False) -> str:
    """Join the files of `page/`, without comments and indents, into one script; it depends on nothing else."""
    names = [name for one in SCRIPTS for name in (OF_A_PLAN if planned and one == "noplan" else (one,))]
    parts = _MARGIN.sub("", "".join(_page_file(f"{name}.js") for name in names))
    return f'(() => {{\n"use strict";\n{parts}}})();'


def _page_file(name: str) -> str:
    return resources.files("geo.draw").joinpath("page", name).read_text("utf-8")
