"""What a plan changes, village by village and point by point: the layers that are written, and what the page draws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geo.measure.access import within
from geo.planning.ground import points_of

if TYPE_CHECKING:
    from geo.planning.wished import Plan
    from geo.study.results import Results
    from geo.study.study import Study


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """
    A plan with all results of its study without it (`before`) and with it (`after`).

    `after` also holds the points that close, with nobody nearest to them, so that they can be shown.
    """

    plan: Plan
    before: Results
    after: Results

    @property
    def opened(self) -> gpd.GeoDataFrame:
        """The points that the plan opens and the study counts."""
        old = points_of(self.plan.loaded).index
        closing = self.plan.closing.index
        return self.after.points[~self.after.points.index.isin(old) & ~self.after.points.index.isin(closing)]

    def villages(self) -> gpd.GeoDataFrame:
        """
        Give the villages with their nearest point without and with the plan.

        `newly_served` are those within the plan's limit only with it; without a limit, those whose nearest point is a
        new one. `no_longer_served` are within it only without the plan; without a limit, their nearest point closes.
        """
        old, new = self.before.villages, self.after.villages
        limit = self.plan.within_km
        if limit is None:
            gained = ~new["point_row"].isin(points_of(self.plan.loaded).index) & new["point_row"].notna()
            lost = old["point_row"].isin(self.plan.closing.index)
        else:
            gained = within(new["distance_km"], limit) & ~within(old["distance_km"], limit)
            lost = within(old["distance_km"], limit) & ~within(new["distance_km"], limit)
        return old[["village_id", "name", "population", "geometry"]].assign(
            point_id_before=old["point_id"],
            distance_km_before=old["distance_km"],
            point_id_after=new["point_id"],
            distance_km_after=new["distance_km"],
            newly_served=gained.to_numpy(dtype=bool),
            no_longer_served=lost.to_numpy(dtype=bool),
        )

    def catchments(self) -> gpd.GeoDataFrame:
        """Give where each new point is the nearest, with the villages and people there."""
        opened = self.opened
        shapes = self.after.catchments.geometry.reindex(opened["place"])
        table = opened[["point_id", "name", "villages", "people"]].reset_index(drop=True)
        drawn = gpd.GeoDataFrame(table, geometry=shapes.to_numpy(), crs=self.after.catchments.crs)
        return drawn[drawn.geometry.notna() & ~drawn.geometry.is_empty]

    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Give what is written of the plan, by name; a layer without a row is left out."""
        layers = {
            "sites": self.plan.opened,
            "closed": closed_points(self.plan),
            "villages": self.villages(),
            "catchments": self.catchments(),
        }
        return {name: layer for name, layer in layers.items() if len(layer)}


def outcome(study: Study, plan: Plan) -> Outcome:
    """Compute all results of a study without and with a plan, those within the plan's limit among them."""
    measuring = study.measuring_within([] if plan.within_km is None else [plan.within_km])
    before, after = measuring.results_of(plan.loaded), measuring.results_of(plan.changed)
    closing = before.points[before.points.index.isin(plan.closing.index)]
    if len(closing):
        left = closing.assign(villages=0, people=0.0, place=pd.NA)
        after = replace(after, points=pd.concat([after.points, left]) if len(after.points) else left)
    return Outcome(plan=plan, before=before, after=after)


def closed_points(plan: Plan) -> gpd.GeoDataFrame:
    """Give the points that close, with the people whom each loses where a search chose them."""
    points = plan.closing[["point_id", "name", "kind", "lon", "lat", "geometry"]]
    if plan.wish is None:
        return points
    return points.assign(people=plan.sites["people"].reindex(points.index))


def as_one_layer(plan: Plan) -> gpd.GeoDataFrame:
    """Give the plan as one layer: its sites; where some open and others close without a search, which does what."""
    if plan.wish is not None:
        return plan.sites
    closing = closed_points(plan).rename(columns={"point_id": "site_id"})
    parts = [plan.sites.assign(change="opened"), closing.drop(columns="kind").assign(change="closed")]
    return gpd.GeoDataFrame(pd.concat([part for part in parts if len(part)], ignore_index=True), crs=plan.sites.crs)
