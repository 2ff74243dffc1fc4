"""Programs whose solutions must keep a limit more exactly than the solver does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, vstack

from geo.plan.milp import Program, Solved, solve

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geo.plan.until import Watch


def picked(x: NDArray[np.float64], sites: int) -> NDArray[np.intp]:
    """Give the sites that a solution chooses: its first numbers are theirs."""
    return np.flatnonzero(x[:sites] > 0.5)  # noqa: PLR2004 - 0 or 1


def solve_allowed(program: Program, sites: int, allows: Callable[[NDArray[np.intp]], bool], watch: Watch) -> Solved:
    """
    Solve a program; forbid the choices that only the solver's tolerance lets through, and solve it again.

    A choice that is dearer than the budget stays so with further sites, so all that contain it are forbidden.

    Parameters
    ----------
    program : Program
        Its first numbers are those of the sites.
    sites : int
        How many there are.
    allows : callable
        Tells whether some sites may be chosen together.
    watch : Watch
        When to stop.
    """
    solved = solve(program, watch.seconds_left())
    while solved.x is not None and solved.ended == "optimal":
        chosen = picked(solved.x, sites)
        if allows(chosen):
            break
        program = _without(program, chosen)
        solved = solve(program, watch.seconds_left())
    return solved


def _without(program: Program, chosen: NDArray[np.intp]) -> Program:
    none = np.zeros(chosen.size, dtype=np.intp)
    row = csr_array((np.ones(chosen.size), (none, chosen)), shape=(1, program.cost.size))
    return replace(
        program,
        rows=csr_array(vstack([program.rows, row])),
        low=np.append(program.low, -np.inf),
        high=np.append(program.high, chosen.size - 1.0),
    )
