"""Standards held against a territory: which rules it keeps, which areas fail by how much, how many points it needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo import messages
from geo.judge.further import Further, further
from geo.judge.outcome import Measured, Outcome, outcomes
from geo.judge.stated import WITHIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.judge.rulebook import Rule, Standard
    from geo.judge.stated import Published

__all__ = ["Judgement", "Measured", "Outcome", "judge", "limits_of", "reason_text", "summary"]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """
    One rule judged.

    `outcomes` has one entry, or one per area in the order of the areas. `further` has the least number of further
    points without which the rule cannot be kept; nothing where it is kept.
    """

    rule: Rule
    outcomes: tuple[Outcome, ...]
    further: Further

    @property
    def more_points(self) -> int | None:
        """The least number of further points, wherever they stand; None where the rule is kept or nothing tells it."""
        return self.further.anywhere

    @property
    def failing(self) -> tuple[Outcome, ...]:
        """The areas that fail: those without any point, then the farthest off first."""
        failed = [one for one in self.outcomes if one.passed is False]
        return tuple(sorted(failed, key=lambda one: -math.inf if one.miss is None else -abs(one.miss)))

    @property
    def unknown(self) -> tuple[Outcome, ...]:
        """The areas of which it is not known."""
        return tuple(one for one in self.outcomes if one.passed is None)

    @property
    def passed(self) -> bool | None:
        """Whether the rule is kept everywhere; None where nothing fails and something is not known."""
        told = [one.passed for one in self.outcomes]
        if False in told:
            return False
        return None if None in told or not told else True


def judge(standard: Standard, measured: Measured) -> list[Judgement]:
    """
    Hold the rules of a standard against a territory.

    Parameters
    ----------
    standard : Standard
        Its limits in km must be among those that the territory was measured with (:func:`limits_of`).
    measured : Measured
        Figures, villages and areas as a study gives them.

    Returns
    -------
    list of Judgement
        In the order of the rules.
    """
    return [_judged(rule, measured) for rule in standard.rules]


def limits_of(standards: Sequence[Standard], published: Published | None = None) -> list[float]:
    """Give the limits in km that the rules, and the published figures, ask for."""
    limits = [rule.within_km for standard in standards for rule in standard.rules]
    stated = () if published is None else published.figures
    limits += [float(one.variant) for one in stated if one.indicator in WITHIN and one.variant is not None]
    return list(dict.fromkeys(limit for limit in limits if limit is not None))


def _judged(rule: Rule, measured: Measured) -> Judgement:
    found = outcomes(rule, measured)
    failing = [one for one in found if one.passed is False]
    return Judgement(rule=rule, outcomes=found, further=further(rule, failing, measured) if failing else Further())


def summary(judged: Sequence[Judgement], language: str = "en") -> str:
    """Say how many rules are not kept, and of how many it is not known."""
    failed = sum(one.passed is False for one in judged)
    told = messages.text("word.judged", language, failed=failed, of=len(judged))
    unknown = sum(one.passed is None for one in judged)
    return f"{told} {messages.text('word.not_judged', language, count=unknown)}" if unknown else told


def reason_text(outcome: Outcome, language: str = "en") -> str:
    """Say why a rule could not be judged in an area."""
    return messages.text(f"reason.{outcome.reason}", language)
