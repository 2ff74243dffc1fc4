"""The group of commands, each loaded when it is called, and the one gate that errors go through."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from importlib import import_module

import click

from geo import __version__
from geo.cli.terminal import one_line, printable
from geo.errors import GeoError
from geo.passwords import masked

_COMMANDS = {
    "audit": "What a report states, held against the layers and against itself.",
    "check": "Faults of the layers, and what each does to the figures.",
    "compare": "What changed between two studies, and why.",
    "map": "The map page: one HTML file that opens without a network.",
    "measure": "The figures, each with its numerator, denominator and rule.",
    "nearest": "The nearest point of each village, exactly.",
    "new": "A starter study to fill in, or a study of a place of OpenStreetMap.",
    "plan": "Where the next points should be, with a proof; coverage holes; what if.",
    "report": "What a department signs: a workbook, A4 paper or text, every figure traceable.",
}


class _Commands(click.Group):
    """Commands by name; a command's module is imported when it is called, so that help stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"geo.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort):
            raise
        except click.ClickException as error:
            error.message = masked(error.message)  # type: ignore[misc] # click quotes what was typed, passwords too
            raise
        except GeoError as error:
            click.echo(one_line(f"geo: {error}"), err=True)
            ctx.exit(1)
        except BrokenPipeError:
            # Whoever read our output has read enough; Python must not complain when it closes the pipe at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(1)
        except Exception as error:  # noqa: BLE001 - the last gate: nobody can mend a traceback
            click.echo(one_line(f"geo: {_unexpected(error)}"), err=True)
            if logging.getLogger().isEnabledFor(logging.INFO):  # -v
                click.echo(printable(masked(traceback.format_exc())), err=True)
            ctx.exit(1)


def _unexpected(error: Exception) -> str:
    """Say what no part of the library foresaw: the machine's limits, or a fault of our own."""
    if isinstance(error, MemoryError):
        return "the memory is not enough for these layers. Leave rows or areas out, or take a larger machine."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'a file'}: {error.strerror}."
    return f"{type(error).__name__}: {error} - this is a fault of geo; -v shows where."


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="geo")
def main() -> None:
    """
    Who is served, by which point, how far away, by which network - with figures that can be signed.

    \b
    Example:
      geo measure data/ninh-thuan/study.toml
    """
