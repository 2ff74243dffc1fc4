"""Where the answer of `geo plan` goes: what is printed, the file of layers and the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo.cli import planned
from geo.draw.webmap import draw_map
from geo.layers.write import beside, write_layer, write_layers
from geo.planning.outcome import as_one_layer, outcome

if TYPE_CHECKING:
    from pathlib import Path

    import folium

    from geo.planning.holes import Holes
    from geo.planning.wished import Plan
    from geo.results import Results
    from geo.study import Study


@dataclass(frozen=True, kw_only=True)
class Into:
    """Text or JSON, in which language, and the file of layers and the page where they are wanted."""

    form: str
    language: str
    output: Path | None
    page: Path | None
    overwrite: bool


def give_plan(study: Study, plan: Plan, into: Into) -> str:
    """Write the layers and the page of a plan, and give what is printed."""
    several = into.output is not None and into.output.suffix.lower() == ".gpkg"
    found = outcome(study, plan) if several or into.page is not None else None
    if into.output is not None and found is not None and several:
        write_layers(found.layers(), into.output, overwrite=into.overwrite)
    elif into.output is not None:
        write_layer(as_one_layer(plan), into.output, overwrite=into.overwrite)
    if into.page is not None and found is not None:
        _save(draw_map(found.after, language=into.language, plan=found), into.page, overwrite=into.overwrite)
    return planned.of_plan(plan, study, into.language, into.form)


def give_holes(study: Study, results: Results, holes: Holes, into: Into) -> str:
    """Write the layer and the page of coverage holes, and give what is printed."""
    if into.output is not None:
        write_layer(holes.table, into.output, overwrite=into.overwrite)
    if into.page is not None:
        _save(draw_map(results, language=into.language, holes=holes), into.page, overwrite=into.overwrite)
    return planned.of_holes(holes, study, into.language, into.form)


def _save(page: folium.Map, path: Path, *, overwrite: bool) -> None:
    with beside(path, overwrite=overwrite) as draft:
        page.save(draft)
