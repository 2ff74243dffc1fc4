"""One line on stderr that says what is being done, on a terminal only."""

from __future__ import annotations

import logging
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from geo.progress import LOG

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLEAR = "\r\x1b[K"


class _Line(logging.Handler):
    """Writes each step over the one before."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language

    def emit(self, record: logging.LogRecord) -> None:
        from geo import messages  # noqa: PLC0415 - help must not wait for it
        from geo.cli.terminal import one_line  # noqa: PLC0415

        step, values = record.__dict__["step"], record.__dict__["values"]
        text = one_line(messages.text(f"doing.{step}", self.language, **values)) if step else ""
        sys.stderr.write(_CLEAR + text[: shutil.get_terminal_size().columns - 1])
        sys.stderr.flush()


@contextmanager
def shown(language: str, *, quiet: bool) -> Iterator[None]:
    """Show the steps while the block runs, unless nobody looks at a terminal or it is to be quiet."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    line = _Line(language)
    LOG.addHandler(line)
    LOG.setLevel(logging.INFO)
    try:
        yield
    finally:
        LOG.removeHandler(line)
        LOG.setLevel(logging.NOTSET)
        sys.stderr.write(_CLEAR)
