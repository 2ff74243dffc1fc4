"""What is being done just now, for whoever wants to show it; nothing is shown until somebody listens to the log."""

from __future__ import annotations

import logging

LOG = logging.getLogger("geo.progress")
"""Each record holds `step`, a key of the catalogue's group ``doing`` (empty: nothing more to do), and its `values`."""

LOG.propagate = False
LOG.addHandler(logging.NullHandler())


def doing(step: str, **values: object) -> None:
    """Tell that a step begins."""
    LOG.info(step, extra={"step": step, "values": values})


def done() -> None:
    """Tell that nothing more is to do for now."""
    doing("")
