"""A study file: what it may say, and one clear message for what it may not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, cast

from geo.errors import LayerError, StudyError
from geo.judge.rulebook import Standard, read_standard
from geo.judge.stated import Published
from geo.layers.contract import LAYERS, LayerKind
from geo.layers.database import is_database, without_password
from geo.layers.files.whereabouts import is_special, seen_from
from geo.layers.names.joined import Join
from geo.layers.osm.naming import CHOICES, with_choice
from geo.layers.people_unit import UNITS, Unit
from geo.layers.repair import refuse_unknown
from geo.limits import FARTHEST_KM, LONGEST_RANGE_KM
from geo.study.mistaken import no_study
from geo.study.results import About, Label
from geo.study.statements import read_statements
from geo.toml import read_toml

Table = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class LayerSource:
    """Where a layer comes from: `shown` is its name as written, without a password; `file` where it is found."""

    file: Path | str
    shown: str
    crs: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    join: Join | None = None


@dataclass(frozen=True, kw_only=True)
class CoverageSource:
    """Coverage of one technology: a file of polygons or cells, or a column of the villages."""

    technology: str
    source: LayerSource | None = None
    column: str | None = None


@dataclass(frozen=True, kw_only=True)
class PeopleSource:
    """
    Population rasters: `shown` are the files as written, `files` where they are found, a band of several as FILE::BAND.

    `unit` and `crs` stand in for what the files do not say; `rescale` brings the people to the official total.
    """

    files: tuple[Path, ...]
    shown: tuple[str, ...]
    unit: Unit | None = None
    crs: str | None = None
    rescale: bool = False


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Official totals of the whole, with the digits they were written with."""

    area_km2: Decimal | None = None
    population: Decimal | None = None
    population_basis: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Choices:
    """How a study counts; the command line may say otherwise."""

    within_km: tuple[float, ...] = (3.0,)
    kinds: tuple[str, ...] = ()
    cell_range_km: float | None = None
    covered_when: float | Literal["centre", "any"] = "centre"
    clip: bool = False
    repair: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StudyFile:
    """All that a study file says."""

    about: About
    layers: Mapping[LayerKind, LayerSource]
    coverage: tuple[CoverageSource, ...]
    totals: Totals
    choices: Choices
    subscriptions: Mapping[str, Decimal]
    published: Published = field(default_factory=Published)
    standards: tuple[Standard, ...] = ()
    people: PeopleSource | None = None


_STUDY_KEYS: Mapping[str, tuple[type, ...]] = {
    "title": (str, dict),
    "date": (dt.date,),
    "source": (str, dict),
    "issuer": (str, dict),
    "data": (str,),
    "villages": (dict,),
    "points": (dict,),
    "areas": (dict,),
    "population": (dict,),
    "coverage": (dict,),
    "official": (dict,),
    "subscriptions": (dict,),
    "published": (dict,),
    "standards": (list,),
    "labels": (list,),
    "within_km": (list,),
    "kinds": (list,),
    "cell_range_km": (int, Decimal),
    "covered_when": (str, Decimal, int),
    "clip": (bool,),
    "repair": (list, dict),
}
_OFFICIAL_KEYS: Mapping[str, tuple[type, ...]] = {
    "area_km2": (int, Decimal),
    "population": (int, Decimal),
    "population_basis": (str, dict),
}
_PEOPLE_KEYS: Mapping[str, tuple[type, ...]] = {"file": (str, list), "unit": (str,), "crs": (str,), "rescale": (bool,)}
_JOIN_KEYS = ("name", "parent", "layer_parent")
_LABEL_KEYS: Mapping[str, tuple[type, ...]] = {"name": (str, dict), "lon": (int, Decimal), "lat": (int, Decimal)}
_NAMES = {str: "text", dict: "a table", dt.date: "a date", int: "a number", list: "a list", bool: "true or false"}


def read_study_file(path: Path) -> StudyFile:
    """
    Read a study file; the layers' files are looked for beside it.

    Raises
    ------
    StudyError
        Where the file is missing or no TOML, a key is unknown, or a value is of the wrong type.
    """
    try:
        raw = read_toml(path)
    except (ValueError, OSError) as error:
        raise no_study(path, error) from error
    reader = _Reader(path)
    reader.check(raw, _STUDY_KEYS, "")
    reader.check(raw.get("official", {}), _OFFICIAL_KEYS, "official.")
    return StudyFile(
        about=reader.about(raw),
        layers={kind: reader.layer(kind, raw[kind], kind) for kind in ("villages", "points", "areas") if kind in raw},
        coverage=tuple(reader.coverage(name, table) for name, table in raw.get("coverage", {}).items()),
        totals=reader.totals(raw.get("official", {})),
        choices=reader.choices(raw),
        subscriptions=reader.numbers(raw.get("subscriptions", {}), "subscriptions."),
        published=read_statements(raw.get("published", {}), reader.refuse),
        standards=tuple(read_standard(one, path.parent) for one in reader.words(raw.get("standards", []), "standards")),
        people=reader.people(raw["population"]) if "population" in raw else None,
    )


def _exists(file: Path | str) -> bool:
    """Tell whether a file is there, a layer named in it aside; one whose name nothing could have is not."""
    try:
        return Path(str(file).partition("::")[0]).exists()
    except (OSError, ValueError):
        return False


@dataclass(frozen=True)
class _Reader:
    """Turns the tables of one file into what they mean; every message names the file and the key."""

    path: Path

    def refuse(self, message: str) -> StudyError:
        return StudyError(f"{self.path}: {message}")

    def check(self, table: Table, keys: Mapping[str, tuple[type, ...]], prefix: str) -> None:
        for key, value in table.items():
            if key not in keys:
                msg = f"there is no key '{prefix}{key}'. Allowed are {', '.join(keys)}."
                raise self.refuse(msg)
            wrong_bool = isinstance(value, bool) and bool not in keys[key]
            if wrong_bool or not isinstance(value, keys[key]):
                wanted = " or ".join(dict.fromkeys(_NAMES.get(kind, "a number") for kind in keys[key]))
                msg = f"'{prefix}{key}' is {value!r}, and should be {wanted}."
                raise self.refuse(msg)

    def about(self, raw: Table) -> About:
        data = raw.get("data", "measured")
        if data not in ("measured", "reconstructed"):
            msg = f"'data' is '{data}', and should be measured or reconstructed."
            raise self.refuse(msg)
        for label in raw.get("labels", []):
            if not isinstance(label, dict):
                msg = f"'labels' holds {label!r}; write each as a table: [[labels]] with name, lon and lat."
                raise self.refuse(msg)
            self.check(label, _LABEL_KEYS, "labels.")
            if missing := _LABEL_KEYS.keys() - label.keys():
                msg = f"a label has no '{min(missing)}'."
                raise self.refuse(msg)
            if not (abs(label["lon"]) <= 180 and abs(label["lat"]) <= 90):  # noqa: PLR2004 - degrees
                msg = f"'labels' has lon {label['lon']} and lat {label['lat']}, which is no place in degrees."
                raise self.refuse(msg)
        date = raw.get("date")
        return About(
            title=self.texts(raw.get("title", self.path.resolve().parent.name), "title"),
            date=date.date() if isinstance(date, dt.datetime) else date,
            source=self.texts(raw.get("source", ""), "source"),
            issuer=self.texts(raw.get("issuer", ""), "issuer"),
            data=cast("Literal['measured', 'reconstructed']", data),
            labels=tuple(
                Label(name=self.texts(one["name"], "labels.name"), lon=float(one["lon"]), lat=float(one["lat"]))
                for one in raw.get("labels", [])
            ),
        )

    def texts(self, value: str | Table, key: str) -> dict[str, str]:
        """Give a text by language; one that is given once serves both."""
        if isinstance(value, str):
            return {"vi": value, "en": value}
        if not value or not value.keys() <= {"vi", "en"} or not all(isinstance(text, str) for text in value.values()):
            msg = f'\'{key}\' should be text, or {{ vi = "…", en = "…" }}.'
            raise self.refuse(msg)
        first = next(iter(value.values()))
        return {language: value.get(language, first) for language in ("vi", "en")}

    def layer(self, kind: LayerKind, table: Table, prefix: str) -> LayerSource:
        keys = ["file", "crs", "sql", *(column.key for column in LAYERS[kind])]
        chosen: dict[str, tuple[type, ...]] = {CHOICES[kind]: (list, int)} if kind in CHOICES else {}
        chosen |= {"join": (dict,)} if prefix == kind else {}
        self.check(table, {**dict.fromkeys(keys, (str,)), **chosen}, f"{prefix}.")
        if "file" not in table:
            msg = f"[{prefix}] names no file."
            raise self.refuse(msg)
        shown = self.chosen(kind, table)
        columns = {key: table[key] for key in keys[3:] if key in table}
        if is_database(table["file"]):
            name = f"{table['file']}::({table['sql']})" if "sql" in table else table["file"]
            shown, join = without_password(name), self.join(table, prefix)
            return LayerSource(file=name, shown=shown, crs=table.get("crs"), columns=columns, join=join)
        if "sql" in table:
            msg = f"[{prefix}] has sql, and {table['file']} is no database: postgresql://USER@HOST/DATABASE."
            raise self.refuse(msg)
        file = seen_from(shown, self.path.parent)
        if not is_special(shown) and not _exists(file):
            msg = f"the file of [{prefix}], {table['file']}, does not exist."
            raise self.refuse(msg)
        join = self.join(table, prefix)
        return LayerSource(file=file, shown=shown, crs=table.get("crs"), columns=columns, join=join)

    def join(self, table: Table, prefix: str) -> Join | None:
        """Read which table of further columns is joined to a layer."""
        if "join" not in table:
            return None
        told = table["join"]
        self.check(told, dict.fromkeys(("file", *_JOIN_KEYS), (str,)), f"{prefix}.join.")
        if "file" not in told:
            msg = f"[{prefix}.join] names no file."
            raise self.refuse(msg)
        named = {key: told[key] for key in _JOIN_KEYS if key in told}
        if is_database(told["file"]):
            return Join(file=told["file"], shown=without_password(told["file"]), **named)
        file = self.path.parent / told["file"]
        if not _exists(file):
            msg = f"the file of [{prefix}.join], {told['file']}, does not exist."
            raise self.refuse(msg)
        return Join(file=file, shown=told["file"], **named)

    def chosen(self, kind: LayerKind, table: Table) -> str:
        """Name the file; of an extract of OpenStreetMap, with what is chosen from it."""
        key = CHOICES.get(kind)
        if key is None or key not in table:
            return str(table["file"])
        words = table[key] if isinstance(table[key], list) else [table[key]]
        try:
            return with_choice(table["file"], kind, words)
        except LayerError as error:
            msg = f"'{kind}.{key}': {error}"
            raise self.refuse(msg) from error

    def people(self, table: Table) -> PeopleSource:
        """Read which population rasters are counted."""
        self.check(table, _PEOPLE_KEYS, "population.")
        named = table.get("file", [])
        shown = self.words(named if isinstance(named, list) else [named], "population.file")
        if not shown:
            msg = '[population] names no file. Name a raster, as file = "people.tif"; a total is [official] population.'
            raise self.refuse(msg)
        files = tuple(self.path.parent / name for name in shown)
        for name, file in zip(shown, files, strict=True):
            if not _exists(file):
                msg = f"the file of [population], {name}, does not exist."
                raise self.refuse(msg)
        unit = table.get("unit")
        if unit not in {None, *UNITS}:
            msg = f"'population.unit' is '{unit}', and should be count (people per pixel) or per_km2 (people per km2)."
            raise self.refuse(msg)
        return PeopleSource(
            files=files,
            shown=tuple(shown),
            unit=unit,
            crs=table.get("crs"),
            rescale=table.get("rescale", False),
        )

    def coverage(self, technology: str, table: object) -> CoverageSource:
        prefix = f"coverage.{technology}"
        if not isinstance(table, dict):
            msg = f"'{prefix}' should be a table with a file or a column."
            raise self.refuse(msg)
        if table.keys() == {"column"} and isinstance(table["column"], str):
            return CoverageSource(technology=technology, column=table["column"])
        if "column" in table:
            msg = f"[{prefix}] has a column of the villages, and then nothing else."
            raise self.refuse(msg)
        return CoverageSource(technology=technology, source=self.layer("cells", table, prefix))

    def choices(self, raw: Table) -> Choices:
        when = raw.get("covered_when", "centre")
        span = raw.get("cell_range_km")
        if when not in ("centre", "any") and not (isinstance(when, int | Decimal) and 0 < when <= 1):
            msg = f"'covered_when' is {when}, and should be centre, any, or a share above 0 and up to 1."
            raise self.refuse(msg)
        limits = raw.get("within_km", list(Choices.within_km))
        return Choices(
            within_km=tuple(dict.fromkeys(self.distance(one, "within_km", FARTHEST_KM) for one in limits)),
            kinds=tuple(self.words(raw.get("kinds", []), "kinds")),
            cell_range_km=None if span is None else self.distance(span, "cell_range_km", LONGEST_RANGE_KM),
            covered_when=when if when in ("centre", "any") else float(when),
            clip=raw.get("clip", False),
            repair=self.repairs(raw.get("repair", [])),
        )

    def repairs(self, value: list[object] | Table) -> tuple[str, ...]:
        """Give the repairs of a list, or of a table as `points.swapped`, its keys being the layers."""
        listed = {"": value} if isinstance(value, list) else value
        self.check(listed, dict.fromkeys(listed, (list,)), "repair.")
        words = [(layer, word) for layer, some in listed.items() for word in self.words(some, "repair")]
        asked = tuple(f"{layer}.{word}" if layer else word for layer, word in words)
        try:
            refuse_unknown(asked)
        except LayerError as error:
            msg = f"'repair': {error}"
            raise self.refuse(msg) from error
        return asked

    def distance(self, value: object, key: str, most: int) -> float:
        number = isinstance(value, int | float | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite()
        if not (number and 0 <= value <= most):  # type: ignore[operator] # a number
            msg = f"'{key}' holds {value}, and should hold distances in km, from 0 to {most}."
            raise self.refuse(msg)
        return float(value)  # type: ignore[arg-type] # a number

    def totals(self, table: Table) -> Totals:
        numbers = {key: value for key, value in table.items() if key != "population_basis"}
        basis = table.get("population_basis")
        told = None if basis is None else self.texts(basis, "official.population_basis")
        return Totals(**self.numbers(numbers, "official."), population_basis=told)

    def words(self, values: list[object], key: str) -> list[str]:
        if not all(isinstance(value, str) for value in values):
            msg = f"'{key}' should be a list of texts."
            raise self.refuse(msg)
        return [str(value) for value in values]

    def numbers(self, table: Table, prefix: str) -> dict[str, Decimal]:
        """Read numbers above zero."""
        self.check(table, dict.fromkeys(table, (int, Decimal)), prefix)
        for key, value in table.items():
            if not (Decimal(value).is_finite() and value > 0):
                msg = f"'{prefix}{key}' is {value}, and should be a number above zero."
                raise self.refuse(msg)
        return {key: Decimal(value) for key, value in table.items()}
