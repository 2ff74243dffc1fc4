"""Count a study's population raster: its people take the villages' place, and what is found on the way is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo.errors import StudyError
from geo.figures import Finding
from geo.measure.coverage import COMBINED
from geo.measure.pixels import Asked, Pixels, count_people
from geo.measure.population import rescaled

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.measure.coverage import Reach
    from geo.study.file import StudyFile
    from geo.study.loading import Loaded


@dataclass(frozen=True, kw_only=True)
class Counted:
    """People of pixels (None without a raster), the points and the coverage by them, and what was found."""

    pixels: Pixels | None
    points: gpd.GeoDataFrame
    reaches: tuple[Reach, ...]
    findings: tuple[Finding, ...] = ()


def count(study: StudyFile, loaded: Loaded, points: gpd.GeoDataFrame, reaches: tuple[Reach, ...]) -> Counted:
    """
    Count the people of the raster for everything that a study asks; without a raster everything stays.

    Parameters
    ----------
    study : StudyFile
        What it says of the raster, of distances and of clipping.
    loaded : Loaded
        The layers.
    points : GeoDataFrame
        With `place` and `people`; the people of pixels replace these.
    reaches : tuple of Reach
        Coverage; the best operator is chosen again, by the people of the pixels.

    Raises
    ------
    StudyError
        Where people are to be rescaled and there is no official total, or nobody to rescale.
    LayerError, FigureError
        Where the raster cannot be counted.
    """
    if study.people is None or loaded.people is None:
        return Counted(pixels=None, points=points, reaches=reaches)
    if study.people.rescale and study.totals.population is None:
        msg = (
            "[population] rescale = true has no official total to rescale to. Give it, as [official] "
            "population = 590467, or leave rescale out."
        )
        raise StudyError(msg)
    asked = Asked(
        areas=loaded.areas,
        points=loaded.reachable,
        within_km=study.choices.within_km,
        reaches=reaches,
        clip=study.choices.clip,
    )
    pixels = count_people(loaded.people.blocks, asked, ", ".join(study.people.shown))
    findings = _outside(pixels, loaded.people.people, clip=study.choices.clip)
    if study.people.rescale:
        pixels, told = _rescaled(pixels, float(study.totals.population or 0))
        findings.append(told)
    if pixels.of_point is not None:
        points = points.assign(people=points["place"].map(pixels.of_point).fillna(0.0).astype(float))
    return Counted(pixels=pixels, points=points, reaches=_with_best(reaches, pixels), findings=tuple(findings))


def _outside(pixels: Pixels, everybody: float, *, clip: bool) -> list[Finding]:
    people = round(pixels.outside)
    if not people:
        return []
    fault = "clipped_people" if clip else "people_outside_areas"
    values = {"people": people, "all": round(everybody)}
    return [Finding(layer="population", fault=fault, values=values, left_out=clip, chosen=clip)]


def _rescaled(pixels: Pixels, official: float) -> tuple[Pixels, Finding]:
    people = float(pixels.people.sum())
    if not people:
        msg = f"[population] rescale = true: nobody of {pixels.file} lives inside the areas. Leave --clip out."
        raise StudyError(msg)
    brought = rescaled(people, official)
    factor = float(brought.factor)
    values = {
        "measured": round(people, 3),
        "official": official,
        "difference": round(abs(float(brought.difference)), 3),
        "factor": round(factor, 6),
    }
    return pixels.times(factor), Finding(layer="population", fault="rescaled_people", values=values, chosen=True)


def _with_best(reaches: tuple[Reach, ...], pixels: Pixels) -> tuple[Reach, ...]:
    """Let the best operator of each technology be the one inside whose reach most people of pixels live."""
    chosen = []
    for reach in reaches:
        if reach.operator == "best" and reach.shape is not None:
            named = [one for one in reaches if one.technology == reach.technology and one.operator not in COMBINED]
            best = max(named, key=lambda one: float(pixels.inside(one).sum()))
            chosen.append(replace(reach, name=best.name, villages=best.villages, shape=best.shape))
        else:
            chosen.append(reach)
    return tuple(chosen)
