"""What `geo compare` prints: each figure then and now with the causes, and the points and villages that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pandas as pd

from geo import __version__, messages
from geo.cli.told import SCHEMA, figure_name, figure_value, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.compare import Change, Comparison, Matched
    from geo.figures import Figure

_SHOWN = 8


def tell(comparison: Comparison, language: str) -> str:
    """Give a comparison as text; figures that did not move are counted, not listed."""
    moved = [change for change in comparison.changes if change.difference != 0 and _is_known(change)]
    lines = [line for change in moved for line in _change(change, language)]
    for layer, matched in (("points", comparison.points), ("villages", comparison.villages)):
        lines += _matched(layer, matched, language)
    same = len(comparison.changes) - len(moved)
    return "\n".join([*lines, messages.text("word.same_figures", language, count=same)])


def as_json(comparison: Comparison, language: str) -> dict[str, object]:
    """Give a comparison for JSON."""
    return {
        "schema": SCHEMA,
        "geo": __version__,
        "changes": [
            {
                "indicator": change.figure.indicator,
                "technology": change.figure.technology,
                "operator": change.figure.operator,
                "within_km": change.figure.within_km,
                "unit": change.figure.unit,
                "then": _value(change.then),
                "now": _value(change.now),
                "difference": change.difference,
                "because": dict(change.because),
                "rule_text": change.figure.rule_text(language),
            }
            for change in comparison.changes
        ],
        "points": _matched_json(comparison.points),
        "villages": _matched_json(comparison.villages),
    }


def _is_known(change: Change) -> bool:
    return _value(change.then) is not None or _value(change.now) is not None


def _value(figure: Figure | None) -> float | None:
    return None if figure is None else figure.value


def _change(change: Change, language: str) -> Iterator[str]:
    then, now = (
        "-" if one is None or one.value is None else figure_value(one, language) for one in (change.then, change.now)
    )
    share = change.figure.unit == "share"
    difference = "" if change.difference is None else _signed(change.difference, language, share=share)
    head = f"{figure_name(change.figure, language):<64} {then:>12} → {now:>12}  {difference:>12}"
    yield click.style(head.rstrip(), bold=True)
    for cause, moved in change.because.items():
        words = messages.text(f"cause.{cause}", language)
        yield f"    {words:<89} {_signed(moved, language, share=share):>12}"


def _signed(difference: float, language: str, *, share: bool) -> str:
    """Write a difference with its sign; of shares in percentage points."""
    from babel.numbers import format_decimal  # noqa: PLC0415 - half of the start-up time of a command

    value = 100 * difference if share else difference
    digits = "#,##0.0##" if abs(value) < 1 else "#,##0.##"
    return str(format_decimal(value, f"+{digits};-{digits}", locale=language)) + (" %" if share else "")


def _matched(layer: str, matched: Matched, language: str) -> Iterator[str]:
    for name in ("closed", "opened", "moved"):
        rows = getattr(matched, name)
        if rows.empty:
            continue
        names = rows["name"].where(rows["name"].notna(), "")
        shown = [f"{one} {named}".strip() for one, named in zip(rows["id"], names, strict=True)]
        if name == "moved":
            shown = [f"{one} ({number(km, language)} km)" for one, km in zip(shown, rows["km"], strict=True)]
        rest = f" … +{len(shown) - _SHOWN}" if len(shown) > _SHOWN else ""
        words = messages.text(f"word.{layer}_{name}", language, count=len(shown))
        yield f"{words}: {', '.join(shown[:_SHOWN])}{rest}"


def _matched_json(matched: Matched) -> dict[str, object]:
    return {
        name: [
            {key: value if pd.notna(value) else None for key, value in row.items()}
            for row in getattr(matched, name).to_dict("records")
        ]
        for name in ("closed", "opened", "moved")
    }
