"""What `geo plan` prints: the sites and their proof, what cannot be served, and the figures before and after."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import click
import pandas as pd

from geo import __version__, messages
from geo.cli.told import SCHEMA, figure_name, figure_value, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.figures import Figure
    from geo.plan.answer import Answer
    from geo.planning.holes import Holes
    from geo.planning.wished import Plan, Wish
    from geo.study import Study

_SHOWN = 20
_SHOWN_IDS = 8
_PER_CENT = 100
_M_PER_KM = 1000


def of_plan(plan: Plan, study: Study, language: str, form: str) -> str:
    """Give a plan as text, or as JSON."""
    return _json(_plan_json(plan, study, language)) if form == "json" else "\n".join(_plan_text(plan, language))


def of_holes(holes: Holes, study: Study, language: str, form: str) -> str:
    """Give coverage holes as text, or as JSON."""
    return _json(_holes_json(holes, study, language)) if form == "json" else "\n".join(_holes_text(holes, language))


def _json(answer: dict[str, object]) -> str:
    return json.dumps(answer, ensure_ascii=False, allow_nan=False, indent=1)


def _say(key: str, language: str, **values: object) -> str:
    return messages.text(f"plan.{key}", language, **values)


def _plan_text(plan: Plan, language: str) -> Iterator[str]:
    if plan.answer is None or plan.wish is None:
        closed = plan.closed
        yield click.style(_say("what_if", language, opened=len(plan.sites), closed=len(closed)), bold=True)
    else:
        yield click.style(_asked(plan.wish, plan.answer, language), bold=True)
        yield from (f"  {line}" for line in _found(plan, plan.answer, plan.wish, language))
        yield from _sites(plan, language)
        yield from _curve(plan, plan.answer, language)
    yield ""
    yield _say("figures", language)
    yield from _figures(plan, language)


def _asked(wish: Wish, answer: Answer, language: str) -> str:
    values = {
        "number": wish.number or answer.chosen.size,
        "within": wish.within_km,
        "share": round(_PER_CENT * wish.share, 6),
        "budget": wish.budget,
    }
    key: str = wish.goal
    if wish.goal == "people" and wish.number is None:
        key = "budget"
    elif wish.goal == "travel" and wish.number is None:
        key = "travel_budget"
    elif wish.goal == "share" and wish.share < 1:
        key = "share_each" if wish.each_area else "share_of"
    elif wish.goal == "close" and wish.within_km is None:
        key = "close_travel"
    return _say(key, language, **values)


def _found(plan: Plan, answer: Answer, wish: Wish, language: str) -> Iterator[str]:
    added = float(answer.people.sum())
    values: dict[str, object] = {"count": answer.chosen.size, "within": wish.within_km}
    before = answer.before
    if wish.goal == "people":
        yield _say("found_people", language, added=added, before=before, after=before + answer.objective, **values)
    elif wish.goal == "share":
        plain = answer.objective == answer.chosen.size
        key = "found_share" if plain else "found_share_cost"
        yield _say(key, language, added=added, **({} if plain else {"cost": answer.objective}), **values)
    elif wish.goal == "close" and wish.within_km is not None:
        lost = before - answer.objective
        yield _say("found_close", language, lost=lost, before=before, after=answer.objective, **values)
    elif wish.goal == "farthest":
        yield _say(
            "found_farthest",
            language,
            count=answer.chosen.size,
            before=_km(before, language),
            after=_km(answer.objective, language),
        )
    else:
        key = "found_close_travel" if wish.goal == "close" else "found_travel"
        mean, old = (_km(each / plan.people, language) for each in (answer.objective, before))
        yield _say(key, language, count=answer.chosen.size, mean=mean, before=old)
    if _nothing_more(wish, answer):
        yield _say("fewer", language)
    if answer.status == "infeasible":
        yield _say("infeasible", language, count=answer.unserved.size)
        yield from _unserved(plan, language)
    else:
        gap = f"{float(f'{_PER_CENT * answer.gap:.2g}'):.10g} %" if math.isfinite(answer.gap) else "∞"
        yield _say(
            answer.status,
            language,
            solver=answer.solver,
            **({} if answer.status == "optimal" else {"gap": gap.replace(".", "," if language == "vi" else ".")}),
        )


def _nothing_more(wish: Wish, answer: Answer) -> bool:
    """Tell whether fewer sites than asked for are chosen because it is proved that another adds nothing."""
    counts = wish.goal in ("people", "travel") and wish.budget is None and answer.status == "optimal"
    return counts and answer.chosen.size < (wish.number or 0)


def _km(metres: float, language: str) -> str:
    return number(metres / _M_PER_KM, language) if math.isfinite(metres) else _say("nowhere", language)


def _unserved(plan: Plan, language: str) -> Iterator[str]:
    for row in plan.unserved.head(_SHOWN).to_dict("records"):
        yield "  " + _say(
            "unserved",
            language,
            id=row["village_id"],
            name=_text(row["name"]),
            people=row["people"],
            site=row["site_id"],
            distance=number(row["distance_km"], language),
        )
    if len(plan.unserved) > _SHOWN:
        yield "  " + _say("more", language, count=len(plan.unserved) - _SHOWN)


def _sites(plan: Plan, language: str) -> Iterator[str]:
    for place, row in enumerate(plan.sites.head(_SHOWN).to_dict("records"), start=1):
        name = f"{row['site_id']} {_text(row['name'])}".strip()
        people = _say("site_people", language, people=row["people"])
        yield f"  {place:>3}  {name:<40} {people:>20}   {row['lon']:.5f}, {row['lat']:.5f}"
    if len(plan.sites) > _SHOWN:
        yield "  " + _say("more", language, count=len(plan.sites) - _SHOWN)


def _curve(plan: Plan, answer: Answer, language: str) -> Iterator[str]:
    """Tell what fewer and more sites would bring; of many, some."""
    if not answer.curve:
        return
    yield _say("curve", language)
    every = math.ceil(len(answer.curve) / _SHOWN)
    asked = answer.chosen.size
    for step in [step for place, step in enumerate(answer.curve) if place % every == 0 or step.number == asked]:
        if answer.model == "max_cover":
            value, bound = (number(float(round(each)), language) for each in (step.objective, step.bound))
            yield "  " + _say("step_people", language, number=step.number, value=value, bound=bound)
        else:
            value, bound = (_km(each / plan.people, language) for each in (step.objective, step.bound))
            yield "  " + _say("step_travel", language, number=step.number, value=value, bound=bound)


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
        "goal": "what_if" if plan.wish is None else plan.wish.goal,
        "within_km": None if plan.wish is None else plan.wish.within_km,
        "answer": None if plan.answer is None else _answer_json(plan.answer),
        "sites": _records(pd.DataFrame(plan.sites.drop(columns="geometry"))),
        "closed": list(plan.closed),
        "unserved": _records(plan.unserved),
        "figures": {"before": _figures_json(plan.before, language), "after": _figures_json(plan.after, language)},
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
    if table.empty:
        yield _say("everywhere", language, technology=holes.technology)
    else:
        sums = {"villages": int(table["villages"].sum()), "people": float(table["people"].sum())}
        head = _say("holes", language, technology=holes.technology, count=len(table), **sums)
        yield click.style(head, bold=True)
    for row in table.head(_SHOWN).to_dict("records"):
        ids = row["village_ids"].split(";")
        shown = ", ".join(ids[:_SHOWN_IDS]) + (" …" if len(ids) > _SHOWN_IDS else "")
        values = {"villages": row["villages"], "people": row["people"], "ids": shown}
        yield "  " + _say("hole", language, number=row["hole"], **values)
        for key, name, km in (
            ("hole_covered", "covered_village_id", "covered_km"),
            ("hole_cell", "cell_id", "cell_km"),
        ):
            if not pd.isna(row[km]):
                yield "      " + _say(key, language, id=row[name], distance=number(row[km], language))
        if row["site_ids"]:
            pairs = zip(row["site_ids"].split(";"), row["site_people"].split(";"), strict=True)
            told = ", ".join(f"{site} ({number(float(people), language)})" for site, people in pairs)
            yield "      " + _say("hole_sites", language, reach=holes.reach_km, sites=told)
    if len(table) > _SHOWN:
        yield "  " + _say("more", language, count=len(table) - _SHOWN)
    if holes.unknown:
        yield _say("unknown", language, count=holes.unknown)


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
