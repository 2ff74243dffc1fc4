"""Where a library written in Rust gives up on a file: that is no error which Python catches, and not one line."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_STDERR = 2
_PANIC = "PanicException"
# Two that borrow the standard error of the process at once would give it back in the wrong order.
_BORROWED = threading.RLock()


@contextmanager
def panics_as_errors() -> Iterator[None]:
    """
    Turn a panic into a ValueError, and keep its own lines to itself.

    The class of a panic cannot be imported, and derives from BaseException; before Python hears of it, its text is on
    the standard error of the process. What is written there meanwhile by anybody else is written afterwards.
    """
    with _BORROWED, tempfile.TemporaryFile() as aside:
        try:
            with _stderr_into(aside):
                yield
        except BaseException as error:
            if type(error).__name__ != _PANIC:
                raise
            msg = "it is damaged"
            raise ValueError(msg) from error
        aside.seek(0)
        if said := aside.read():
            sys.stderr.write(said.decode("utf-8", "replace"))


@contextmanager
def _stderr_into(file: IO[bytes]) -> Iterator[None]:
    try:
        kept = os.dup(_STDERR)
    except OSError:  # a process without one
        yield
        return
    try:
        os.dup2(file.fileno(), _STDERR)
        yield
    finally:
        os.dup2(kept, _STDERR)
        os.close(kept)
