"""What `geo plan` prints: the sites and their proof, what cannot be served, and the figures before and after."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import click
import pandas as pd

from geo import __version__, messages
from geo.cli.told import SCHEMA, figure_name, figure_value, number
from geo.planning import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.figures import Figure
    from geo.plan.answer import Answer
    from geo.planning.holes import Holes
    from geo.planning.wished import Kept, Plan
    from geo.study.study import Study

_SHOWN = 20


def of_plan(plan: Plan, study: Study, language: str, form: str) -> str:
    """Give a plan as text, or as JSON."""
    return _json(_plan_json(plan, study, language)) if form == "json" else "\n".join(_plan_text(plan, language))


def of_holes(holes: Holes, study: Study, language: str, form: str) -> str:
    """Give coverage holes as text, or as JSON."""
    return _json(_holes_json(holes, study, language)) if form == "json" else "\n".join(_holes_text(holes, language))


def _json(answer: dict[str, object]) -> str:
    return json.dumps(answer, ensure_ascii=False, allow_nan=False, indent=1)


def _plan_text(plan: Plan, language: str) -> Iterator[str]:
    yield click.style(said.asked(plan, language), bold=True)
    if (line := said.found(plan, language)) is not None:
        yield f"  {line}"
    for line in (*said.proof(plan, language), *_unserved(plan, language)):
        yield f"  {line}"
    if plan.wish is not None:
        yield from _sites(plan, language)
    if plan.answer is not None:
        yield from _curve(plan, plan.answer, language)
    yield ""
    yield said.say("figures", language)
    yield from _figures(plan, language)


def _unserved(plan: Plan, language: str) -> Iterator[str]:
    for row in plan.unserved.head(_SHOWN).to_dict("records"):
        yield "  " + said.say(
            "unserved",
            language,
            id=row["village_id"],
            name=_text(row["name"]),
            people=row["people"],
            site=row["site_id"],
            distance=number(row["distance_km"], language),
        )
    if len(plan.unserved) > _SHOWN:
        yield "  " + said.say("more", language, count=len(plan.unserved) - _SHOWN)


def _sites(plan: Plan, language: str) -> Iterator[str]:
    for place, row in enumerate(plan.sites.head(_SHOWN).to_dict("records"), start=1):
        name = f"{row['site_id']} {_text(row['name'])}".strip()
        people = said.say("site_people", language, people=row["people"])
        yield f"  {place:>3}  {name:<40} {people:>20}   {row['lon']:.5f}, {row['lat']:.5f}"
    if len(plan.sites) > _SHOWN:
        yield "  " + said.say("more", language, count=len(plan.sites) - _SHOWN)


def _curve(plan: Plan, answer: Answer, language: str) -> Iterator[str]:
    """Tell what fewer and more sites would bring; of many, some."""
    if not answer.curve:
        return
    yield said.say("curve", language)
    every = math.ceil(len(answer.curve) / _SHOWN)
    asked = answer.chosen.size
    for step in [step for place, step in enumerate(answer.curve) if place % every == 0 or step.number == asked]:
        if answer.model == "max_cover":
            value, bound = (number(float(round(each)), language) for each in (step.objective, step.bound))
            yield "  " + said.say("step_people", language, number=step.number, value=value, bound=bound)
        else:
            value, bound = (said.km(each / plan.people, language) for each in (step.objective, step.bound))
            yield "  " + said.say("step_travel", language, number=step.number, value=value, bound=bound)


def _figures(plan: Plan, language: str) -> Iterator[str]:
    same = 0
    for then, now in zip(plan.before, plan.after, strict=True):
        if then.value == now.value:
            same += 1
            continue
        old, new = ("-" if one.value is None else figure_value(one, language) for one in (then, now))
        yield f"  {figure_name(now, language):<64} {old:>12} → {new:>12}"
    yield messages.text("word.same_figures", language, count=same)


def _text(value: str | float | None) -> str:
    return str(value) if isinstance(value, str) else ""


def _plan_json(plan: Plan, study: Study, language: str) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "geo": __version__,
        "study": study.file.about.title[language],
        "data": study.file.about.data,
        "goal": _goal(plan),
        "within_km": None if plan.wish is None else plan.wish.within_km,
        "keep": None if plan.kept is None else _kept_json(plan.kept, language),
        "answer": None if plan.answer is None else _answer_json(plan.answer),
        "sites": _records(pd.DataFrame(plan.sites.drop(columns="geometry"))),
        "closed": list(plan.closed),
        "unserved": _records(plan.unserved),
        "figures": {"before": _figures_json(plan.before, language), "after": _figures_json(plan.after, language)},
    }


def _goal(plan: Plan) -> str:
    if plan.kept is not None:
        return "keep"
    return "what_if" if plan.wish is None else plan.wish.goal


def _kept_json(kept: Kept, language: str) -> dict[str, object]:
    rule = kept.before.rule
    return {
        "standard": kept.standard.key,
        "rule": rule.name[language],
        "indicator": rule.indicator,
        "verified": rule.verified,
        "points": kept.number,
        "kept": {"before": kept.before.passed, "after": kept.after.passed},
        "failing": {when: kept.failing(judged) for when, judged in (("before", kept.before), ("after", kept.after))},
        "short": list(kept.short),
    }


def _answer_json(answer: Answer) -> dict[str, object]:
    return {
        "model": answer.model,
        "objective": answer.objective,
        "bound": answer.bound,
        "gap": answer.gap if math.isfinite(answer.gap) else None,
        "status": answer.status,
        "solver": answer.solver,
        "before": answer.before if math.isfinite(answer.before) else None,
        "curve": [{"number": step.number, "objective": step.objective, "bound": step.bound} for step in answer.curve],
    }


def _figures_json(figures: tuple[Figure, ...], language: str) -> list[dict[str, object]]:
    return [figure.as_dict(language) for figure in figures]


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    return [
        {str(key): None if pd.isna(value) else value for key, value in row.items()} for row in table.to_dict("records")
    ]


def _holes_text(holes: Holes, language: str) -> Iterator[str]:
    table = holes.table
    head = said.holes(holes, language)
    yield head if table.empty else click.style(head, bold=True)
    for row in table.head(_SHOWN).to_dict("records"):
        yield "  " + said.hole(row, language)
        yield from (f"      {line}" for line in said.near_hole(row, holes.reach_km, language))
    if len(table) > _SHOWN:
        yield "  " + said.say("more", language, count=len(table) - _SHOWN)
    if holes.unknown:
        yield said.say("unknown", language, count=holes.unknown)


def _holes_json(holes: Holes, study: Study, language: str) -> dict[str, object]:
    rows = _records(pd.DataFrame(holes.table.drop(columns="geometry")))
    for row in rows:
        for key in ("village_ids", "site_ids"):
            row[key] = [one for one in str(row[key]).split(";") if one]
        row["site_people"] = [float(one) for one in str(row["site_people"]).split(";") if one]
    return {
        "schema": SCHEMA,
        "geo": __version__,
        "study": study.file.about.title[language],
        "data": study.file.about.data,
        "technology": holes.technology,
        "within_km": holes.reach_km,
        "apart_km": holes.apart_km,
        "holes": rows,
        "unknown": holes.unknown,
    }
