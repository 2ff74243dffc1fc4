"""What a column of a table measures, and what the page calls it in either language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo import messages
from geo.draw import style

if TYPE_CHECKING:
    from collections.abc import Callable

ANY_OPERATOR = "any"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """An indicator with what narrows it down: a technology, an operator, a distance in km."""

    indicator: str
    technology: str | None = None
    operator: str | None = None
    within_km: float | None = None

    @classmethod
    def of_column(cls, column: str) -> Measure | None:
        """
        Read a column's key; None where the column is no indicator that the page knows.

        Examples
        --------
        >>> Measure.of_column("people_within:3").within_km
        3.0
        >>> Measure.of_column("people_covered:4G:Viettel").operator
        'Viettel'
        >>> Measure.of_column("name") is None
        True
        """
        indicator, _, narrowed = column.partition(":")
        if indicator not in messages.group("page_indicator", "en"):
            return None
        if indicator.endswith("_within"):
            return cls(indicator=indicator, within_km=float(narrowed))
        technology, _, operator = narrowed.partition(":")
        return cls(indicator=indicator, technology=technology or None, operator=operator or None)

    def label(self, language: str) -> str:
        """Name the measure, without its unit."""
        technology = None if self.technology is None else technology_name(self.technology, language)
        name = messages.text(f"page_indicator.{self.indicator}", language, technology=technology, within=self.within_km)
        name = name[:1].upper() + name[1:]
        return name if self.operator is None else f"{name}, {operator_name(self.operator, language)}"

    def as_dict(self) -> dict[str, object]:
        """Give the measure as the browser reads it."""
        return {
            "indicator": self.indicator,
            "technology": self.technology,
            "operator": self.operator,
            "within": self.within_km,
            "label": by_language(self.label),
            "format": style.number_format(self.indicator).as_dict(),
        }


def service_name(service: Measure, language: str) -> str:
    """
    Name what a village has or lacks: a technology, of one operator or of any, or a point near enough.

    Examples
    --------
    >>> service_name(Measure(indicator="people_within", within_km=2.5), "vi")
    'điểm trong vòng 2,5 km'
    """
    if service.within_km is not None:
        return messages.text("page_service.within", language, within=service.within_km)
    technology = technology_name(service.technology or "", language)
    if service.operator is None:
        return messages.text("page_service.technology", language, technology=technology)
    operator = operator_name(service.operator, language)
    return messages.text("page_service.operator", language, technology=technology, operator=operator)


def technology_name(technology: str, language: str) -> str:
    """Name a technology; one that the catalogue does not know keeps the name that the study gave it."""
    return messages.group("page_technology", language).get(technology, technology)


def operator_name(operator: str, language: str) -> str:
    """Name an operator, or a way to count several of them together."""
    return messages.group("page_operator", language).get(operator, operator)


def by_language(say: Callable[[str], str]) -> dict[str, str]:
    """Call a function of the language once for each."""
    return {language: say(language) for language in messages.LANGUAGES}
