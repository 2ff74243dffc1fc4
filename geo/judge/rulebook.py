"""A file of rules: what a standard asks for, read from TOML that a user can edit."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from geo.errors import StudyError
from geo.layers.technology import technology_name
from geo.measure.indicators import INDICATORS
from geo.toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

Scope = Literal["whole", "areas"]
WHERE_INDICATORS = ("people_within", "villages_within", "nearest_distance_max")
_SHIPPED = resources.files("geo").joinpath("judge", "rules")
_RULE_KEYS: Mapping[str, tuple[type, ...]] = {
    "name": (str, dict),
    "indicator": (str,),
    "at_least": (int, Decimal),
    "at_most": (int, Decimal),
    "scope": (str,),
    "technology": (str,),
    "within_km": (int, Decimal),
    "where": (dict, list),
    "verified": (bool,),
}
_BY_ASKED = {"per_limit": "within_km", "per_reach": "technology", "per_subscription": "technology"}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """
    One rule: an indicator `at_least` or `at_most` so much, for the whole territory or for each area.

    `where` names columns of the villages, each with its value: the rule then looks at those villages alone that have
    them all. A rule whose
    threshold nobody read at its source is not `verified`; every output says so.
    """

    name: Mapping[str, str]
    indicator: str
    scope: Scope
    at_least: float | None = None
    at_most: float | None = None
    technology: str | None = None
    within_km: float | None = None
    where: tuple[tuple[str, str], ...] = ()
    verified: bool = False

    def passes(self, value: float) -> bool:
        """Tell whether a value keeps the rule."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    def miss(self, value: float) -> float:
        """Give how far a value is on the wrong side of the threshold; 0 where it keeps the rule."""
        if self.passes(value):
            return 0.0
        return value - (self.at_most if self.at_most is not None else self.at_least or 0.0)


@dataclass(frozen=True, kw_only=True)
class Standard:
    """Rules of one source, and the file that they were read from, with its hash."""

    key: str
    title: Mapping[str, str]
    source: Mapping[str, str]
    rules: tuple[Rule, ...]
    file: str = ""
    sha256: str | None = None


def shipped() -> list[str]:
    """Name the standards that come with the tool."""
    return sorted(file.name.removesuffix(".toml") for file in _SHIPPED.iterdir() if file.name.endswith(".toml"))


def read_standard(name: str, beside: Path | None = None) -> Standard:
    """
    Read a standard: one that comes with the tool, by its name, or a file of the same form.

    Parameters
    ----------
    name : str
        As ``vn-postal`` or ``rules/mine.toml``.
    beside : Path, optional
        The folder that a file is looked for in.

    Raises
    ------
    StudyError
        Where there is no such standard, or it says something it may not.
    """
    if name in shipped():
        data = _SHIPPED.joinpath(f"{name}.toml").read_bytes()
        standard = _standard(name, tomllib.loads(data.decode(), parse_float=Decimal))
        return replace(standard, file=f"{name}.toml", sha256=hashlib.sha256(data).hexdigest())
    path = (beside or Path()) / name
    try:
        raw = read_toml(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except tomllib.TOMLDecodeError as error:
        msg = f"{path} is no file of rules: {error}."
        raise StudyError(msg) from error
    except FileNotFoundError as error:
        msg = f"There is no standard '{name}': it is no file, and none of {', '.join(shipped())}."
        raise StudyError(msg) from error
    except (OSError, ValueError) as error:
        msg = f"There is no standard '{name}': it cannot be read ({error}), and is none of {', '.join(shipped())}."
        raise StudyError(msg) from error
    return replace(_standard(str(path), raw), file=name, sha256=digest)


def _standard(shown: str, raw: Mapping[str, Any]) -> Standard:
    if unknown := raw.keys() - {"title", "source", "rule"}:
        msg = f"{shown}: there is no key '{min(unknown)}'. Allowed are title, source and [[rule]]."
        raise StudyError(msg)
    rules = raw.get("rule", [])
    if not isinstance(rules, list) or not rules or not all(isinstance(rule, dict) for rule in rules):
        msg = (
            f"{shown}: a standard has rules; write each as a table: [[rule]] with name, indicator, at_least or at_most."
        )
        raise StudyError(msg)
    return Standard(
        key=Path(shown).stem,
        title=_texts(shown, "title", raw.get("title", Path(shown).stem)),
        source=_texts(shown, "source", raw.get("source", "")),
        rules=tuple(_rule(f"{shown}: rule {place}", rule) for place, rule in enumerate(rules, start=1)),
    )


def _rule(shown: str, raw: Mapping[str, Any]) -> Rule:
    for key, value in raw.items():
        wrong_bool = isinstance(value, bool) and bool not in _RULE_KEYS.get(key, ())
        if key not in _RULE_KEYS or wrong_bool or not isinstance(value, _RULE_KEYS[key]):
            msg = f"{shown} has '{key}' = {value!r}. Allowed are {', '.join(_RULE_KEYS)}."
            raise StudyError(msg)
    asked = {one.key: _BY_ASKED.get(one.asked) for one in INDICATORS}
    indicator = raw.get("indicator")
    if indicator not in asked:
        msg = f"{shown} has indicator = {indicator!r}. There is {', '.join(asked)}."
        raise StudyError(msg)
    needs = asked[indicator]
    if (needs is not None and needs not in raw) or (("at_least" in raw) == ("at_most" in raw)):
        wanted = f"{needs}, and " if needs else ""
        msg = f"{shown} needs {wanted}either at_least or at_most."
        raise StudyError(msg)
    where = _where(shown, raw.get("where", []), indicator)
    if raw.get("scope", "whole") not in ("whole", "areas") or (where and raw.get("scope") == "areas"):
        msg = f"{shown} has scope = {raw.get('scope')!r}; it is 'whole' or 'areas', and 'whole' with where."
        raise StudyError(msg)
    return Rule(
        name=_texts(shown, "name", raw.get("name", indicator)),
        indicator=indicator,
        scope=raw.get("scope", "whole"),
        at_least=_number(raw.get("at_least")),
        at_most=_number(raw.get("at_most")),
        technology=None if "technology" not in raw else technology_name(raw["technology"]) or raw["technology"],
        within_km=_number(raw.get("within_km")),
        where=where,
        verified=raw.get("verified", False),
    )


def _where(shown: str, given: Mapping[str, Any] | list[Any], indicator: str) -> tuple[tuple[str, str], ...]:
    """Read one condition, or several of which a village must meet all."""
    conditions = given if isinstance(given, list) else [given]
    told = all(isinstance(one, dict) and set(one) == {"column", "value"} for one in conditions)
    if not told or (conditions and indicator not in WHERE_INDICATORS):
        msg = (
            f"{shown}: where = {{ column = ..., value = ... }}, or a list of these, goes with "
            f"{', '.join(WHERE_INDICATORS)}."
        )
        raise StudyError(msg)
    return tuple((str(one["column"]), str(one["value"])) for one in conditions)


def _number(value: int | Decimal | None) -> float | None:
    return None if value is None else float(value)


def _texts(shown: str, key: str, value: object) -> dict[str, str]:
    if isinstance(value, str):
        return {"vi": value, "en": value}
    if not isinstance(value, dict) or value.keys() != {"vi", "en"}:
        msg = f'{shown}: \'{key}\' should be text, or {{ vi = "…", en = "…" }}.'
        raise StudyError(msg)
    return dict(value)
