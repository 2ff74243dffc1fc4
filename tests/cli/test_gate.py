"""Every way to name a file, with names that lead nowhere or hold a password; and errors that nobody foresaw."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from geo.cli import options
from geo.cli.main import main

PLACES = "name,lat,lon,population\nAn,11.5,109.0,10\nBình,11.6,109.1,20\n"
OUT = ("-o", "{tmp}/out.csv")
GOOD, POST = "{tmp}/good.csv", "{tmp}/post.csv"
WAYS = {
    "measure STUDY": ("measure", "{name}"),
    "measure --villages": ("measure", "--villages", "{name}"),
    "measure --points": ("measure", "--points", "{name}"),
    "measure --areas": ("measure", "--areas", "{name}"),
    "measure --people": ("measure", "--people", "{name}", "--people-unit", "count"),
    "measure --coverage": ("measure", "--villages", GOOD, "--coverage", "3G={name}"),
    "audit --standard": ("audit", "--villages", GOOD, "--standard", "{name}"),
    "report --standard": ("report", "--villages", GOOD, "--standard", "{name}", "-o", "{tmp}/out.md"),
    "compare OLD": ("compare", "{name}", "{tmp}/study.toml"),
    "compare NEW": ("compare", "{tmp}/study.toml", "{name}"),
    "nearest VILLAGES": ("nearest", "{name}", GOOD, *OUT),
    "nearest POINTS": ("nearest", GOOD, "{name}", *OUT),
    "new --from": ("new", "{tmp}/made", "--from", "{name}", "--place", "An"),
    "plan --candidates": (
        "plan",
        "--villages",
        GOOD,
        "--points",
        POST,
        "--candidates",
        "{name}",
        "--add",
        "1",
        "--within",
        "1",
    ),
}
WRITTEN = {
    "nearest --output": ("nearest", GOOD, GOOD, "-o", "{name}"),
    "check --output": ("check", "--villages", GOOD, "-o", "{name}"),
    "map --output": ("map", "--villages", GOOD, "-o", "{name}"),
    "report --output": ("report", "--villages", GOOD, "-o", "{name}"),
    "plan --output": ("plan", "--villages", GOOD, "--points", POST, "--add", "1", "--within", "1", "-o", "{name}"),
    "plan --map": ("plan", "--villages", GOOD, "--points", POST, "--add", "1", "--within", "1", "--map", "{name}"),
}
SECRETS = [
    "postgresql://an:s3/cr-t@127.0.0.1:9/db?connect_timeout=1::t",
    "POSTGRESQL+psycopg://an:s3#cr-t@127.0.0.1:9/db?connect_timeout=1::(SELECT 1)",
    "postgis://an@127.0.0.1:9/db?connect_timeout=1&sslPassword=s3cr-t::t",
    "postgresql://an:p@s3cr-t@h/db::t",
    "mysql://an:s3?cr-t@127.0.0.1/db",
    "https://an:s3:cr-t@127.0.0.1/v.csv",
    "PG:host=127.0.0.1 port=9 Password='s3 cr-t'",
]


def run(tmp_path, words, name):
    (tmp_path / "good.csv").write_text(PLACES, "utf-8")
    (tmp_path / "post.csv").write_text("name,lat,lon\nAn,11.5,109.0\n", "utf-8")
    (tmp_path / "study.toml").write_text('[villages]\nfile = "good.csv"\n', "utf-8")
    return CliRunner().invoke(main, [word.format(tmp=tmp_path, name=name) for word in words])


def assert_refused(done):
    assert done.exit_code in (1, 2), done.output
    assert isinstance(done.exception, SystemExit)
    assert "fault of geo" not in done.stderr
    if done.exit_code == 1:
        assert len(done.stderr.splitlines()) == 1, done.stderr


@pytest.mark.parametrize("way", WAYS)
def test_what_is_not_there_and_what_is_a_folder_is_one_line_that_names_it(tmp_path, way):
    for name in ("gone.osm.pbf", "folder.osm.pbf", "gone.csv", "folder.csv"):
        if name.startswith("folder"):
            (tmp_path / name).mkdir()
        done = run(tmp_path, WAYS[way], f"{tmp_path}/{name}")
        assert_refused(done)
        assert name in done.stderr


@pytest.mark.parametrize("way", WRITTEN)
def test_what_cannot_be_written_to_is_one_line_that_names_it(tmp_path, way):
    (tmp_path / "folder.csv").mkdir()
    for name in ("folder.csv", "good.csv/out.csv", "good.csv/out.html"):
        done = run(tmp_path, WRITTEN[way], f"{tmp_path}/{name}")
        assert_refused(done)
        assert name in done.stderr


@pytest.mark.parametrize("secret", SECRETS)
def test_no_way_to_name_a_file_tells_a_password(tmp_path, secret):
    study = '[villages]\nfile = "good.csv"\n[points]\nfile = "{}"\n'.replace("{}", secret.replace('"', '\\"'))
    (tmp_path / "secret.toml").write_text(study, "utf-8")
    ways = {**WAYS, **WRITTEN, "study": ("measure", "{tmp}/secret.toml")}
    ways |= {"pair": ("measure", "--villages", GOOD, "--coverage", "{name}", "--crs", "{name}")}
    ways |= {"both": ("nearest", "{name}", "{name}", "-o", "{name}")}
    for way, words in ways.items():
        done = run(tmp_path, words, secret)
        assert_refused(done)
        for part in ("s3", "cr-t"):
            assert part not in done.output, f"{way}: {done.output}"


def test_every_option_that_takes_a_file_is_tried():
    tried = {way.partition(" ")[2].upper().strip("-") for way in (*WAYS, *WRITTEN)}
    for name in main.list_commands(click.Context(main)):
        for option in main.get_command(click.Context(main), name).params:
            takes_one = option.type is options.PATH or "FILE" in (option.metavar or "")
            assert not takes_one or {option.name.upper(), option.opts[0].upper().strip("-")} & tried | {"FOLDER"}, name


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            KeyError("postgresql://an:s3cr-t@h\x1b"),
            "geo: KeyError: 'postgresql://an:***@h\\x1b' - this is a fault of geo;",
        ),
        (MemoryError(), "geo: the memory is not enough for these layers."),
        (PermissionError(13, "Permission denied", "v.csv"), "geo: v.csv: Permission denied."),
    ],
)
def test_what_nobody_foresaw_is_one_line_and_its_place_is_told_when_asked(tmp_path, monkeypatch, error, told):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("geo.study.loading.load", fail)
    done = run(tmp_path, ("check", "--villages", GOOD), "")
    assert_told = done.stderr.splitlines()
    assert done.exit_code == 1
    assert len(assert_told) == 1
    assert assert_told[0].startswith(told)
    more = run(tmp_path, ("check", "--villages", GOOD, "-v"), "")
    assert "Traceback" in more.stderr
    assert "s3cr-t" not in more.stderr
    assert "\x1b" not in more.stderr
