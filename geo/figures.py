"""The two things that leave the library: a `Figure`, which is a number with its account, and a `Finding`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from geo import messages

if TYPE_CHECKING:
    from collections.abc import Mapping

Basis = Literal["measured", "official", "by_construction"]
ALL = "all"
OUTSIDE = "(outside)"
WITHOUT = "(none)"
UNNAMED = "row"
"""What a row without an id is called, its number behind it."""
NO_ID = "-"
"""What stands for the id of a row that is none of the layer."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """
    One number, and all that is needed to check it.

    `value` is in `unit` (shares are 0 to 1), or None with a `reason`. `numerator` and `denominator` are given
    where the indicator has them. `rule` is the key of the sentence that says how the value was computed,
    `rule_values` what is to be filled into it.
    """

    area: str
    indicator: str
    value: float | None
    unit: str
    rule: str
    rule_values: Mapping[str, object] = field(default_factory=dict)
    technology: str | None = None
    operator: str | None = None
    within_km: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    basis: Basis = "measured"
    reason: str | None = None

    def rule_text(self, language: str = "en") -> str:
        """Say in a sentence how the value was computed."""
        return messages.text(f"rule.{self.rule}", language, **self.rule_values)

    def reason_text(self, language: str = "en") -> str | None:
        """Say in a sentence why there is no value; None where there is one."""
        return None if self.reason is None else messages.text(f"reason.{self.reason}", language)

    def as_dict(self, language: str = "en") -> dict[str, object]:
        """Give the figure as the JSON contract has it."""
        return {
            "area": self.area,
            "indicator": self.indicator,
            "value": self.value,
            "unit": self.unit,
            "technology": self.technology,
            "operator": self.operator,
            "within_km": self.within_km,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "rule": self.rule,
            "rule_text": self.rule_text(language),
            "basis": self.basis,
            "reason": self.reason,
            "reason_text": self.reason_text(language),
        }


@dataclass(frozen=True, kw_only=True)
class Finding:
    """
    One fault of the input: in which layer, in which rows, what it does to the figures, what would mend it.

    `rows` are numbered as the source shows them: the line of a table, header included, or the feature id.
    `left_out` tells whether the rows take part in no figure; `chosen`, that the caller asked for it: it is no fault.
    `each` holds, where the rows differ, what is to be filled into the sentence that says it of one row.
    `within` tells of each row its layer in the file and its number there, where several layers were read as one and
    `rows` are counted through.
    """

    layer: str
    fault: str
    rows: tuple[int, ...] = ()
    ids: tuple[str, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)
    left_out: bool = False
    chosen: bool = False
    repair: str | None = None
    each: tuple[Mapping[str, object], ...] = ()
    within: tuple[tuple[str, int], ...] = ()

    def row_names(self) -> list[str]:
        """Give each row as people find it: its number, with its layer before it where several were read as one."""
        return [f"{layer}:{row}" for layer, row in self.within] or [str(row) for row in self.rows]

    def named_rows(self) -> list[str]:
        """Give each row as people find it, with its id behind it where that says more than the row does."""
        rows = self.row_names()
        if not self.ids:
            return rows
        told = zip(rows, self.ids, strict=False)
        return [row if name in (NO_ID, row, f"{UNNAMED} {row}") else f"{row} ({name})" for row, name in told]

    def text(self, language: str = "en") -> str:
        """Say the fault in a sentence."""
        layer = messages.text(f"layer.{self.layer.partition('.')[0]}", language)
        values = {"count": len(self.rows), **self.values}
        return messages.text(f"fault.{self.fault}", language, layer=layer, **values)

    def effect(self, language: str = "en") -> str:
        """Say what the fault does to the figures."""
        return messages.text(f"effect.{self.fault}", language, **{"count": len(self.rows), **self.values})

    def details(self, language: str = "en") -> list[str]:
        """Say of each row what is its own, in the order of the rows; no sentence at all where they do not differ."""
        return [messages.text(f"each.{self.fault}", language, **values) for values in self.each]

    def as_dict(self, language: str = "en") -> dict[str, object]:
        """Give the finding as the JSON contract has it."""
        return {
            "layer": self.layer,
            "fault": self.fault,
            "rows": list(self.rows),
            "within": [{"layer": layer, "row": row} for layer, row in self.within],
            "ids": list(self.ids),
            "text": self.text(language),
            "effect": self.effect(language),
            "details": self.details(language),
            "left_out": self.left_out,
            "repair": self.repair,
        }
