"""What the value of an option must be: a number, a distance, a pair, a column of a layer, repairs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click


class Number(click.ParamType[Decimal]):
    """A number above zero, with the digits it is written with."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:  # noqa: ANN401
        """Read the number, and refuse what is none above zero."""
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal(-1)
        if not (number.is_finite() and number > 0):
            self.fail(f"'{value}' is no number above zero.", param, ctx)
        return number


@dataclass(frozen=True)
class Distance(click.ParamType[float]):
    """A distance in km, from `least` (or above zero) to `most`."""

    most: int
    zero: bool = True
    name = "km"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        """Read the number, and refuse what is no distance."""
        try:
            distance = float(value)
        except ValueError:
            distance = -1.0
        if not (0 <= distance <= self.most) or (distance == 0 and not self.zero):
            least = "from 0" if self.zero else "above 0"
            self.fail(f"'{value}' is no distance in km: give a number {least} to {self.most}.", param, ctx)
        return distance


class Pair(click.ParamType[tuple[str, ...]]):
    """Two texts with an equals sign between them."""

    name = "pair"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:  # noqa: ANN401
        """Part the two texts, and refuse what has no such parts."""
        left, mark, right = str(value).partition("=")
        if not (left and mark and right):
            self.fail(f"'{value}' should be {param.metavar if param else 'NAME=VALUE'}.", param, ctx)
        return (left, right)


class Page(click.ParamType[Path]):
    """The file of a page, which is HTML whatever its name says; whether it can be written shows later."""

    name = "page"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ANN401
        """Read the name, and refuse one that a program would take for something else."""
        page = Path(value)
        if page.suffix.lower() not in (".html", ".htm") and not page.is_dir() and "://" not in str(value):
            named = page.with_suffix(".html") if page.name else Path("page.html")
            wanted = " geo report writes PDF, XLSX and text." if page.suffix.lower() in (".pdf", ".xlsx", ".md") else ""
            self.fail(f"'{value}': the page is HTML; name it '{named}'.{wanted}", param, ctx)
        return page


class Folder(click.ParamType[Path]):
    """A folder, which need not be there."""

    name = "folder"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ANN401
        """Read the name, and refuse one that is empty: a path takes it for the folder that one is in."""
        if not str(value).strip():
            self.fail("the name is empty. Name a folder, as my-province, or . for this one.", param, ctx)
        return Path(value)


class ColumnOf(Pair):
    """A column of a layer and the header it is read from."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:  # noqa: ANN401
        """Name layer, column and header, and refuse a column that the layer does not have."""
        from geo.layers.contract import LAYERS  # noqa: PLC0415 - help must not wait for it

        left, header = super().convert(value, param, ctx)
        layer, _, key = left.partition(".")
        if layer not in ("villages", "points", "areas", "coverage") or not key:
            self.fail(f"'{value}': {layer} is none of villages, points, areas, coverage.", param, ctx)
        kind = "cells" if layer == "coverage" else layer
        keys = [column.key for column in LAYERS[kind]]  # type: ignore[index] # checked above
        if key not in keys:
            self.fail(f"'{value}': {layer} have no column '{key}'; they have {', '.join(keys)}.", param, ctx)
        return (layer, key, header)


class Repairs(click.ParamType[tuple[str, ...]]):
    """Repairs with commas between them."""

    name = "repairs"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:  # noqa: ANN401
        """Part the repairs, and refuse one that there is not."""
        from geo.errors import LayerError  # noqa: PLC0415 - help must not wait for it
        from geo.layers.repair import refuse_unknown  # noqa: PLC0415

        words = value if isinstance(value, tuple) else tuple(filter(None, map(str.strip, str(value).split(","))))
        try:
            refuse_unknown(words)
        except LayerError as error:
            self.fail(str(error), param, ctx)
        return words
