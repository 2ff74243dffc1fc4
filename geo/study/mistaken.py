"""What is named as a study file and is none: what it is instead, and how that is named."""

from __future__ import annotations

from pathlib import Path

from geo.errors import LayerError, StudyError
from geo.layers.files.every import typed
from geo.layers.files.whereabouts import is_address, is_special
from geo.layers.osm.content import ending_of
from geo.layers.osm.naming import is_extract


def no_study(path: Path, why: Exception) -> StudyError:
    """
    Say why a study file cannot be read, and what to write instead.

    Parameters
    ----------
    path : Path
        As it was named; a layer (``FILE::LAYER``), standard input or an address is no path, and is told as what it is.
    why : Exception
        What reading it as a study file has raised.

    Returns
    -------
    StudyError
        For the caller to raise.
    """
    name = str(path)
    file, mark, layer = name.partition("::")
    if _holds_extract(Path(file)):
        return StudyError(_extract(typed(file), layer))
    if is_address(name):
        return StudyError(f"{name} is no study file. A layer is named by an option, as --villages NAME.")
    if mark or is_special(name):
        return StudyError(f"{name} is no study file. A layer is named by an option: --villages {typed(name)}")
    if isinstance(why, FileNotFoundError):
        return StudyError(f"{name} does not exist. A starter study is made by: geo new DIR")
    return StudyError(f"{name} is no study file: {why}. A layer is named by an option: --villages {typed(name)}")


def _holds_extract(path: Path) -> bool:
    try:
        return path.is_file() and (is_extract(path) or ending_of(path, str(path)) is not None)
    except (OSError, ValueError, LayerError):
        return False


def _extract(file: str, layer: str) -> str:
    roads = layer.partition(":")[0] == "roads"
    what = (
        "holds roads, for scripts alone (geo.layers.read.open_source)"
        if roads
        else "is an extract of OpenStreetMap, no study file"
    )
    return (
        f"{file}{'::roads' if roads else ''} {what}. Name its layers by options: --villages {file}::villages, "
        f"--points {file}::points, --areas {file}::areas; or make a study of it: geo new DIR --from {file} --place NAME"
    )
