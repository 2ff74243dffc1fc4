"""What published ratios imply: the population behind each, and the area and points behind a service radius."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo import messages
from geo.figures import ALL
from geo.judge.rounding import Span, exact, written
from geo.judge.stated import limit_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geo.figures import Figure
    from geo.judge.stated import Count, Published, Stated

# Of so many numbers of people that fit, one is hit to the last person by chance once in fifty times.
_TELLING = 50


@dataclass(frozen=True)
class Ratio:
    """A published ratio that has the population on one side: people per point, or subscriptions per 100 people."""

    stated: Stated
    count: float

    @property
    def population(self) -> Span:
        """The population that the published value implies, with its rounding."""
        value = written(self.stated.value)
        return value.times(self.count) if self.is_per_point else value.dividing(100 * self.count)

    @property
    def is_per_point(self) -> bool:
        """Whether the population stands above the line."""
        return self.stated.indicator == "people_per_point"

    def value_for(self, population: float) -> float:
        """Give what the ratio would be with a population."""
        return population / self.count if self.is_per_point else 100 * self.count / population

    def count_for(self, population: float) -> float:
        """Give the points or subscriptions that the published value would need with a population."""
        value = float(self.stated.value)
        return population / value if self.is_per_point else value * population / 100


@dataclass(frozen=True)
class Population:
    """
    One number of people that the ratios are held against, and which of them it fits.

    `origin` is ``total`` (the one the figures use), ``stated`` (published beside, as a census) or ``implied`` (by the
    ratio `by`). `values` has what each ratio would be with it, `fits` whether that rounds to what is published; both
    in the order of the ratios.
    """

    origin: str
    span: Span
    name: Mapping[str, str] | None
    by: Stated | None
    values: tuple[float, ...]
    fits: tuple[bool, ...]

    def title(self, language: str = "en") -> str:
        """Say where the number comes from."""
        if self.by is not None:
            return messages.text("audit.population_implied", language, ratio=ratio_name(self.by, language))
        return messages.text("audit.population_total", language) if self.name is None else self.name[language]


def ratio_name(stated: Stated, language: str = "en") -> str:
    """Name a published ratio."""
    name = messages.text(f"indicator.{stated.indicator}", language)
    return name if stated.variant is None else f"{name} ({stated.variant})"


def ratios(published: Published, figures: Sequence[Figure]) -> list[Ratio]:
    """Give the published ratios whose other side is known: the points counted, the subscriptions given."""
    found = []
    for one in published.figures:
        if one.indicator == "people_per_point":
            points = next((other.value for other in published.figures if other.indicator == "points"), None)
            count = _value(figures, "points") if points is None else float(points)
        elif one.indicator == "subscriptions_per_100":
            figure = figure_of(figures, one.indicator, one.variant)
            count = None if figure is None else figure.numerator
        else:
            continue
        if count and one.value > 0:
            found.append(Ratio(one, float(count)))
    return found


def populations(published: Published, figures: Sequence[Figure]) -> list[Population]:
    """Hold every number of people that is in play against every published ratio that has one."""
    held = ratios(published, figures)
    total = _value(figures, "population")
    found = [] if total is None else [_population("total", exact(total), held)]
    found += [_population("stated", written(one.value), held, name=one) for one in published.populations]
    return found + [_population("implied", ratio.population, held, by=ratio.stated) for ratio in held]


def _population(
    origin: str, span: Span, held: Iterable[Ratio], *, name: Count | None = None, by: Stated | None = None
) -> Population:
    ratios_of = list(held)
    return Population(
        origin=origin,
        span=span,
        name=None if name is None else name.name,
        by=by,
        values=tuple(ratio.value_for(span.value) for ratio in ratios_of),
        fits=tuple(ratio.population.meets(span) for ratio in ratios_of),
    )


def is_circular(ratio: Ratio, figures: Sequence[Figure]) -> bool:
    """
    Tell whether the official population is, to the last person, the one that a published ratio implies.

    The ratio then agrees with the figures because the population was worked out from it. Where only few numbers of
    people round to the ratio, that they are the same tells nothing.
    """
    total = figure_of(figures, "population", None)
    if total is None or total.value is None or total.basis != "official":
        return False
    implied = ratio.population
    return implied.high - implied.low >= _TELLING and round(implied.value) == total.value


def reference_for(ratio: Ratio, held: Sequence[Ratio], figures: Sequence[Figure]) -> tuple[float, Stated | None] | None:
    """
    Give the population that a ratio which does not fit is best compared with, and the ratio that implies it.

    It is the total that the figures use; or what a ratio of the same table implies, for that is most likely to rest on
    the same people - but only where that is closer to the total than what this ratio implies itself.
    """
    total = _value(figures, "population")
    if total is None:
        return None
    own = abs(ratio.population.value - total)
    for other in held:
        same_table = other.stated.indicator == ratio.stated.indicator and other.stated != ratio.stated
        if same_table and abs(other.population.value - total) < own:
            return other.population.value, other.stated
    return total, None


def area_behind(radius: Stated, points: float) -> Span:
    """Give the area in km2 that a published mean service radius implies: pi r2 times the points."""
    return written(radius.value).squared().times(math.pi * points)


def points_behind(radius: Stated, area_km2: float) -> Span:
    """Give the number of points that a published mean service radius implies for an area in km2."""
    return written(radius.value).squared().times(math.pi).dividing(area_km2)


def figure_of(figures: Iterable[Figure], indicator: str, variant: str | None) -> Figure | None:
    """Find the figure of the whole territory; the variant is a technology, a kind of subscription, or a limit in km."""
    for one in figures:
        own = one.technology if one.within_km is None else limit_key(one.within_km)
        if (one.area, one.indicator, own) == (ALL, indicator, variant) and one.operator in (None, "any"):
            return one
    return None


def _value(figures: Iterable[Figure], indicator: str) -> float | None:
    figure = figure_of(figures, indicator, None)
    return None if figure is None else figure.value
