"""What the indicators are computed from: the tables of villages and points, and the totals that a study gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from geo.measure.coverage import Reach, When
    from geo.measure.pixels import Pixels


@dataclass(frozen=True, kw_only=True)
class Official:
    """
    Totals of the whole territory that stand in place of the layers' own; None where the study gives none.

    `population_basis` says what the population rests on, in one text or by language.
    """

    area_km2: float | None = None
    population: float | None = None
    population_basis: Mapping[str, str] | str | None = None


@dataclass(frozen=True, kw_only=True)
class Territory:
    """
    One territory, ready to be reduced to figures.

    Attributes
    ----------
    villages : DataFrame or None
        `population` (NaN: unknown) and `distance_km` (NaN: no point); None where no villages are given.
    points : DataFrame or None
        `place`, the lowest id on the same spot; None where no points are given.
    pixels : Pixels or None
        The people of a raster: figures over people count these where they are given, in place of the villages'.
    reaches : tuple of Reach
        Coverage by technology and operator, on the villages' index.
    when : "centre", "any" or float
        When a village that is a polygon counts as covered.
    within_km : tuple of float
        The limits asked for.
    official : Official
        Totals that serve the whole only.
    subscriptions : mapping of str to float
        Subscriptions by kind, of the whole only.
    reconstructed : bool
        Whether the layers were made so as to give known figures: what rests on them is then true by construction.
    """

    villages: pd.DataFrame | None
    points: pd.DataFrame | None
    pixels: Pixels | None = None
    reaches: tuple[Reach, ...] = ()
    when: When = "centre"
    within_km: tuple[float, ...] = ()
    official: Official = field(default_factory=Official)
    subscriptions: Mapping[str, float] = field(default_factory=dict)
    reconstructed: bool = False
