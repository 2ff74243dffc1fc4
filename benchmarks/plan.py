"""
Measure plans beside spopt, which asks the same solver: OR-Library p-medians, and covering of made-up villages.

Run by `make bench-plan`; writes its section of `benchmarks/README.md`, or, with `--quick`, prints small sizes. The
instances of the OR-Library are read from a folder that is named: `pmed1.txt` to `pmed40.txt`, and `optimal.txt` or
`pmedopt.txt` with the optimum of each. Sizes above 100,000 villages are measured with `--all`.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse.csgraph import shortest_path

from benchmarks.made import COUNTRY, places
from benchmarks.report import Goal, Report, count, seconds, write
from benchmarks.rounds import AbsentError, told
from geo.plan.answer import gap_between
from geo.plan.max_cover import max_cover
from geo.plan.milp import solver_name
from geo.plan.p_median import p_median
from geo.plan.pairs import pairs_between, pairs_of
from geo.plan.problem import Problem
from geo.plan.until import Until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from geo.plan.answer import Answer

TIME_S = 60.0
LARGEST_TIME_S = 300.0
# Beyond, the dense matrix that the peer needs is larger than the machine.
DENSE_UP_TO = 50_000_000


@dataclass(frozen=True, kw_only=True)
class Size:
    """Villages, candidates among them, sites to choose, and the limit in km; the gap that is the goal, if one is."""

    villages: int
    candidates: int
    number: int
    within_km: float
    time_s: float = TIME_S
    gap: float | None = None
    goal_s: float = TIME_S


SIZES = (
    Size(villages=1_000, candidates=500, number=20, within_km=30),
    Size(villages=10_000, candidates=2_000, number=100, within_km=20, gap=0.0, goal_s=10.0),
    Size(villages=50_000, candidates=5_000, number=200, within_km=15, gap=0.02),
    Size(villages=100_000, candidates=20_000, number=500, within_km=10, gap=0.03),
)
LARGEST = Size(
    villages=1_000_000,
    candidates=50_000,
    number=1_000,
    within_km=8,
    time_s=LARGEST_TIME_S,
    gap=np.inf,
    goal_s=LARGEST_TIME_S,
)


@dataclass(frozen=True, kw_only=True)
class Cover:
    """Made-up villages with people, the rows of those where a site could be, and what is asked."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    people: NDArray[np.float64]
    site: NDArray[np.intp]
    size: Size


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a way gave: seconds, people, and the bound (None where it tells none)."""

    took: float
    objective: float
    bound: float | None
    status: str


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plan", description=__doc__)
    parser.add_argument("--or-library", type=Path, help="folder with pmed1.txt ... and optimal.txt")
    parser.add_argument("--all", action="store_true", help="a million villages too: minutes, and 10 GB of memory")
    parser.add_argument("--quick", action="store_true", help="up to 10,000 villages; prints, and writes nothing")
    given = parser.parse_args()
    sizes = SIZES[:2] if given.quick else (*SIZES, LARGEST) if given.all else SIZES
    parts = [covering(sizes).markdown()]
    if given.or_library is not None:
        parts.append(medians(given.or_library).markdown())
    text = "\n\n".join(["## Plans", *parts])
    print(text) if given.quick else write("plan", text)


def covering(sizes: tuple[Size, ...]) -> Report:
    """Time maximal covering of made-up villages by geo and by spopt."""
    report = Report(
        title="Maximal covering",
        text=(
            "Villages of a country of 8 x 15 degrees, half of them about towns; some of them are candidates. geo goes "
            f"from degrees to the answer, distances counted, and stops when it is proved or after {TIME_S:g} s. spopt "
            "is given the same distances as the dense matrix that it needs, and the same solver and time; its model is "
            f"counted, the matrix is not. Above {DENSE_UP_TO:,} pairs it is left out. bound: by how much any other "
            "choice could be better."
        ),
        columns=("villages x candidates", "sites", "way", "s", "people", "bound", "proved"),
        packages=("highspy", "scipy", "spopt", "pulp"),
    )
    ways: dict[str, Callable[[Cover], Told]] = {"geo": by_geo, "spopt": by_spopt}
    for size in sizes:
        cover = made(size)
        name = f"{count(size.villages)} x {count(size.candidates)}"
        found: dict[str, Told] = {}
        for way, run in ways.items():
            try:
                found[way] = run(cover)
            except AbsentError as error:
                report.skipped.append(f"{way} at {name}: {error}")
                continue
            report.load.append(os.getloadavg()[0])
            one = found[way]
            told(f"{name}: {way} {one.took:.2f} s, {one.objective:,.0f} people, {one.status}")
            gap = "-" if one.bound is None else f"{100 * (one.bound / one.objective - 1):.3f} %"
            row = (name, str(size.number), way, seconds(one.took), f"{one.objective:,.0f}", gap)
            report.rows.append((*row, "yes" if one.status == "optimal" else one.status))
        if size.gap is not None:
            report.goals.append(goal(name, size, found["geo"]))
    return report


def goal(name: str, size: Size, one: Told) -> Goal:
    """Hold what geo took and proved against the goal."""
    gap = np.inf if one.bound is None else one.bound / one.objective - 1
    wanted = {0.0: "proved", np.inf: "with a bound"}.get(size.gap or 0.0, f"within {100 * (size.gap or 0):g} %")
    slack = 1e-9 if size.gap is not None else 0.0
    return Goal(
        text=f"{name} {wanted} in {size.goal_s:g} s",
        measured=f"{100 * gap:.3f} % in {seconds(one.took)} s",
        met=gap <= (size.gap or 0.0) + slack and (one.took <= size.goal_s or _by_gap(size, one)),
    )


def _by_gap(size: Size, one: Told) -> bool:
    """Tell whether the time was spent on a proof beyond the goal, stopped by the clock."""
    return bool(size.gap) and one.took <= 1.1 * size.goal_s


def made(size: Size) -> Cover:
    """Make villages, people, and candidates, the same in every run."""
    lon, lat = places(3, size.villages, COUNTRY)
    random = np.random.default_rng(4)
    people = np.rint(random.lognormal(6.5, 0.8, size.villages)).clip(1)
    site = np.sort(random.choice(size.villages, size.candidates, replace=False))
    return Cover(lon=lon, lat=lat, people=people, site=site, size=size)


def by_geo(cover: Cover) -> Told:
    """Choose by geo, from degrees."""
    size, site = cover.size, cover.site
    began = time.perf_counter()
    ends = (cover.lon, cover.lat, cover.lon[site], cover.lat[site])
    pairs = pairs_between(*ends, within_m=size.within_km * 1000)
    until = Until(time_s=max(size.time_s - (time.perf_counter() - began), 1.0))
    problem = Problem(pairs=pairs, people=cover.people)
    answer = max_cover(problem, within_m=size.within_km * 1000, number=size.number, until=until)
    return _told(answer, time.perf_counter() - began)


def by_spopt(cover: Cover) -> Told:
    """Choose by spopt with HiGHS, from a dense matrix."""
    size, site = cover.size, cover.site
    if size.villages * size.candidates > DENSE_UP_TO:
        msg = f"its dense matrix has {size.villages * size.candidates / 1e6:,.0f} million numbers"
        raise AbsentError(msg)
    try:
        import pulp  # noqa: PLC0415 - a peer that need not be there
        from spopt.locate import MCLP  # noqa: PLC0415
    except ImportError as error:
        msg = f"{error.name} is not installed"
        raise AbsentError(msg) from error
    limit = size.within_km * 1000
    pairs = pairs_between(cover.lon, cover.lat, cover.lon[site], cover.lat[site], within_m=limit)
    matrix = np.full((size.villages, size.candidates), 2 * limit)
    matrix[pairs.village, pairs.site] = pairs.metres
    began = time.perf_counter()
    model = MCLP.from_cost_matrix(matrix, cover.people, limit, p_facilities=size.number)
    model.solve(pulp.HiGHS(msg=False, timeLimit=size.time_s), results=False)
    took = time.perf_counter() - began
    values = [variable.varValue for variable in model.fac_vars]
    chosen = np.flatnonzero(np.array([value is not None and value > 0.5 for value in values]))  # noqa: PLR2004
    served = np.unique(pairs.village[np.isin(pairs.site, chosen)])
    # PuLP calls what the clock stopped optimal too, and hands no bound on: this is all it tells.
    proved = model.problem.sol_status == pulp.LpSolutionOptimal and took < size.time_s
    objective = float(cover.people[served].sum())
    return Told(
        took=took, objective=objective, bound=objective if proved else None, status="optimal" if proved else "time"
    )


def _told(answer: Answer, took: float) -> Told:
    return Told(took=took, objective=answer.objective, bound=answer.bound, status=answer.status)


def medians(folder: Path) -> Report:
    """Time the p-medians of the OR-Library against their optima."""
    report = Report(
        title="p-median, OR-Library",
        text=(
            f"Instances of a folder (J. E. Beasley), all shortest paths first; stopped when proved or after {TIME_S:g} "
            f"s. error: of the answer, against the published optimum. Both ways from the matrix of the shortest paths "
            f"to the answer, with the same solver: {solver_name()}."
        ),
        columns=("of", "nodes", "sites", "way", "s", "found", "optimum", "error", "bound", "proved"),
        packages=("highspy", "scipy", "spopt", "pulp"),
    )
    errors, proofs, took = [], [], []
    for name, ways, number, optimum in instances(folder):
        for way, run in (("geo", median_by_geo), ("spopt", median_by_spopt)):
            try:
                one = run(ways, number)
            except AbsentError as error:
                report.skipped.append(f"{way} at {name}: {error}")
                continue
            report.load.append(os.getloadavg()[0])
            error = one.objective / optimum - 1
            told(f"{name}: {way} {one.objective:g}, optimum {optimum:g}, {one.status}, {one.took:.2f} s")
            row = (name, str(len(ways)), str(number), way, seconds(one.took), f"{one.objective:g}", f"{optimum:g}")
            bound = "-" if one.bound is None else f"{100 * gap_between(one.objective, one.bound):.3f} %"
            report.rows.append((*row, f"{100 * error:.3f} %", bound, "yes" if one.status == "optimal" else one.status))
            if way == "geo":
                errors.append(error)
                proofs.append(one.status == "optimal")
                took.append(one.took)
    report.goals.append(
        Goal(
            text=f"each of {len(errors)} instances within {TIME_S:g} s at most 0.1 % from the optimum",
            measured=f"at most {100 * max(errors):.3f} %, {seconds(max(took))} s",
            met=max(errors) <= 1e-3 and max(took) <= 1.1 * TIME_S,  # noqa: PLR2004
        )
    )
    report.goals.append(
        Goal(text="most of them proved", measured=f"{sum(proofs)} of {len(proofs)}", met=2 * sum(proofs) > len(proofs))
    )
    return report


def median_by_geo(ways: NDArray[np.float64], number: int) -> Told:
    """Solve a p-median by geo."""
    began = time.perf_counter()
    problem = Problem(pairs=pairs_of(ways), people=np.ones(len(ways)))
    answer = p_median(problem, number=number, until=Until(time_s=TIME_S))
    return _told(answer, time.perf_counter() - began)


def median_by_spopt(ways: NDArray[np.float64], number: int) -> Told:
    """Solve a p-median by spopt with HiGHS."""
    try:
        import pulp  # noqa: PLC0415 - a peer that need not be there
        from spopt.locate import PMedian  # noqa: PLC0415
    except ImportError as error:
        msg = f"{error.name} is not installed"
        raise AbsentError(msg) from error
    began = time.perf_counter()
    model = PMedian.from_cost_matrix(ways, np.ones(len(ways)), p_facilities=number)
    model.solve(pulp.HiGHS(msg=False, timeLimit=TIME_S), results=False)
    took = time.perf_counter() - began
    chosen = [place for place, variable in enumerate(model.fac_vars) if (variable.varValue or 0.0) > 0.5]  # noqa: PLR2004
    objective = float(ways[:, chosen].min(axis=1).sum())
    proved = model.problem.sol_status == pulp.LpSolutionOptimal and took < TIME_S
    bound = objective if proved else None
    return Told(took=took, objective=objective, bound=bound, status="optimal" if proved else "time")


def instances(folder: Path) -> Iterator[tuple[str, NDArray[np.float64], int, float]]:
    """Read every instance: its name, the shortest ways, the number of sites, and the optimum."""
    listed = next((folder / name for name in ("optimal.txt", "pmedopt.txt") if (folder / name).exists()), None)
    if listed is None:
        msg = f"{folder} has neither optimal.txt nor pmedopt.txt."
        raise SystemExit(msg)
    rows = (line.split() for line in listed.read_text("utf-8").splitlines())
    optima = {row[0]: float(row[1]) for row in rows if len(row) == 2 and row[0].startswith("pmed")}  # noqa: PLR2004
    for name in sorted(optima, key=lambda one: int(one.removeprefix("pmed"))):
        path = folder / f"{name}.txt"
        if not path.exists():
            continue
        nodes, _, number, *edges = np.array(path.read_text("utf-8").split(), dtype=int)
        matrix = np.zeros((nodes, nodes))
        # Where an edge is given twice the last one counts.
        for one, other, length in np.reshape(edges, (-1, 3)):
            matrix[one - 1, other - 1] = matrix[other - 1, one - 1] = length
        yield name, shortest_path(matrix, directed=False), int(number), optima[name]


if __name__ == "__main__":
    told(f"geo-coverage {version('geo-coverage')}")
    main()
