"""What a benchmark says: tables and goals as Markdown, the machine, and the part of the README between two marks."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

README = Path(__file__).with_name("README.md")
_JOB = re.compile(r"^<!-- job: (\w+) -->\n", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What was to be reached, what was measured, and whether the one is the other; `why` is told where it is not."""

    text: str
    measured: str
    met: bool
    why: str = ""

    def line(self) -> str:
        """Write it as one item of a list."""
        if self.met:
            return f"* Met: {self.text}: {self.measured}."
        return f"* **Missed**: {self.text}: {self.measured}. {self.why}".rstrip()


@dataclass(kw_only=True)
class Report:
    """One job: its title, what was measured and how, a table, goals, and the load of the machine meanwhile."""

    title: str
    text: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    packages: tuple[str, ...] = ()
    load: list[float] = field(default_factory=list)

    def markdown(self) -> str:
        """Write it as a section of the README."""
        lines = [f"### {self.title}", "", self.text.strip(), ""]
        words = [index for index, name in enumerate(self.columns) if name in {"way", "part", "of"}]
        rule = ["---" if index in words else "--:" for index in range(len(self.columns))]
        lines += [f"| {' | '.join(self.columns)} |", f"|{'|'.join(rule)}|"]
        lines += [f"| {' | '.join(row)} |" for row in self.rows]
        lines += ["", *(goal.line() for goal in self.goals)]
        lines += [f"* Skipped: {one}." for one in self.skipped]
        lines += [
            "",
            f"{versions(self.packages)}; {machine()}; load average {median(self.load or [0.0]):.1f} (median).",
        ]
        return "\n".join(lines)


def versions(packages: tuple[str, ...]) -> str:
    """Name the versions of Python and of packages; those that are not installed are left out."""
    named = [f"Python {platform.python_version()}"]
    for name in ("geo-coverage", "numpy", *packages):
        try:
            named.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(named)


def machine() -> str:
    """Say how many cores and how much memory there are."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GB"


def count(number: int) -> str:
    """Write a number of rows: 100k, 7 M."""
    for size, name in ((1_000_000, " M"), (1000, "k")):
        if number >= size:
            return f"{number / size:g}{name}"
    return str(number)


def seconds(number: float) -> str:
    """Write seconds with three digits that count."""
    return f"{number:.3f}" if number < 1 else f"{number:.3g}" if number < 1000 else f"{number:.0f}"  # noqa: PLR2004


def write(name: str, section: str, readme: Path = README) -> None:
    """Put a section between its marks; what other hands wrote around it stays."""
    text = readme.read_text("utf-8") if readme.exists() else "# Benchmarks\n"
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    block = f"{begin}\n{section}\n{end}"
    if begin in text:
        before, _, rest = text.partition(begin)
        text = before + block + rest.partition(end)[2]
    else:
        text = f"{text.rstrip()}\n\n{block}\n"
    readme.write_text(text, "utf-8")


def written_jobs(name: str, readme: Path = README) -> dict[str, str]:
    """Give the jobs that a section holds from an earlier run, as Markdown by name."""
    text = readme.read_text("utf-8") if readme.exists() else ""
    inside = text.partition(f"<!-- {name}: begin -->")[2].partition(f"<!-- {name}: end -->")[0]
    _, *parts = _JOB.split(inside)
    return {job: part.strip() for job, part in zip(parts[::2], parts[1::2], strict=True)}


def joined(intro: str, jobs: dict[str, str]) -> str:
    """Join an introduction and jobs to one section, each after a mark by which it is found again."""
    return "\n\n".join([intro.strip(), *(f"<!-- job: {job} -->\n{text}" for job, text in jobs.items())])
