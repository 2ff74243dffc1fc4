"""The files beside the layers that figures and verdicts rest on: the study file, and files of rules."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from geo.study.results import LayerFacts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from geo.judge.rulebook import Standard


def origins(study: Path | None, standards: Iterable[Standard] = ()) -> tuple[LayerFacts, ...]:
    """
    Give the files, each with its hash, as they stand among the layers: ``study``, and ``rules.`` with a standard's key.

    Parameters
    ----------
    study : Path, optional
        The study file: official totals, subscriptions and published figures are from it. None where layers were named
        one by one.
    standards : iterable of Standard
        The standards that the territory was held against.
    """
    own = [] if study is None else [_facts("study", study.name, hashlib.sha256(study.read_bytes()).hexdigest())]
    return (*own, *(_facts(f"rules.{one.key}", one.file, one.sha256) for one in standards))


def _facts(layer: str, file: str, sha256: str | None) -> LayerFacts:
    return LayerFacts(layer=layer, file=file, sha256=sha256, rows=0, used=0, crs="")
