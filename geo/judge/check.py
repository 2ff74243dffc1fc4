"""One check of a published statement: what is stated, what was found, and what would make it right."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from geo import messages
from geo.judge.stated import WITHIN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geo.figures import Basis

Verdict = Literal["reproduced", "not_reproduced", "by_construction", "not_computable", "shown"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """
    One statement and the verdict on it.

    `subject` is the indicator, or the kind of statement (``sum``, ``growth``, ``count``); `variant` its technology,
    kind or limit; `name` what the report calls it, by language. `computed` is what the statement was held against, in
    `unit`, with its `numerator`, `denominator` and the key of the `rule` it was computed by, where it has them;
    `difference` is how much the statement is above it. `why` is the key of the sentence that accounts for the verdict,
    `remedy` of the one that says what would make the statement right; `values` fills both.
    """

    subject: str
    verdict: Verdict
    stated: Decimal | None
    why: str
    variant: str | None = None
    name: Mapping[str, str] | None = None
    computed: float | None = None
    difference: float | None = None
    unit: str | None = None
    numerator: float | None = None
    denominator: float | None = None
    rule: str | None = None
    basis: Basis | None = None
    remedy: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_fault(self) -> bool:
        """Whether something must be wrong: the statement, or what it was held against."""
        return self.verdict == "not_reproduced"

    def title(self, language: str = "en") -> str:
        """Name the statement."""
        return title_of(self.subject, self.variant, language) if self.name is None else self.name[language]

    def text(self, language: str = "en") -> str:
        """Account for the verdict in a sentence."""
        return messages.text(f"audit.{self.why}", language, **self._values(language))

    def remedy_text(self, language: str = "en") -> str | None:
        """Say in a sentence what would make the statement right; None where nothing is known to be wrong."""
        return (
            None if self.remedy is None else messages.text(f"audit.{self.remedy}", language, **self._values(language))
        )

    def _values(self, language: str) -> dict[str, object]:
        return {key: _told(value, language) for key, value in self.values.items()}

    def as_dict(self, language: str = "en") -> dict[str, object]:
        """Give the check for JSON; what was stated as a text, with the digits it was printed with."""
        return {
            "subject": self.subject,
            "variant": self.variant,
            "title": self.title(language),
            "verdict": self.verdict,
            "stated": None if self.stated is None else str(self.stated),
            "computed": self.computed,
            "difference": self.difference,
            "unit": self.unit,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "rule": self.rule,
            "basis": self.basis,
            "text": self.text(language),
            "remedy": self.remedy_text(language),
        }


def title_of(indicator: str, variant: str | None, language: str) -> str:
    """Name a figure with its technology, its kind of subscription or its limit."""
    name = messages.text(f"indicator.{indicator}", language)
    if variant is None:
        return name
    detail = f"{messages.written(Decimal(variant), language)} km" if indicator in WITHIN else variant
    return f"{name} ({detail})"


def both(say: Callable[[str], str | None]) -> dict[str, str]:
    """Give what is to be filled into a sentence in each language."""
    return {language: say(language) or "" for language in messages.LANGUAGES}


def _told(value: object, language: str) -> object:
    """Give a text in its language, and several numbers with a plus between them."""
    if isinstance(value, tuple):
        return " + ".join(str(messages.written(part, language)) for part in value)
    return value[language] if isinstance(value, dict) else value
