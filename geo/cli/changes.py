"""What `geo compare` prints: each figure then and now with the causes, and the points and villages that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pandas as pd

from geo import __version__, messages
from geo.cli.told import SCHEMA, figure_name, figure_value, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.compare.matching import Matched
    from geo.compare.studies import Change, Compared, Comparison
    from geo.figures import Figure

_SHOWN = 8
_HASH_SHOWN = 8
_KINDS = ("opened", "closed", "moved", "renamed")


def tell(comparison: Comparison, language: str) -> str:
    """Give a comparison as text; figures that did not move are counted, not listed."""
    moved = [change for change in comparison.changes if _has_moved(change, language)]
    lines = [line for change in moved for line in _change(change, language)]
    for layer, matched in (("points", comparison.points), ("villages", comparison.villages)):
        lines += _matched(layer, matched, language)
    same = len(comparison.changes) - len(moved)
    files = [_files(word, side, language) for word, side in (("then", comparison.old), ("now", comparison.new))]
    return "\n".join([*lines, messages.text("word.same_figures", language, count=same), *files, f"geo {__version__}"])


def as_json(comparison: Comparison, language: str) -> dict[str, object]:
    """Give a comparison for JSON."""
    return {
        "schema": SCHEMA,
        "geo": __version__,
        "then": _study_json(comparison.old, language),
        "now": _study_json(comparison.new, language),
        "changes": [_change_json(change, language) for change in comparison.changes],
        "points": _matched_json(comparison.points),
        "villages": _matched_json(comparison.villages),
    }


def _study_json(side: Compared, language: str) -> dict[str, object]:
    return {
        "study": side.about.title[language],
        "date": None if side.about.date is None else side.about.date.isoformat(),
        "data": side.about.data,
        "layers": [facts.as_dict() for facts in side.layers],
    }


def _change_json(change: Change, language: str) -> dict[str, object]:
    return {
        "indicator": change.figure.indicator,
        "technology": change.figure.technology,
        "operator": change.figure.operator,
        "within_km": change.figure.within_km,
        "unit": change.figure.unit,
        "then": None if change.then is None else change.then.as_dict(language),
        "now": None if change.now is None else change.now.as_dict(language),
        "difference": change.difference,
        "because": dict(change.because),
    }


def _has_moved(change: Change, language: str) -> bool:
    """Tell whether a figure has another value, or one at one end only, as far as can be seen when it is written."""
    if change.difference is not None:
        return _is_seen(change.difference, change, language)
    return _value(change.then) is not None or _value(change.now) is not None


def _is_seen(difference: float, change: Change, language: str) -> bool:
    return any(digit in "123456789" for digit in _signed(difference, change.figure, language))


def _value(figure: Figure | None) -> float | None:
    return None if figure is None else figure.value


def _change(change: Change, language: str) -> Iterator[str]:
    then, now = (
        "-" if one is None or one.value is None else figure_value(one, language) for one in (change.then, change.now)
    )
    difference = "" if change.difference is None else _with_unit(change.difference, change.figure, language)
    yield click.style(f"{figure_name(change.figure, language):<64} {then:>12} → {now:>12}  {difference}", bold=True)
    for cause, moved in change.because.items():
        if _is_seen(moved, change, language):
            words = messages.text(f"cause.{cause}", language)
            yield f"    {words:<89} {_with_unit(moved, change.figure, language)}"


def _with_unit(difference: float, figure: Figure, language: str) -> str:
    unit = f" {messages.text('unit.percentage points', language)}" if figure.unit == "share" else ""
    return f"{_signed(difference, figure, language):>12}{unit}"


def _signed(difference: float, figure: Figure, language: str) -> str:
    """Write a difference with its sign; of shares in percentage points."""
    from babel.numbers import format_decimal  # noqa: PLC0415 - half of the start-up time of a command

    value = 100 * difference if figure.unit == "share" else difference
    digits = "#,##0.0##" if abs(value) < 1 else "#,##0.##"
    return str(format_decimal(value, f"+{digits};-{digits}", locale=language))


def _matched(layer: str, matched: Matched, language: str) -> Iterator[str]:
    for kind in _KINDS:
        rows = getattr(matched, kind)
        if rows.empty:
            continue
        names = rows["name"].where(rows["name"].notna(), "")
        shown = [f"{one} {named}".strip() for one, named in zip(rows["id"], names, strict=True)]
        if kind == "moved":
            shown = [f"{one} ({number(km, language)} km)" for one, km in zip(shown, rows["km"], strict=True)]
        if kind == "renamed":
            shown = [f"{was} → {one}" for one, was in zip(shown, rows["was"], strict=True)]
        rest = f" … +{len(shown) - _SHOWN}" if len(shown) > _SHOWN else ""
        words = messages.text(f"word.{layer}_{kind}", language, count=len(shown))
        yield f"{words}: {', '.join(shown[:_SHOWN])}{rest}"


def _files(word: str, side: Compared, language: str) -> str:
    """Name a study and its files, each with the first digits of its hash."""
    files = {facts.file: facts.sha256 for facts in side.layers}
    named = [f"{file} ({digest[:_HASH_SHOWN]})" if digest else file for file, digest in files.items()]
    return f"{messages.text(f'word.{word}', language)}: {side.about.title[language]}; {', '.join(named)}"


def _matched_json(matched: Matched) -> dict[str, object]:
    return {
        kind: [
            {key: value if pd.notna(value) else None for key, value in row.items()}
            for row in getattr(matched, kind).to_dict("records")
        ]
        for kind in _KINDS
    }
