"""`geo plan`: where next."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import click

from geo import messages
from geo.cli import options, told
from geo.cli.asked import study_of
from geo.cli.kinds import Page
from geo.cli.terminal import say
from geo.cli.wanted import WHOLE, Wanted, limit_of, on_plan

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from geo.planning.holes import Holes
    from geo.planning.wished import Goal, Plan, Wish
    from geo.study.loading import Loaded
    from geo.study.results import Results
    from geo.study.study import Study

_LOG = logging.getLogger(__name__)
_APART_KM = 2.0


@click.command("plan")
@options.on_study
@on_plan
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How.")
@options.output(required=False, example="The sites or holes: plan.csv; plan.gpkg adds the villages.")
@click.option(
    "--map",
    "page",
    type=Page(),
    metavar="FILE",
    help="The page: what opens and closes, without and with it; or the holes.",
)
@options.overwrite
@options.language
@options.talk
def command(  # noqa: PLR0913 - one per option
    asked: options.Asked,
    wanted: Wanted,
    form: str,
    output: Path | None,
    page: Path | None,
    *,
    overwrite: bool,
    lang: str,
) -> None:
    """
    Say where the next points should be, and prove how good the answer is.

    Candidates are the villages, a layer or a grid; points that exist stay. Every answer says what it is worth, what no
    other choice can exceed, and whether that proves it; then the study's figures before and after. --close and --open
    give the figures without a search, --holes the places where a technology is missing.

    \b
    Examples:
      geo plan data/ninh-thuan/study.toml --add 5 --within 2
      geo plan data/ninh-thuan/study.toml --add 5 --least-travel -o sites.gpkg
      geo plan data/ninh-thuan/study.toml --cover 0.9 --each-area --within 3 --gap 0.01
      geo plan data/ninh-thuan/study.toml --keep vn-postal::1
      geo plan data/ninh-thuan/study.toml --drop 10 --within 3
      geo plan data/ninh-thuan/study.toml --close P001 --open 108.9,11.6
      geo plan data/ninh-thuan/study.toml --holes 4G --within 5
    """
    from geo.cli.given import Into, give_holes, give_plan  # noqa: PLC0415 - help must not wait for it
    from geo.layers.write import refuse_unknown_format  # noqa: PLC0415
    from geo.study.loading import load  # noqa: PLC0415

    within_km = limit_of(asked, wanted)
    if output is not None:
        refuse_unknown_format(output)
    began = time.monotonic()
    study = study_of(asked, points_come=True)
    loaded = load(study.file)
    into = Into(form=form, output=output, page=page, overwrite=overwrite, language=lang)
    if wanted.holes is not None:
        answer = give_holes(study, *_holes(study, loaded, wanted, within_km, asked.crs), into)
    else:
        answer = give_plan(study, _plan(study, loaded, wanted, within_km, asked.crs), into)
    click.echo(answer) if form == "json" else say(answer)
    told.talk_findings(loaded.findings, loaded.facts, lang)
    seconds = round(time.monotonic() - began, 1)
    _LOG.warning(messages.text("plan.seconds", lang, seconds=seconds))
    told.refuse_unusable(loaded.findings, loaded.facts)


def _plan(study: Study, loaded: Loaded, wanted: Wanted, within_km: float | None, crs: str | None) -> Plan:
    import geopandas as gpd  # noqa: PLC0415 - help must not wait for it

    from geo.planning.asked import plan, what_if  # noqa: PLC0415
    from geo.planning.ground import Ground, at_villages, points_of, villages_of  # noqa: PLC0415

    if wanted.close or wanted.open_:
        lon, lat = zip(*wanted.open_, strict=True) if wanted.open_ else ((), ())
        opened = gpd.GeoDataFrame(
            {
                "site_id": [f"{one:.12g},{other:.12g}" for one, other in wanted.open_],
                "name": None,
                "lon": lon,
                "lat": lat,
            },
            geometry=gpd.points_from_xy(lon, lat),
            crs="EPSG:4326",
        ).astype({"site_id": "str", "lon": "float64", "lat": "float64"})
        return what_if(study.file, loaded, opened, wanted.close)
    if wanted.keep is not None:
        return _keep(study, loaded, wanted, crs)
    sites = at_villages(loaded) if wanted.drop is not None else _candidates(loaded, wanted, crs)
    ground = Ground(villages=villages_of(loaded), points=points_of(loaded), sites=sites)
    return plan(study.file, loaded, ground, _wish(wanted, within_km))


def _keep(study: Study, loaded: Loaded, wanted: Wanted, crs: str | None) -> Plan:
    from geo.planning.ground import Ground, points_of, villages_of  # noqa: PLC0415 - help must not wait for it
    from geo.planning.kept import keep  # noqa: PLC0415
    from geo.planning.rules import limit_km, rule_named  # noqa: PLC0415

    goal = rule_named(wanted.keep or "")
    limit = limit_km(goal[1])
    ground = Ground(villages=villages_of(loaded), points=points_of(loaded), sites=_candidates(loaded, wanted, crs))
    return keep(study.measuring_within([limit] if limit else []), loaded, ground, goal, _wish(wanted, None))


def _wish(wanted: Wanted, within_km: float | None) -> Wish:
    from geo.plan.until import Until  # noqa: PLC0415
    from geo.planning.wished import Wish  # noqa: PLC0415

    goal: Goal = "people"
    if wanted.drop is not None:
        goal = "close"
    elif wanted.cover is not None or wanted.keep is not None:
        goal = "share"
    elif wanted.least_travel:
        goal = "travel"
    elif wanted.least_farthest:
        goal = "farthest"
    return Wish(
        goal=goal,
        number=wanted.add if wanted.drop is None else wanted.drop,
        within_km=within_km,
        share=WHOLE if wanted.cover is None else wanted.cover,
        each_area=wanted.each_area,
        forbidden=wanted.forbid,
        required=wanted.require,
        budget=wanted.budget,
        until=Until(gap=wanted.gap, time_s=wanted.time_s),
    )


def _candidates(loaded: Loaded, wanted: Wanted, crs: str | None) -> gpd.GeoDataFrame:
    from geo.planning.ground import at_villages, from_layer, on_grid  # noqa: PLC0415

    if wanted.grid is not None:
        return on_grid(loaded, wanted.grid)
    if wanted.candidates is not None:
        return from_layer(wanted.candidates, crs, wanted.numbers)
    return at_villages(loaded, wanted.numbers)


def _holes(
    study: Study, loaded: Loaded, wanted: Wanted, within_km: float | None, crs: str | None
) -> tuple[Results, Holes]:
    from geo.planning.asked import refuse_pixels  # noqa: PLC0415 - help must not wait for it
    from geo.planning.ground import Ground, points_of, villages_of  # noqa: PLC0415
    from geo.planning.holes import Sought, find_holes  # noqa: PLC0415

    refuse_pixels(study.file)
    ground = Ground(villages=villages_of(loaded), points=points_of(loaded), sites=_candidates(loaded, wanted, crs))
    apart_km = _APART_KM if wanted.apart is None else wanted.apart
    sought = Sought(technology=wanted.holes or "", apart_km=apart_km, reach_km=within_km or 0.0)
    results = study.results_of(loaded)
    return results, find_holes(results, loaded, ground, sought)
