"""Keep GDAL to the file that it is given: no network, no file that only points to others, headers as they stand."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from geo.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A proxy of a kind that no library knows: every request fails before it leaves the machine.
_NOWHERE = {"GDAL_HTTP_PROXY": "none://", "GDAL_HTTPS_PROXY": "none://", "GDAL_HTTP_MAX_RETRY": "0"}
# Else it makes "D__n_s___" of the "Dân số" of a KML.
_AS_WRITTEN = {"LIBKML_LAUNDER_FIELD_NAMES": "NO"}
# What GDAL takes for a recipe: virtual layers, services on the network, pipelines. Its readers look for these words
# anywhere at the start of a file.
_POINTERS = re.compile(
    rb"<(?:\w+:)?(?:ogr\w*datasource|vrtdataset|wfs_capabilities|capabilities|gdal_\w+|gdaltileindexdataset)"
    rb"|gdal_streamed_alg|\"(?:tilejson|vector_layers)\"",
    re.IGNORECASE,
)
_START = 64 * 1024


@contextmanager
def offline() -> Iterator[None]:
    """
    Let GDAL open no connection, and change no header, while the block runs; what was set before is set again.

    A coordinate system of GeoJSON may be an address, which GDAL would fetch.
    """
    import pyogrio  # noqa: PLC0415 - 0.1 s that a table does not need

    settings = {**_NOWHERE, **_AS_WRITTEN}
    before = {name: pyogrio.get_gdal_config_option(name) for name in settings}
    pyogrio.set_gdal_config_options(settings)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def refuse_pointers(path: Path, shown: str) -> None:
    """
    Refuse a file that is a recipe for GDAL: it would open other files, or ask a server.

    Raises
    ------
    LayerError
        Where the file is one.
    """
    with path.open("rb") as stream:
        if _POINTERS.search(stream.read(_START)):
            msg = f"{shown} holds no rows: it only points to other files or to a server. Name the file that has them."
            raise LayerError(msg)
