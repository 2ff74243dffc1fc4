"""One HTML file that asks the network for nothing and runs no script but the ones that were meant."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from dataclasses import dataclass
from importlib import resources
from itertools import count
from typing import TYPE_CHECKING

from branca.element import CssLink, Element, Figure, JavascriptLink

from geo import __version__
from geo.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable

_LEAFLET = "xstatic.pkg.leaflet"
_CSS_IMAGE = re.compile(r"url\((images/[\w.-]+)\)")
_SOURCE_MAP = re.compile(r"\n//# sourceMappingURL=.*")
_SCRIPT_END = re.compile(r"</(?=script)|<!--", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Content:
    """What our own part of the page consists of: no text of a layer stands in `css`, `body` or `script`."""

    language: str
    title: str
    css: str
    body: str
    data: str
    script: str


class OfflineFigure(Figure):
    """
    A Folium figure that renders to one closed file.

    Scripts and style sheets that a layer links to are replaced by their text, which comes from an installed
    package. The Content-Security-Policy lists the hash of every script that this figure wrote, so that a script
    which a text of a layer smuggled in would not run.
    """

    def __init__(self, content: Content) -> None:
        super().__init__()
        self.content = content

    def render(self, **_: object) -> str:
        """
        Write the page.

        Raises
        ------
        OutputError
            Where a layer links to a script or a style sheet that cannot be put inline; its name is given.
        """
        _number_elements(self)
        for child in self._children.values():
            child.render()
        return self._document()

    def _document(self) -> str:
        links = self.header._children  # noqa: SLF001 - Folium's layers leave their links there, and nowhere else
        scripts = [_inline(name, link) for name, link in links.items() if isinstance(link, JavascriptLink)]
        styles = [_inline(name, link) for name, link in links.items() if isinstance(link, CssLink)]
        scripts.append(self.content.script)
        added = self.script.render()
        if added.strip():
            scripts.append(_SCRIPT_END.sub(_escaped, added))
        return _page(self.content, styles, scripts)


def policy(scripts: list[str]) -> str:
    """Give a Content-Security-Policy that runs these inline scripts and nothing else."""
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _page(content: Content, styles: list[str], scripts: list[str]) -> str:
    head_scripts, page_scripts = scripts[:1], scripts[1:]
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="{html.escape(content.language)}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy(scripts)}">',
        f'<meta name="generator" content="geo {__version__}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{html.escape(content.title)}</title>",
        *(f"<style>{style}</style>" for style in [*styles, content.css]),
        *(f"<script>{script}</script>" for script in head_scripts),
        "</head>",
        "<body>",
        content.body,
        f'<script type="application/json" id="geo-data">{content.data}</script>',
        *(f"<script>{script}</script>" for script in page_scripts),
        "</body>",
        "</html>",
        "",
    ]
    return "\n".join(lines)


def _inline(name: str, link: JavascriptLink | CssLink) -> str:
    readers: dict[str, Callable[[], str]] = {"leaflet": _leaflet_script, "leaflet_css": _leaflet_style}
    if name not in readers:
        msg = (
            f"the page cannot hold '{name}' ({link.url}): only Leaflet itself can be put inline. "
            f"Add layers that need nothing else, such as folium.GeoJson or folium.PolyLine."
        )
        raise OutputError(msg)
    return readers[name]()


def _leaflet_script() -> str:
    text = resources.files(_LEAFLET).joinpath("data", "leaflet.js").read_text("utf-8")
    return _SCRIPT_END.sub(_escaped, _SOURCE_MAP.sub("", text))


def _leaflet_style() -> str:
    folder = resources.files(_LEAFLET).joinpath("data")

    def as_data(found: re.Match[str]) -> str:
        image = base64.b64encode(folder.joinpath(found[1]).read_bytes()).decode()
        return f"url(data:image/png;base64,{image})"

    return _CSS_IMAGE.sub(as_data, folder.joinpath("leaflet.css").read_text("utf-8"))


def _escaped(found: re.Match[str]) -> str:
    # Inside a JavaScript string \/ and \! mean / and !, and outside of strings neither sequence occurs.
    return found[0][0] + "\\" + found[0][1:]


def _number_elements(figure: Figure) -> None:
    # Folium names its elements at random; numbers in their order give the same bytes every time.
    pending: list[Element] = [figure]
    for number in count():
        if not pending:
            return
        element = pending.pop()
        element._id = f"{number:04d}"  # noqa: SLF001 - Folium offers no other way to name an element
        pending.extend(reversed(list(element._children.values())))  # noqa: SLF001
