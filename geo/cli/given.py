"""Where the answer of `geo plan` goes: what is printed, the file of layers and the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo.cli import planned
from geo.layers.write import beside, write_layer, write_layers
from geo.planning.outcome import as_one_layer, outcome

if TYPE_CHECKING:
    from pathlib import Path

    from geo.planning.holes import Holes
    from geo.planning.outcome import Outcome
    from geo.planning.wished import Plan
    from geo.study.results import Results
    from geo.study.study import Study


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
    if found is not None:
        _draw(found.after, into, plan=found)
    return planned.of_plan(plan, study, into.language, into.form)


def give_holes(study: Study, results: Results, holes: Holes, into: Into) -> str:
    """Write the layer and the page of coverage holes, and give what is printed."""
    if into.output is not None:
        write_layer(holes.table, into.output, overwrite=into.overwrite)
    _draw(results, into, holes=holes)
    return planned.of_holes(holes, study, into.language, into.form)


def _draw(results: Results, into: Into, *, plan: Outcome | None = None, holes: Holes | None = None) -> None:
    from geo.draw.webmap import draw_map  # noqa: PLC0415 - an answer without a page must not wait for it

    if into.page is not None:
        with beside(into.page, overwrite=into.overwrite) as draft:
            draw_map(results, language=into.language, plan=plan, holes=holes).save(draft)
