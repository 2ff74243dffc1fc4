"""What a study file says that a report states: the table `[published]`, made into statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from geo.judge.rounding import digits_of
from geo.judge.stated import Count, Growth, Published, Stated, Sum, limit_key
from geo.layers.technology import technology_name
from geo.limits import FARTHEST_KM
from geo.measure.indicators import INDICATORS

Refuse = Callable[[str], Exception]

_LISTS: Mapping[str, Mapping[str, bool]] = {
    "sum": {"name": True, "total": True, "parts": True},
    "growth": {"name": True, "now": True, "per_cent": True, "before": False},
    "population": {"name": True, "value": True},
    "count": {"name": True, "value": True},
}
_TABLES = ", ".join(f"[[published.{name}]]" for name in _LISTS)
# What no report states, and arithmetic on doubles cannot hold.
_MOST, _MOST_DIGITS = 10**15, 12
_SPLIT = {"per_limit", "per_reach", "per_subscription"}


def read_statements(table: Mapping[str, Any], refuse: Refuse) -> Published:
    """
    Make statements of the table ``[published]``.

    A figure is a key that is the indicator's, or a table of its values by technology, kind of subscription or limit in
    km; technologies and limits may be spelled as a report does (``lte``, ``"3.0"``). Lists of tables are
    ``[[published.sum]]``, ``growth``, ``population`` and ``count``.

    Parameters
    ----------
    table : mapping
        As it is read, numbers as int or Decimal.
    refuse : callable
        Makes the error to raise of a message; it knows the file.

    Raises
    ------
    StudyError
        What `refuse` makes, where a key is unknown or a value is of the wrong type.
    """
    reader = _Reader(refuse)
    figures: list[Stated] = []
    lists: dict[str, list[Mapping[str, Any]]] = {}
    for key, value in table.items():
        if isinstance(value, list):
            lists[key] = reader.entries(key, value)
        else:
            figures += reader.figures(key, value)
    return Published(
        figures=tuple(figures),
        populations=tuple(reader.count("population", one) for one in lists.get("population", [])),
        sums=tuple(reader.sum(one) for one in lists.get("sum", [])),
        growths=tuple(reader.growth(one) for one in lists.get("growth", [])),
        counts=tuple(reader.count("count", one) for one in lists.get("count", [])),
    )


class _Reader:
    """Reads the parts of the table; every message names the key."""

    def __init__(self, refuse: Refuse) -> None:
        self.refuse = refuse

    def figures(self, key: str, value: object) -> list[Stated]:
        asked = {one.key: one.asked for one in INDICATORS}
        if key not in asked:
            allowed = ", ".join(one.key for one in INDICATORS)
            msg = f"there is no key 'published.{key}'. Allowed are {allowed}, and {_TABLES}."
            raise self.refuse(msg)
        if isinstance(value, dict) != (asked[key] in _SPLIT):
            wanted = "a table of numbers by technology, kind or limit" if asked[key] in _SPLIT else "a number"
            msg = f"'published.{key}' is {value!r}, and should be {wanted}."
            raise self.refuse(msg)
        if isinstance(value, dict):
            return self.split(key, asked[key], value)
        return [Stated(key, None, self.number(key, value))]

    def split(self, key: str, by: str, table: Mapping[str, object]) -> list[Stated]:
        """Read a figure that is given by technology, kind of subscription or limit, however these are spelled."""
        found: dict[str, Stated] = {}
        for name, number in table.items():
            variant = name
            if by == "per_limit":
                variant = self.limit(key, name)
            elif by == "per_reach":
                variant = technology_name(name) or name
            if variant in found:
                msg = f"'published.{key}.{name}' is stated twice: it is {variant}, which is there already."
                raise self.refuse(msg)
            found[variant] = Stated(key, variant, self.number(f"{key}.{name}", number))
        return list(found.values())

    def limit(self, key: str, name: str) -> str:
        try:
            limit = Decimal(name)
        except InvalidOperation:
            limit = Decimal(-1)
        if not (limit.is_finite() and 0 <= limit <= FARTHEST_KM):
            msg = f"'published.{key}.{name}' should name a distance in km, from 0 to {FARTHEST_KM}."
            raise self.refuse(msg)
        return limit_key(float(limit))

    def entries(self, key: str, value: list[object]) -> list[Mapping[str, Any]]:
        if key not in _LISTS:
            msg = f"there is no list [[published.{key}]]. There is {_TABLES}."
            raise self.refuse(msg)
        found: list[Mapping[str, Any]] = []
        for one in value:
            needed = [name for name, must in _LISTS[key].items() if must]
            if not isinstance(one, dict) or not set(needed) <= one.keys() <= _LISTS[key].keys():
                msg = f"[[published.{key}]] has the keys {', '.join(_LISTS[key])}; this one is {one!r}."
                raise self.refuse(msg)
            found.append(one)
        return found

    def sum(self, one: Mapping[str, Any]) -> Sum:
        parts = one["parts"]
        if not isinstance(parts, list) or not parts:
            msg = f"'published.sum.parts' is {parts!r}, and should be a list of numbers."
            raise self.refuse(msg)
        return Sum(
            name=self.name(one),
            total=self.number("sum.total", one["total"]),
            parts=tuple(self.number("sum.parts", part) for part in parts),
        )

    def growth(self, one: Mapping[str, Any]) -> Growth:
        rate = self.number("growth.per_cent", one["per_cent"], least=Decimal(-100))
        before = self.number("growth.before", one["before"]) if "before" in one else None
        if rate <= -100 or before == 0:  # noqa: PLR2004 - per cent
            msg = "[[published.growth]] needs a rate above -100 and a year before above zero."
            raise self.refuse(msg)
        return Growth(name=self.name(one), now=self.number("growth.now", one["now"]), per_cent=rate, before=before)

    def count(self, key: str, one: Mapping[str, Any]) -> Count:
        return Count(name=self.name(one), value=self.number(f"{key}.value", one["value"]))

    def number(self, key: str, value: object, least: Decimal = Decimal(0)) -> Decimal:
        known = isinstance(value, int | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite()
        number = Decimal(value) if known else Decimal("NaN")  # type: ignore[arg-type] # a number
        if not known or not least <= number <= _MOST or digits_of(number) > _MOST_DIGITS:
            msg = (
                f"'published.{key}' is {value!r}, and should be a number from {least} to {_MOST}, "
                f"with at most {_MOST_DIGITS} decimals."
            )
            raise self.refuse(msg)
        return number

    def name(self, one: Mapping[str, Any]) -> dict[str, str]:
        name = one["name"]
        if isinstance(name, str):
            return {"vi": name, "en": name}
        if not isinstance(name, dict) or name.keys() != {"vi", "en"}:
            msg = f'\'published.name\' is {name!r}, and should be text, or {{ vi = "…", en = "…" }}.'
            raise self.refuse(msg)
        return dict(name)
