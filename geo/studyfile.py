"""A study file: what it may say, and one clear message for what it may not."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, cast

from geo.errors import StudyError
from geo.layers.contract import LAYERS, LayerKind
from geo.layers.repair import REPAIRS
from geo.limits import FARTHEST_KM, LONGEST_RANGE_KM
from geo.results import About, Label

Table = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class LayerSource:
    """Where a layer comes from: `shown` is the file as written, `file` where it is found."""

    file: Path
    shown: str
    crs: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CoverageSource:
    """Coverage of one technology: a file of polygons or cells, or a column of the villages."""

    technology: str
    source: LayerSource | None = None
    column: str | None = None


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Official totals of the whole, with the digits they were written with."""

    area_km2: Decimal | None = None
    population: Decimal | None = None
    population_basis: str | None = None


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
    published: Table


_STUDY_KEYS: Mapping[str, tuple[type, ...]] = {
    "title": (str, dict),
    "date": (dt.date,),
    "source": (str, dict),
    "data": (str,),
    "villages": (dict,),
    "points": (dict,),
    "areas": (dict,),
    "coverage": (dict,),
    "official": (dict,),
    "subscriptions": (dict,),
    "published": (dict,),
    "labels": (list,),
    "within_km": (list,),
    "kinds": (list,),
    "cell_range_km": (int, Decimal),
    "covered_when": (str, Decimal, int),
    "clip": (bool,),
    "repair": (list,),
}
_OFFICIAL_KEYS: Mapping[str, tuple[type, ...]] = {
    "area_km2": (int, Decimal),
    "population": (int, Decimal),
    "population_basis": (str,),
}
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
        raw = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except FileNotFoundError as error:
        msg = f"{path} does not exist. A starter study is made by: geo new DIR"
        raise StudyError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        msg = f"{path} is no study file: {error}. A layer is named by an option: --villages {path}"
        raise StudyError(msg) from error
    reader = _Reader(path)
    reader.check(raw, _STUDY_KEYS, "")
    reader.check(raw.get("official", {}), _OFFICIAL_KEYS, "official.")
    reader.check_published(raw.get("published", {}))
    return StudyFile(
        about=reader.about(raw),
        layers={kind: reader.layer(kind, raw[kind], kind) for kind in ("villages", "points", "areas") if kind in raw},
        coverage=tuple(reader.coverage(name, table) for name, table in raw.get("coverage", {}).items()),
        totals=reader.totals(raw.get("official", {})),
        choices=reader.choices(raw),
        subscriptions=reader.numbers(raw.get("subscriptions", {}), "subscriptions."),
        published=raw.get("published", {}),
    )


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
        keys = ["file", "crs", *(column.key for column in LAYERS[kind])]
        self.check(table, dict.fromkeys(keys, (str,)), f"{prefix}.")
        if "file" not in table:
            msg = f"[{prefix}] names no file."
            raise self.refuse(msg)
        file = self.path.parent / table["file"]
        if not Path(str(file).partition("::")[0]).exists():
            msg = f"the file of [{prefix}], {table['file']}, does not exist."
            raise self.refuse(msg)
        columns = {key: table[key] for key in keys[2:] if key in table}
        return LayerSource(file=file, shown=table["file"], crs=table.get("crs"), columns=columns)

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
        repair = self.words(raw.get("repair", []), "repair")
        if unknown := set(repair) - REPAIRS.keys():
            msg = f"'repair' names '{min(unknown)}'; there is {', '.join(REPAIRS)}."
            raise self.refuse(msg)
        return Choices(
            within_km=tuple(dict.fromkeys(self.distance(one, "within_km", FARTHEST_KM) for one in limits)),
            kinds=tuple(self.words(raw.get("kinds", []), "kinds")),
            cell_range_km=None if span is None else self.distance(span, "cell_range_km", LONGEST_RANGE_KM),
            covered_when=when if when in ("centre", "any") else float(when),
            clip=raw.get("clip", False),
            repair=tuple(repair),
        )

    def distance(self, value: object, key: str, most: int) -> float:
        number = isinstance(value, int | float | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite()
        if not (number and 0 <= value <= most):  # type: ignore[operator] # a number
            msg = f"'{key}' holds {value}, and should hold distances in km, from 0 to {most}."
            raise self.refuse(msg)
        return float(value)  # type: ignore[arg-type] # a number

    def totals(self, table: Table) -> Totals:
        numbers = {key: value for key, value in table.items() if key != "population_basis"}
        return Totals(**self.numbers(numbers, "official."), population_basis=table.get("population_basis"))

    def check_published(self, table: Table) -> None:
        """Refuse what cannot be a published figure: every value is a number, or a table or list of tables of them."""
        for key, value in table.items():
            if isinstance(value, str | bool):
                msg = f"'published.{key}' is {value!r}, and should be a number, or a table of numbers."
                raise self.refuse(msg)

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
