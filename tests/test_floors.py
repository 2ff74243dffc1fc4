"""The way of the data is one-way: a module imports from its own room and from floors below."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "geo"
FLOORS = {
    "geo.errors": 0,
    "geo.limits": 0,
    "geo.messages": 0,
    "geo.passwords": 0,
    "geo.progress": 0,
    "geo.toml": 0,
    "geo.figures": 0,
    "geo.crs": 1,
    "geo.layers": 2,
    "geo.measure": 3,
    "geo.plan": 4,
    "geo.scale": 4,
    "geo.judge": 5,
    "geo.study": 6,
    "geo.compare": 7,
    "geo.planning": 7,
    "geo.draw": 8,
    "geo.report": 9,
    "geo.cli": 10,
    "geo.__main__": 11,
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def room_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            below = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [
                name if (PACKAGE.parent / Path(*name.split("."))).with_suffix(".py").exists() else node.module
                for name in below
            ]
    return sorted({name for name in found if name.split(".")[0] == "geo" and name != "geo"})


@pytest.mark.parametrize("path", [path for path in MODULES if path != PACKAGE / "__init__.py"], ids=name_of)
def test_a_module_imports_only_from_its_room_and_from_below(path):
    room = room_of(name_of(path))
    assert room in FLOORS, f"{room} stands on no floor"
    for imported in imports(path):
        other = room_of(imported)
        if other != room:
            ground = FLOORS[room] == FLOORS[other] == 0
            assert ground or FLOORS[other] < FLOORS[room], f"{name_of(path)} reaches up to {imported}"


def assert_one_way(graph: dict[str, set[str]]) -> None:
    done: set[str] = set()

    def visit(place: str, way: tuple[str, ...]) -> None:
        assert place not in way, f"a circle: {' -> '.join([*way, place])}"
        if place not in done:
            for imported in sorted(graph.get(place, set())):
                visit(imported, (*way, place))
            done.add(place)

    for place in sorted(graph):
        visit(place, ())


def test_no_modules_import_each_other_in_a_circle():
    assert_one_way({name_of(path): set(imports(path)) for path in MODULES if path != PACKAGE / "__init__.py"})


def test_the_rooms_within_a_room_are_one_way_too():
    rooms = {name_of(path.parent / "__init__.py") for path in PACKAGE.glob("*/*/*.py")}
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        if len(path.relative_to(PACKAGE).parts) > 1:
            inner, outer = name_of(path), room_of(name_of(path))
            place = next((room for room in rooms if inner.startswith(f"{room}.")), inner)
            beside = {name for name in imports(path) if room_of(name) == outer}
            reached = {next((room for room in rooms if name.startswith(f"{room}.")), name) for name in beside}
            graph.setdefault(place, set()).update(reached - {place})
    assert graph["geo.layers.faults"]
    assert_one_way(graph)


def test_only_the_layers_room_reads_or_writes_data_files():
    readers = ("read_file", "read_parquet", "read_csv", "read_excel", "to_file", "to_parquet", "to_csv")
    for path in MODULES:
        if "layers" not in path.parts:
            text = path.read_text("utf-8")
            assert not any(f".{reader}(" in text for reader in readers), path


def test_no_room_is_called_after_nothing():
    empty = {"utils", "helpers", "common", "manager", "base", "misc"}
    assert not [path for path in MODULES if path.stem in empty]
