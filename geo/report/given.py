"""What a report is made from: a study, what it gave, and the file it stands in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo.figures import ALL
from geo.judge.standards import limits_of
from geo.report.sources import STUDY
from geo.results import LayerFacts

if TYPE_CHECKING:
    from pathlib import Path

    from geo.figures import Figure
    from geo.results import Results
    from geo.study import Study
    from geo.studyfile import StudyFile


@dataclass(frozen=True, kw_only=True)
class Given:
    """
    What a report is made from.

    `results` were measured with the limits in km that the study's standards ask for; `by` is the column that their
    groups were made by. `origin` tells of the study's own file; None where layers were named one by one.
    """

    study: StudyFile
    results: Results
    by: str | None = None
    origin: LayerFacts | None = None

    @property
    def layers(self) -> tuple[LayerFacts, ...]:
        """Every file that a figure may rest on, the study's own first."""
        return (*(() if self.origin is None else (self.origin,)), *self.results.layers)

    def figure(self, indicator: str, within_km: float | None = None) -> Figure | None:
        """Give a figure of the whole territory that has no technology; None where there is none."""
        for one in self.results.figures:
            if (one.area, one.indicator, one.technology, one.within_km) == (ALL, indicator, None, within_km):
                return one
        return None


def measured(study: Study, file: Path | None = None, by: str | None = None) -> Given:
    """
    Run a study for a report.

    Parameters
    ----------
    study : Study
        What is to be measured.
    file : Path, optional
        The file that the study was read from: official totals rest on it.
    by : str, optional
        A column of the areas (of the villages where there are no areas) to make groups by.

    Raises
    ------
    LayerError, CRSError, StudyError
        As :meth:`geo.Study.run`.
    """
    wanted = study.measuring_within(limits_of(study.file.standards, study.file.published))
    results = wanted.run(by=by)
    origin = None
    if file is not None:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        origin = LayerFacts(layer=STUDY, file=file.name, sha256=digest, rows=0, used=0, crs="")
    return Given(study=wanted.file, results=results, by=by, origin=origin)
