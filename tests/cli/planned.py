"""What the tests of `geo plan` share: run it, read its answer, write what it reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from geo.cli.main import main

NINH_THUAN = Path(__file__).parents[2] / "data/ninh-thuan/study.toml"


def run(*words):
    return CliRunner().invoke(main, ["plan", *map(str, words)])


def answer(*words):
    result = run(*words, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


def figure(told, when, indicator, within_km=None):
    return next(
        one["value"] for one in told["figures"][when] if one["indicator"] == indicator and one["within_km"] == within_km
    )


def csv(path, header, *rows):
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def standard(path, *rules):
    lines = [f"[[rule]]\nname = 'rule {place}'\n{rule}\n" for place, rule in enumerate(rules, start=1)]
    path.write_text("\n".join(lines), "utf-8")
    return path
