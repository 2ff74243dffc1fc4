"""Find the columns of a table whose text is in an older encoding or was misread, and turn it into Unicode."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from geo.figures import Finding
from geo.layers.encodings.decoders import DECODERS, from_escapes, from_utf8
from geo.layers.encodings.evidence import proof
from geo.messages import Term

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_AGAIN = 3
_SHOWN = 60


@dataclass(frozen=True, kw_only=True)
class Turned:
    """
    Texts of one column that were turned into Unicode, or that may be in an older encoding and were left (`unsure`).

    `texts` holds what each text became, or would become; `rows` are the row labels. Of headers there are no rows.
    """

    encoding: str
    column: str
    texts: Mapping[str, str]
    rows: tuple[int, ...]
    unsure: bool = False


def legible(rows: pd.DataFrame, keep: Collection[str] = ()) -> tuple[pd.DataFrame, list[Turned]]:
    r"""
    Turn the text of a table into Unicode where it was not: TCVN3 (ABC), VNI, Windows-1258, misread UTF-8, escapes.

    Escapes (``\u1ead``) and UTF-8 that was read as Latin-1 tell themselves. The other encodings are told column by
    column, by evidence: words that are no Vietnamese syllables as they stand and nearly all become some when decoded.
    Text that is right already is never touched, be it Vietnamese or another language.

    Parameters
    ----------
    rows : DataFrame
        Any table; columns that hold no text are passed over.
    keep : collection of str
        Columns to leave byte for byte, as ids are: other tables refer to them.

    Returns
    -------
    tuple
        The table on the same index, the argument unchanged; and what was turned, in the order of the columns. Texts
        of a column that stand beside right ones and may be either are left, and are `unsure`.

    Examples
    --------
    >>> table, turned = legible(pd.DataFrame({"xa": ["Ph­íc §¹i", "Kh¸nh H¶i"]}))
    >>> table["xa"].tolist(), turned[0].encoding
    (['Phước Đại', 'Khánh Hải'], 'tcvn3')
    """
    columns = {name: _texts(rows[name]) for name in rows.columns if name not in keep and _may_hold_text(rows[name])}
    columns = {name: texts for name, texts in columns.items() if any(map(_is_marked, texts))}
    found = {name: _turn(texts) for name, texts in columns.items()}
    # What one column proves, another of the same table needs to prove no more.
    believed = {one.encoding for each in found.values() for one in each if one.encoding in DECODERS}
    if believed:
        found = {name: each or _turn(columns[name], believed) for name, each in found.items()}
    table, turned = rows.copy(deep=False), []
    for name, each in found.items():
        sure = {before: after for one in each if not one.unsure for before, after in one.texts.items()}
        cells = rows[name]
        if sure:
            kept = cells.map(lambda cell, sure=sure: sure.get(cell, cell) if isinstance(cell, str) else cell)
            table[name] = kept.astype(cells.dtype)
        turned += [_with_rows(one, str(name), cells) for one in each]
    return table, turned


def legible_headers(headers: Iterable[str]) -> tuple[dict[str, str], list[Turned]]:
    """
    Turn the headers of a table into Unicode where they were not.

    Returns
    -------
    tuple
        What became of each header that changed (none becomes equal to another one), and what was turned.
    """
    names = [header for header in headers if isinstance(header, str)]
    found = [one for one in _turn(dict.fromkeys(names)) if not one.unsure]
    became = {before: after for one in found for before, after in one.texts.items()}
    count = Counter(became.get(name, name) for name in names)
    became = {before: after for before, after in became.items() if count[after] == 1}
    told = [Turned(encoding=one.encoding, column="", texts=one.texts, rows=()) for one in found]
    return became, told if became else []


def tell_turned(layer: str, turned: Iterable[Turned]) -> list[Finding]:
    """Make a finding of each column that was turned, or was left in doubt."""
    findings = []
    for one in turned:
        before, after = next(iter(one.texts.items()))
        fault = "left_in_doubt" if one.unsure else "turned_into_unicode" if one.column else "headers_turned"
        values = {
            "encoding": Term(f"encoding.{one.encoding}"),
            "column": one.column,
            "before": _short(before),
            "after": _short(after),
        }
        if not one.column:
            values["count"] = len(one.texts)
        findings.append(Finding(layer=layer, fault=fault, rows=one.rows, values=values))
    return findings


@dataclass(frozen=True)
class _Step:
    """What one encoding makes of the texts of a column."""

    encoding: str
    texts: Mapping[str, str]
    unsure: bool = False


def _may_hold_text(cells: pd.Series | pd.DataFrame) -> bool:
    # Two columns of one name come as a table, and stay as they are.
    return isinstance(cells, pd.Series) and (cells.dtype == object or isinstance(cells.dtype, pd.StringDtype))


def _texts(cells: pd.Series) -> dict[str, None]:
    """Give the different texts of a column in their order; those of a column of texts are found without looping."""
    different = cells.unique() if isinstance(cells.dtype, pd.StringDtype) else cells
    return dict.fromkeys(cell for cell in different.tolist() if isinstance(cell, str))


def _is_marked(text: str) -> bool:
    return not text.isascii() or "\\u" in text


def _turn(texts: Mapping[str, None], believed: Collection[str] = ()) -> list[_Step]:
    """Decode the texts of a column by what they tell themselves, then by the one older encoding that they prove."""
    now, first = {}, {}
    for text in filter(_is_marked, texts):
        now[text], encoding = _self_told(text)
        if encoding is not None:
            first[text] = encoding
    if "utf8" in first.values():
        for text in now.keys() - first.keys():
            now[text] = from_utf8(text, worn=True) or text
            if now[text] != text:
                first[text] = "utf8"
    plain = [text for text in texts if text not in now]
    proved = proof(list(dict.fromkeys(text for text in now.values() if not text.isascii())), plain, believed)
    steps: dict[tuple[str, bool], dict[str, str]] = {}
    for text, standing in now.items():
        after = standing if proved is None else proved.sure.get(standing, standing)
        if after != text:
            encoding = first.get(text) or (proved.encoding if proved else "")
            steps.setdefault((encoding, False), {})[text] = after
        if proved is not None and standing in proved.unsure:
            steps.setdefault((proved.encoding, True), {})[text] = proved.unsure[standing]
    return [_Step(encoding, texts, unsure) for (encoding, unsure), texts in steps.items()]


def _self_told(text: str) -> tuple[str, str | None]:
    """Decode what tells itself, and name the first way it was found in; text that was misread may be so again."""
    unescaped = from_escapes(text) if "\\u" in text else None
    encoding, standing = (None, text) if unescaped is None else ("escapes", unescaped)
    for _ in range(_AGAIN):
        decoded = None if standing.isascii() else from_utf8(standing)
        if decoded is None:
            break
        encoding, standing = encoding or "utf8", decoded
    return standing, encoding


def _with_rows(step: _Step, column: str, cells: pd.Series) -> Turned:
    rows = tuple(
        int(row) for row, cell in zip(cells.index, cells, strict=True) if isinstance(cell, str) and cell in step.texts
    )
    return Turned(encoding=step.encoding, column=column, texts=step.texts, rows=rows, unsure=step.unsure)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
