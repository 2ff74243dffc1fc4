"""The villages that a rule looks at: those whose columns have the values that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.layers.text import search_key

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.judge.rulebook import Rule


def lacks_column(rule: Rule, villages: gpd.GeoDataFrame) -> bool:
    """Tell whether the villages do not have a column that a rule asks for."""
    return any(column not in villages for column, _ in rule.where)


def among(rule: Rule, villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the villages that meet every condition of a rule, whatever case and accents they are written with."""
    for column, wanted in rule.where:
        keys = villages[column].astype("str").where(villages[column].notna(), "").map(search_key)
        villages = villages[(keys == search_key(wanted)).to_numpy()]
    return villages
