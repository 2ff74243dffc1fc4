"""Read a file of TOML that somebody wrote by hand: an ordinary file of bearable size, its numbers as decimals."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST = 16 << 20


def read_toml(path: Path) -> dict[str, Any]:
    """
    Read a file, its fractions as decimals, so that 2.50 keeps its rounding; some editors begin it with a mark of UTF-8.

    Raises
    ------
    FileNotFoundError
        Where there is none.
    OSError, ValueError
        Where it is a folder, a device or a pipe, far too large, or no TOML; tables and lists may not be nested by the
        thousand, nor numbers have thousands of digits.
    """
    if path.exists() and not path.is_file():
        msg = "it is a folder, a device or a pipe"
        raise OSError(msg)
    if path.exists() and path.stat().st_size > _LONGEST:
        msg = f"it is larger than {_LONGEST >> 20} MB"
        raise ValueError(msg)
    try:
        return tomllib.loads(path.read_text("utf-8-sig"), parse_float=Decimal)
    except (RecursionError, ArithmeticError) as error:
        msg = "it is nested too deeply, or a number in it is none"
        raise ValueError(msg) from error
