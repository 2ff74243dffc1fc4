"""A report as plain things: sections of sentences and tables, the same for every format it is written in."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from geo import messages
from geo.draw.style import Format

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo.figures import Basis

Role = Literal["cell", "heading", "under", "sheet"]

NOT_KNOWN = "–"
_FEW = 3
UNDATED = dt.date(1980, 1, 1)
"""The day that a file says it was made on where the study has no date: the first that an archive can hold."""

_DROPPED = ("Cc", "Cs", "Co")
_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_WHOLE = Format(0)
_MARKS: Mapping[Basis, str] = {"measured": "", "official": "°", "by_construction": "*"}


@dataclass(frozen=True)
class Number:
    """
    A number, how it shows, and what it is made of.

    `law` is the formula of a spreadsheet by which it follows from a numerator ``{n}`` and a denominator ``{d}``, which
    stand in the columns `parts` of the same row.
    """

    value: float
    format: Format = _WHOLE
    law: str | None = None
    parts: tuple[str, str] = ("numerator", "denominator")
    basis: Basis = "measured"

    @property
    def mark(self) -> str:
        """The mark that says what the number rests on, where it was not simply measured."""
        return _MARKS[self.basis]


Cell = str | Number | None


@dataclass(frozen=True)
class Column:
    """
    A column of a table.

    On paper a ``heading`` stands above the rows that share it, ``under`` in small type beneath its row; ``sheet``
    columns stand in the workbook alone. `brief` is a title that a page has room for, `missing` what stands where there
    is no value.
    """

    key: str
    title: str
    role: Role = "cell"
    brief: str = ""
    missing: str = ""

    @property
    def head(self) -> str:
        """The title that paper has room for."""
        return self.brief or self.title


@dataclass(frozen=True, kw_only=True)
class Table:
    """
    Rows under columns; where there are more than `most`, paper shows the first so many. A total stands last.

    In the workbook a table has a sheet of its own, named `sheet`; without a name it has that of its section.
    """

    key: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""
    most: int | None = None
    has_total: bool = False
    sheet: str = ""
    on_paper: bool = True

    @property
    def paper_rows(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows that paper shows."""
        return self.rows[: self.most]


@dataclass(frozen=True, kw_only=True)
class Section:
    """Sentences and tables under one title; `sheet` is its name in the workbook, and empty where that has it not."""

    key: str
    title: str
    sheet: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    on_paper: bool = True

    @property
    def paper_tables(self) -> tuple[Table, ...]:
        """The tables that paper shows."""
        return tuple(table for table in self.tables if table.on_paper)


@dataclass(frozen=True, kw_only=True)
class Report:
    """
    All that a report says, in one language.

    `notice` warns of layers that were made up; `facts` are pairs of a word and what it is; `headline` the figures that
    the title page shows, each with its name; `summary` says beside them what does not hold. `signing` names what is
    filled in by hand, with the blank for it; `words` the few words that a format adds itself.
    """

    language: str
    title: str
    date: dt.date | None
    notice: str
    facts: tuple[tuple[str, str], ...]
    headline: tuple[tuple[str, Number], ...]
    sections: tuple[Section, ...]
    summary: tuple[str, ...] = ()
    signing: tuple[tuple[str, str], ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)

    def more(self, table: Table) -> str:
        """Say how many rows of a table paper leaves out; nothing where it has them all."""
        shown_rows, rows = len(table.paper_rows), len(table.rows)
        if shown_rows == rows:
            return ""
        return messages.text("report.more_rows", self.language, shown=shown_rows, all=rows)


def few(names: Sequence[str]) -> str:
    """
    Name the first few, and say how many more there are.

    Examples
    --------
    >>> few(["An", "Bình", "Cam", "Đông", "Ea"])
    'An; Bình; Cam; … +2'
    """
    rest = [f"… +{len(names) - _FEW}"] if len(names) > _FEW else []
    return "; ".join([*names[:_FEW], *rest])


def plain(text: object) -> str:
    r"""
    Give a text of a layer on one line, without characters that cannot be seen or that turn the text around.

    Examples
    --------
    >>> plain("Thôn\n 1 \x00\u202e")
    'Thôn 1'
    """
    kept = "".join(" " if one.isspace() else one for one in str(text) if one not in _TURNING)
    seen = "".join(one for one in kept if unicodedata.category(one) not in _DROPPED)
    return " ".join(seen.split())


def written(number: Number, language: str) -> str:
    """
    Write a number as it shows, in a language.

    Examples
    --------
    >>> written(Number(0.9, Format(1, percent=True)), "vi"), written(Number(5950), "en")
    ('90,0 %', '5,950')
    """
    from babel.numbers import format_decimal  # noqa: PLC0415 - half of the start-up time of a command

    digits, percent = number.format.digits, number.format.percent
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    text = str(format_decimal(number.value * (100 if percent else 1), pattern, locale=language))
    return f"{text} %" if percent else text


def shown(cell: Cell, language: str) -> str:
    """Give a cell as text: a number with its mark, nothing where there is nothing."""
    return written(cell, language) + cell.mark if isinstance(cell, Number) else cell or ""


def unit_of(number: Number, language: str) -> str:
    """Name the unit that a number's format has; nothing where it has none."""
    return messages.text(f"page_unit.{number.format.unit}", language) if number.format.unit else ""
