"""Every command and snippet of the README does what it says."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
import rasterio
from click.testing import CliRunner
from rasterio.transform import Affine

from geo.cli.main import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def calls(block):
    """Split a console block into commands and what the README shows of their output."""
    for part in block.split("$ ")[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


def write_people(path):
    """Write a population raster for the commands that count one: four people in each pixel over Ninh Thuận."""
    place = Affine(0.01, 0, 108.5, 0, -0.01, 12.2)
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=90, width=80, dtype="float32", crs="EPSG:4326", transform=place
    ) as raster:
        raster.write(np.full((1, 90, 80), 4.0, dtype=np.float32))
        raster.units = ["people"]


def write_census(path):
    """Write the shipped study with the population of the census, to compare the two."""
    text = (ROOT / "data/ninh-thuan/study.toml").read_text("utf-8")
    path.write_text(text.replace("population = 606900", "population = 590467"), "utf-8")


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "data", tmp_path / "data")
    (tmp_path / "maps").mkdir()
    write_people(tmp_path / "people.tif")
    write_census(tmp_path / "data/ninh-thuan/census.toml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def squeezed(text):
    return " ".join(text.split())


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("block", blocks("console"))
def test_a_command_prints_what_the_readme_shows(block):
    for command, shown in calls(block):
        program, *words = shlex.split(command)
        assert program == "geo"
        result = CliRunner().invoke(main, words)
        assert result.exit_code in (0, 3), result.output
        printed = squeezed(result.stdout)
        for piece in shown.split("…"):
            assert squeezed(piece) in printed


@pytest.mark.parametrize("block", blocks("python"))
def test_a_snippet_runs(block, checkout):
    space: dict[str, object] = {}
    exec(compile(block, "README.md", "exec"), space)  # noqa: S102 - our own README
    assert round(space["radius"], 3) == 3.237
    assert (checkout / "maps/mine.html").stat().st_size > 10_000


def test_the_shell_commands_are_targets_of_the_makefile_or_commands_of_the_package():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    lines = [line.partition("#")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    for line in filter(None, lines):
        program, *words = shlex.split(line)
        if program == "make":
            assert re.search(rf"^{words[0]}:", makefile, re.MULTILINE)
        else:
            assert program in ("python", ".venv/bin/pip", ".venv/bin/geo")
    assert "geo map data/ninh-thuan/study.toml -o maps/ninh-thuan.html" in README


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([\w/.-]+\.(?:md|txt|toml|png))`", README))))
def test_a_file_that_the_readme_names_is_there(name):
    assert name == "study.toml" or (ROOT / name).exists()
