"""Mixed-integer programs, solved by HiGHS: begun from a known solution, stopped by gap, time or Ctrl-C."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Literal

import numpy as np

from geo.errors import FigureError

if TYPE_CHECKING:
    import highspy
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

Ended = Literal["optimal", "time", "interrupted", "infeasible"]
# What the solver allows a dual value to be wrong by; each column can move the bound by so much.
TOLERANCE = 1e-7
_LONGEST_S = 1e20
_LEAST_GAP = 1e-6


@dataclass(frozen=True, kw_only=True)
class Program:
    """
    Minimise ``cost @ x`` with ``low <= rows @ x <= high`` and ``0 <= x <= 1``; `whole` tells which x are 0 or 1.

    `start` is a known solution. Solutions are wanted until no other is better by more than `gap` (absolute). `ones`
    tells which x are 1 for certain.
    """

    cost: NDArray[np.float64]
    rows: csr_array
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    whole: NDArray[np.bool_]
    start: NDArray[np.float64] | None = None
    gap: float = 0.0
    ones: NDArray[np.bool_] | None = None

    @property
    def least(self) -> NDArray[np.float64]:
        """The least that each x can be."""
        return np.zeros(self.cost.size) if self.ones is None else self.ones.astype(float)


@dataclass(frozen=True, kw_only=True)
class Solved:
    """The best `x` (None where none was found), a bound that no solution is below, and how the solver ended."""

    x: NDArray[np.float64] | None
    bound: float
    ended: Ended


@cache
def solver_name() -> str:
    """Name the solver with its version."""
    try:
        return f"HiGHS {metadata.version('highspy')}"
    except metadata.PackageNotFoundError:
        return f"HiGHS of SciPy {metadata.version('scipy')}"


def solve(program: Program, seconds: float) -> Solved:
    """
    Solve a program, by `highspy` where it is installed and by `scipy.optimize.milp` elsewhere.

    SciPy's way takes no start and cannot be interrupted; the extra ``plan`` installs highspy.

    Parameters
    ----------
    program : Program
        What to minimise.
    seconds : float
        How long; may be infinite.

    Raises
    ------
    FigureError
        Where the solver refuses the program.
    """
    try:
        import highspy  # noqa: F401, PLC0415 - an extra
    except ImportError:
        return _by_scipy(program, seconds)
    return _by_highs(program, seconds)


def _by_highs(program: Program, seconds: float) -> Solved:
    from highspy import HighsModelStatus  # noqa: PLC0415

    solver = _quiet_solver()
    gap = max(program.gap, _LEAST_GAP)
    # Every run searches in the same way: one thread, one seed.
    for name, value in (
        ("parallel", "off"),
        ("random_seed", 0),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", gap),
        ("time_limit", min(seconds, _LONGEST_S)),
    ):
        solver.setOptionValue(name, value)
    _pass(solver, program)
    interrupted = _run(solver)
    info, status = solver.getInfo(), solver.getModelStatus()
    if not info.valid:
        # Stopped before it knew anything: its numbers are all zero then, and no bounds.
        return Solved(x=None, bound=-np.inf, ended="interrupted" if interrupted else "time")
    if status == HighsModelStatus.kInfeasible:
        return Solved(x=None, bound=np.inf, ended="infeasible")
    known = info.primal_solution_status == 2  # noqa: PLR2004 - HiGHS: feasible
    x = np.asarray(solver.getSolution().col_value) if known else None
    bound = float(info.mip_dual_bound)
    if x is not None and program.start is not None and not _is_told(program, x, float(info.objective_function_value)):
        return _by_highs(replace(program, start=None), seconds)
    if status == HighsModelStatus.kOptimal:
        # What is within the gap of the best was not looked at.
        return Solved(x=x, bound=min(bound, float(info.objective_function_value) - gap), ended="optimal")
    return Solved(x=x, bound=bound, ended="interrupted" if interrupted else "time")


def _is_told(program: Program, x: NDArray[np.float64], objective: float) -> bool:
    """
    Tell whether a solution has the objective that the solver tells of it.

    HiGHS 1.16 tells the optimum and gives back the start where a program is solved before its search begins.
    """
    return abs(float(program.cost @ x) - objective) <= _LEAST_GAP * max(1.0, abs(objective))


def _quiet_solver() -> highspy.Highs:
    from highspy import Highs  # noqa: PLC0415

    class Quiet(Highs):
        """HiGHS without the line that it prints to stdout as soon as it is made: that is where answers go."""

        def enableCallbacks(self) -> None:  # noqa: N802 - the name is theirs
            super().setOptionValue("output_flag", False)  # noqa: FBT003
            super().enableCallbacks()  # type: ignore[no-untyped-call]

    return Quiet()  # type: ignore[no-untyped-call]


def _pass(solver: highspy.Highs, program: Program) -> None:
    from highspy import HighsLp, HighsStatus, HighsVarType, MatrixFormat  # noqa: PLC0415

    count = program.cost.size
    model = HighsLp()
    model.num_col_, model.num_row_ = count, program.rows.shape[0]
    model.col_cost_, model.col_lower_, model.col_upper_ = program.cost, program.least, np.ones(count)
    model.row_lower_, model.row_upper_ = program.low, program.high
    model.a_matrix_.format_ = MatrixFormat.kRowwise
    model.a_matrix_.start_ = program.rows.indptr
    model.a_matrix_.index_ = program.rows.indices
    model.a_matrix_.value_ = program.rows.data
    kinds = (HighsVarType.kContinuous, HighsVarType.kInteger)
    model.integrality_ = [kinds[one] for one in program.whole.astype(int).tolist()]
    if solver.passModel(model) == HighsStatus.kError:
        msg = f"HiGHS refuses a program of {count} columns and {program.rows.shape[0]} rows."
        raise FigureError(msg)
    if program.start is not None:
        solver.setSolution(count, np.arange(count, dtype=np.int32), program.start)


def _run(solver: highspy.Highs) -> bool:
    """Run the solver beside this thread, which listens for Ctrl-C; tell whether it came."""
    solver.HandleUserInterrupt = True
    running = threading.Thread(target=solver.run, daemon=True)
    running.start()
    interrupted = False
    while running.is_alive():
        try:
            running.join(0.1)
        except KeyboardInterrupt:
            if interrupted:
                raise
            interrupted = True
            solver.cancelSolve()  # type: ignore[no-untyped-call]
    return interrupted


def _by_scipy(program: Program, seconds: float) -> Solved:
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415

    options = {"disp": False, "mip_rel_gap": 0.0}
    if seconds < _LONGEST_S:
        options["time_limit"] = seconds
    found = milp(
        program.cost,
        integrality=program.whole.astype(int),
        bounds=Bounds(program.least, 1.0),
        constraints=LinearConstraint(program.rows, program.low, program.high),
        options=options,
    )
    optimal, limit, infeasible = 0, 1, 2
    if found.status == infeasible:
        return Solved(x=None, bound=np.inf, ended="infeasible")
    if found.status not in (optimal, limit):
        msg = f"HiGHS could not solve a program of {program.cost.size} columns: {found.message}"
        raise FigureError(msg)
    bound = -np.inf if found.mip_dual_bound is None else float(found.mip_dual_bound) - _LEAST_GAP
    return Solved(x=found.x, bound=bound, ended="optimal" if found.status == optimal else "time")
