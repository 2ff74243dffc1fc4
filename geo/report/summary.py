"""What the title page says beside the headline: what was found, what is not reproduced, what is not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo import messages
from geo.report.audited import audit_sentences
from geo.report.document import few, plain
from geo.report.judged import judged_of, standard_sentences

if TYPE_CHECKING:
    from geo.report.given import Given


def summary(given: Given, language: str) -> tuple[str, ...]:
    """Say in a few sentences what a reader must know before signing."""
    return (
        _findings(given, language),
        *audit_sentences(given, language),
        *standard_sentences(judged_of(given), language),
    )


def _findings(given: Given, language: str) -> str:
    found = [one for one in given.results.findings if not one.chosen]
    left = sum(one.left_out for one in found)
    key = "findings_left" if left else "findings" if found else "none_found"
    names = few([plain(one.text(language)) for one in found])
    return messages.text(f"summary.{key}", language, count=len(found), left=left, names=names)
