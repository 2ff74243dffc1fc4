"""What a report is made from: a study, what it gave, and the file it stands in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo.figures import ALL
from geo.judge.standards import limits_of
from geo.report.sources import STUDY
from geo.study.origins import origins

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geo.figures import Basis, Figure
    from geo.judge.rulebook import Standard
    from geo.study.file import StudyFile
    from geo.study.results import LayerFacts, Results
    from geo.study.study import Study


@dataclass(frozen=True, kw_only=True)
class Given:
    """
    What a report is made from.

    `results` were measured with the limits in km that the study's standards ask for; `by` is the column that their
    groups were made by. `origins` are the files beside the layers: the study's own, unless layers were named one by
    one, and those of the rules.
    """

    study: StudyFile
    results: Results
    by: str | None = None
    origins: tuple[LayerFacts, ...] = ()

    @property
    def layers(self) -> tuple[LayerFacts, ...]:
        """Every file that a figure may rest on, the study's own first."""
        return (*self.origins, *self.results.layers)

    @property
    def origin(self) -> LayerFacts | None:
        """The study's own file; None where layers were named one by one."""
        return next((one for one in self.origins if one.layer == STUDY), None)

    @property
    def basis_of_parts(self) -> Basis:
        """What the figures of an area rest on: the layers alone, for official totals serve the whole."""
        return "by_construction" if self.results.about.data == "reconstructed" else "measured"

    def figure(self, indicator: str, within_km: float | None = None) -> Figure | None:
        """Give a figure of the whole territory that has no technology; None where there is none."""
        for one in self.results.figures:
            if (one.area, one.indicator, one.technology, one.within_km) == (ALL, indicator, None, within_km):
                return one
        return None


def measured(
    study: Study, file: Path | None = None, by: str | None = None, *, standards: Sequence[Standard] | None = None
) -> Given:
    """
    Run a study for a report, its limits in km in rising order.

    Parameters
    ----------
    study : Study
        What is to be measured.
    file : Path, optional
        The file that the study was read from: official totals rest on it.
    by : str, optional
        A column of the areas (of the villages where there are no areas) to make groups by.
    standards : sequence of Standard, optional
        Rules that the territory is held against in place of the study's own.

    Raises
    ------
    LayerError, CRSError, StudyError
        As :meth:`geo.Study.run`.
    """
    books = study.file.standards if standards is None else tuple(standards)
    wanted = study.measuring_within(limits_of(books, study.file.published)).file
    choices = replace(wanted.choices, within_km=tuple(sorted(wanted.choices.within_km)))
    wanted = replace(wanted, standards=books, choices=choices)
    results = replace(study, file=wanted).run(by=by)
    return Given(study=wanted, results=results, by=by, origins=origins(file, books))
