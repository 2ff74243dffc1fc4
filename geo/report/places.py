"""The villages with their nearest point, its distance, and coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo import messages
from geo.draw.measures import service_name
from geo.draw.services import COMBINED, NO, UNKNOWN, YES, services_of, status_of
from geo.draw.style import Format
from geo.report.document import Cell, Column, Number, Section, Table, plain

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from geo.draw.measures import Measure
    from geo.report.given import Given

_KM = Format(2)
_DEGREES = Format(6)


def villages(given: Given, language: str) -> Section:
    """Give every village, for the workbook alone."""
    table = given.results.villages
    services = [one for one in services_of(given.results) if one.within_km is None and one.operator not in COMBINED]
    titles = messages.group("head", language)
    own = village_cells(given)
    columns = [Column(key, titles[key]) for key in own]
    columns += [Column(f"covered:{number}", service_title(one, language)) for number, one in enumerate(services)]
    answers = [_answers(status_of(one, table), language) for one in services]
    rows = tuple(zip(*own.values(), *answers, strict=True))
    return Section(
        key="villages",
        title=messages.text("section.villages", language),
        sheet=messages.text("sheet.villages", language),
        tables=(Table(key="villages", columns=tuple(columns), rows=rows),),
        on_paper=False,
    )


def village_cells(given: Given) -> dict[str, list[Cell]]:
    """Give what is told of each village, column by column, with the names of its area and its nearest point."""
    table, points, areas = given.results.villages, given.results.points, given.results.areas
    named = points.loc[~points.index.duplicated(), "name"]
    return {
        "village_id": _texts(table["village_id"]),
        "village": _texts(table["name"]),
        "area": _texts(table["area_id"].map(areas["name"].to_dict())),
        "parent": _texts(table["area_id"].map(areas["parent"].to_dict())),
        "people": _numbers(table["population"], Format(0)),
        "lon": _numbers(table["lon"], _DEGREES),
        "lat": _numbers(table["lat"], _DEGREES),
        "point_id": _texts(table["point_id"]),
        "point": _texts(table["point_row"].map(named.to_dict())),
        "distance_km": _numbers(table["distance_km"], _KM),
    }


def service_title(service: Measure, language: str) -> str:
    """Name a service as the head of a column."""
    name = plain(service_name(service, language))
    return name[:1].upper() + name[1:]


def _answers(status: NDArray[np.uint8], language: str) -> list[str]:
    keys = {YES: "covered_yes", NO: "covered_no", UNKNOWN: "unknown"}
    words = {code: messages.text(f"page.{key}", language) for code, key in keys.items()}
    return [words[code] for code in status.tolist()]


def _texts(values: pd.Series) -> list[Cell]:
    return [None if missing else plain(value) for value, missing in zip(values, values.isna(), strict=True)]


def _numbers(values: pd.Series, look: Format) -> list[Cell]:
    return [None if np.isnan(value) else Number(value, look) for value in values.astype(float).tolist()]
