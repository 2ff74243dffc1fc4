"""What a plan says of itself in a sentence: what was asked, what was found, and how good it provably is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from geo import messages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.plan.answer import Answer
    from geo.planning.holes import Holes
    from geo.planning.wished import Kept, Plan, Wish

_SHOWN_IDS = 8
_PER_CENT = 100
_M_PER_KM = 1000


def say(key: str, language: str, **values: object) -> str:
    """Give a sentence of the plan."""
    return messages.text(f"plan.{key}", language, **values)


def km(metres: float, language: str) -> str:
    """Write metres as km, or that there is no point."""
    return str(messages.written(metres / _M_PER_KM, language)) if math.isfinite(metres) else say("nowhere", language)


def asked(plan: Plan, language: str) -> str:
    """Say what was asked for."""
    wish, answer = plan.wish, plan.answer
    if plan.kept is not None:
        rule, standard = plan.kept.before.rule, plan.kept.standard
        return say("keep", language, rule=rule.name[language], standard=standard.title[language])
    if wish is None or answer is None:
        return say("what_if", language, opened=len(plan.sites), closed=len(plan.closing))
    values = {
        "number": wish.number or answer.chosen.size,
        "within": wish.within_km,
        "share": round(_PER_CENT * wish.share, 6),
        "budget": wish.budget,
    }
    key: str = wish.goal
    if wish.goal in ("people", "travel") and wish.number is None:
        key = {"people": "budget", "travel": "travel_budget"}[wish.goal]
    elif wish.goal == "share" and wish.share < 1:
        key = "share_each" if wish.each_area else "share_of"
    elif wish.goal == "close" and wish.within_km is None:
        key = "close_travel"
    return say(key, language, **values)


def found(plan: Plan, language: str) -> str | None:
    """Say what was found; None where nothing was searched for."""
    if plan.kept is not None:
        return _kept(plan, plan.kept, language)
    if plan.wish is None or plan.answer is None:
        return None
    wish, answer = plan.wish, plan.answer
    values: dict[str, object] = {"count": answer.chosen.size, "within": wish.within_km}
    before, after = answer.before, answer.objective
    added = float(answer.people.sum())
    if wish.goal == "people":
        return say("found_people", language, added=added, before=before, after=before + after, **values)
    if wish.goal == "share":
        plain = after == answer.chosen.size
        cost = {} if plain else {"cost": after}
        return say("found_share" if plain else "found_share_cost", language, added=added, **cost, **values)
    if wish.goal == "close" and wish.within_km is not None:
        return say("found_close", language, lost=before - after, before=before, after=after, **values)
    return _ways(wish, answer, plan.people, language)


def _ways(wish: Wish, answer: Answer, people: float, language: str) -> str:
    """Say how far it is afterwards: at the farthest, or on average."""
    key = {"farthest": "found_farthest", "close": "found_close_travel"}.get(wish.goal, "found_travel")
    over = 1.0 if wish.goal == "farthest" else people
    old, new = (km(each / over, language) for each in (answer.before, answer.objective))
    return say(key, language, count=answer.chosen.size, after=new, before=old)


def _kept(plan: Plan, kept: Kept, language: str) -> str:
    count = len(plan.sites)
    if not count:
        return say("keep_already" if kept.after.passed else "keep_never", language)
    if kept.before.rule.scope == "areas":
        failing = {"before": len(kept.failing(kept.before)), "after": len(kept.failing(kept.after))}
        return say("keep_areas", language, count=count, areas=len(kept.before.outcomes), **failing)
    old, new = (_value(kept, one.outcomes[0].value, language) for one in (kept.before, kept.after))
    return say("keep_whole", language, count=count, before=old, after=new)


def _value(kept: Kept, value: float | None, language: str) -> str:
    """Write the value of a rule, shares in per cent."""
    if value is None:
        return "-"
    share = kept.before.rule.indicator.endswith("_within")
    return f"{messages.written(_PER_CENT * value, language)} %" if share else str(messages.written(value, language))


def proof(plan: Plan, language: str) -> Iterator[str]:
    """Say how good the answer provably is, and what it is not."""
    answer, kept = plan.answer, plan.kept
    if kept is not None and kept.number:
        yield say("keep_counted", language, number=kept.number)
    if kept is not None and kept.short:
        names = ", ".join(name for name in kept.short if name) or say("whole", language)
        yield say("keep_short", language, areas=names)
    if answer is not None and plan.wish is not None:
        if _nothing_more(plan.wish, answer):
            yield say("fewer", language)
        yield _status(answer, language)
        if "capacity" in plan.sites:
            yield say("capacity", language)
    if kept is not None and not kept.before.rule.verified:
        yield say("keep_unverified", language)


def _status(answer: Answer, language: str) -> str:
    if answer.status == "infeasible":
        return say("infeasible", language, count=answer.unserved.size)
    if answer.status == "optimal":
        return say("optimal", language, solver=answer.solver)
    share = _PER_CENT * answer.gap
    gap = f"{messages.written(float(f'{share:.2g}'), language)} %" if math.isfinite(share) else "∞"
    return say(answer.status, language, solver=answer.solver, gap=gap)


def _nothing_more(wish: Wish, answer: Answer) -> bool:
    """Tell whether fewer sites than asked for are chosen because it is proved that another adds nothing."""
    counts = wish.goal in ("people", "travel") and wish.budget is None and answer.status == "optimal"
    return counts and answer.chosen.size < (wish.number or 0)


def holes(found: Holes, language: str) -> str:
    """Say how many coverage holes there are, and who lives in them."""
    table = found.table
    if table.empty:
        return say("everywhere", language, technology=found.technology)
    sums = {"villages": int(table["villages"].sum()), "people": float(table["people"].sum())}
    return say("holes", language, technology=found.technology, count=len(table), **sums)


def hole(row: dict[Any, Any], language: str) -> str:
    """Say how large one hole is, and which villages it has."""
    ids = row["village_ids"].split(";")
    shown = ", ".join(ids[:_SHOWN_IDS]) + (" …" if len(ids) > _SHOWN_IDS else "")
    return say("hole", language, number=row["hole"], villages=row["villages"], people=row["people"], ids=shown)


def near_hole(row: dict[Any, Any], reach_km: float, language: str) -> Iterator[str]:
    """Say what is near a hole: the covered village, the cell, and the sites that would serve most of it."""
    for key, name, away in (
        ("hole_covered", "covered_village_id", "covered_km"),
        ("hole_cell", "cell_id", "cell_km"),
    ):
        if math.isfinite(row[away]):
            yield say(key, language, id=row[name], distance=messages.written(row[away], language))
    if row["site_ids"]:
        pairs = zip(row["site_ids"].split(";"), row["site_people"].split(";"), strict=True)
        told = ", ".join(f"{site} ({messages.written(float(people), language)})" for site, people in pairs)
        yield say("hole_sites", language, reach=reach_km, sites=told)
