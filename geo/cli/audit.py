"""`geo audit`: what a report states, held against the layers and against itself."""

from __future__ import annotations

import json

import click

from geo.cli import options
from geo.cli.asked import study_of
from geo.cli.standards import books_of, standard
from geo.cli.terminal import say

FOUND = 3


@click.command("audit")
@options.on_study
@standard
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How.")
@options.language
@options.talk
@click.pass_context
def command(ctx: click.Context, *, asked: options.Asked, standards: tuple[str, ...], form: str, lang: str) -> None:
    """
    Hold the published figures of a study against its layers and each other, and the territory against standards.

    Each published figure is reproduced, not reproduced, true by construction, or not computable; sums are added up,
    growth rates are followed back, and each ratio tells the population that it implies. Of each rule of a standard it
    says whether the territory and its areas keep it, how far they miss it, and how many more points it needs at least.
    Ends with status 3 where something cannot be right or a rule is not kept, 0 where not.

    \b
    Examples:
      geo audit data/ninh-thuan/study.toml
      geo audit data/ninh-thuan/study.toml --standard uk-post
    """
    from geo.cli import rules, verdicts  # noqa: PLC0415 - help must not wait for it
    from geo.judge.published import audit  # noqa: PLC0415
    from geo.judge.standards import Measured, judge, limits_of  # noqa: PLC0415
    from geo.study.origins import origins  # noqa: PLC0415

    study = study_of(asked, statements_do=True)
    books = books_of(standards, study.file.standards)
    results = study.measuring_within(limits_of(books, study.file.published)).run()
    found = audit(study.file.published, results.figures)
    measured = Measured(figures=results.figures, villages=results.villages, areas=results.areas)
    judged = [(book, judge(book, measured)) for book in books]
    files = origins(asked.study, books)
    if form == "json":
        answer = verdicts.as_json(found, results, lang, files) | {"standards": rules.standards_json(judged, lang)}
        click.echo(json.dumps(answer, ensure_ascii=False, allow_nan=False, indent=1))
    else:
        lines = [verdicts.tell(found, lang), *rules.tell_standards(judged, lang)]
        say("\n".join([*lines, "", verdicts.tell_origin(files, lang)]))
    kept = all(one.passed is not False for _, found_of in judged for one in found_of)
    ctx.exit(0 if kept and not found.faults else FOUND)
