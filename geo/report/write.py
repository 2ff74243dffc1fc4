"""Write the report of a study: the kind of file by its name, beside it first, so that no half file is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.errors import OutputError
from geo.layers.write import beside
from geo.report.contents import contents
from geo.report.markdown import as_markdown
from geo.report.paper import write_paper
from geo.report.picture import picture
from geo.report.workbook import write_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from geo.report.given import Given


def write_report(given: Given, path: Path, *, language: str = "en", overwrite: bool = False) -> None:
    """
    Write a report; the name tells the kind: .xlsx, .pdf or .md. The same input gives the same bytes.

    Parameters
    ----------
    given : Given
        A study and its results, from :func:`geo.report.given.measured`.
    path : Path
        The file; it appears when it is complete.
    language : str
        ``"vi"`` or ``"en"``.
    overwrite : bool
        Whether a file that exists is replaced.

    Raises
    ------
    OutputError
        Where the kind is not known, its extra is not installed, or the file cannot be written.
    """
    writer = _WRITERS[kind_of(path)]
    with beside(path, overwrite=overwrite) as draft:
        writer(given, language, draft)


def kind_of(path: Path) -> str:
    """
    Give the kind of a report by its name.

    Raises
    ------
    OutputError
        Where it is none that a report can be.
    """
    kind = path.suffix.lower()
    if kind not in _WRITERS:
        msg = f"{path}: '{path.suffix}' is no kind of report; there is {', '.join(_WRITERS)}."
        raise OutputError(msg)
    return kind


def _workbook(given: Given, language: str, path: Path) -> None:
    write_workbook(contents(given, language), path)


def _paper(given: Given, language: str, path: Path) -> None:
    write_paper(contents(given, language), picture(given.results, language), path)


def _markdown(given: Given, language: str, path: Path) -> None:
    path.write_bytes(as_markdown(contents(given, language)).encode("utf-8"))


_WRITERS: Mapping[str, Callable[[Given, str, Path], None]] = {".xlsx": _workbook, ".pdf": _paper, ".md": _markdown}
