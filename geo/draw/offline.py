"""One HTML file that asks the network for nothing and runs no script but the ones that were meant."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import zlib
from dataclasses import dataclass
from importlib import resources
from itertools import count
from typing import TYPE_CHECKING

from branca.element import CssLink, Element, Figure, JavascriptLink

from geo import __version__
from geo.draw import further
from geo.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LEAFLET = "xstatic.pkg.leaflet"
_CSS_IMAGE = re.compile(r"url\(images/[\w.-]+\)")
_CSS_SPACE = re.compile(r"/\*.*?\*/|^\s+|\s+$|\s*\n", re.DOTALL | re.MULTILINE)
_SOURCE_MAP = re.compile(r"\n//# sourceMappingURL=.*")
_SCRIPT_END = re.compile(r"</(?=script)|<!--", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Content:
    """
    What our own part of the page consists of: no text of a layer stands in `css`, `body`, `boot` or `script`.

    `boot` runs by itself and starts the other scripts; `image_hosts` are those that pictures may come from.
    """

    language: str
    title: str
    css: str
    body: str
    data: str
    boot: str
    script: str
    image_hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Script:
    """A script that `boot` starts: its text, and whether it travels deflated."""

    text: str
    packed: bool = False

    def tag(self) -> str:
        """Write the script as a data block that the browser does not run by itself."""
        if not self.packed:
            return f'<script type="text/plain" data-run="plain">{self.text}</script>'
        body = base64.b64encode(zlib.compress(self.text.encode(), 9)).decode()
        return f'<script type="text/plain" data-run="packed">{body}</script>'


class OfflineFigure(Figure):
    """
    A Folium figure that renders to one closed file.

    Leaflet, the largest part, travels deflated: half of a province's page would be its text. Scripts and style
    sheets that a layer links to are replaced by their text, which comes from an installed package. The
    Content-Security-Policy lists the hash of every script that this figure wrote, so that a script which a text of
    a layer smuggled in would not run.
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
            Where a layer is of a kind that the page does not take, or links to a script or a style sheet that
            cannot be put inline; its name is given.
        """
        further.check(self)
        _number_elements(self)
        for child in self._children.values():
            child.render()
        return self._document()

    def _document(self) -> str:
        links = self.header._children  # noqa: SLF001 - Folium's layers leave their links there, and nowhere else
        linked = [(name, link) for name, link in links.items() if isinstance(link, JavascriptLink)]
        scripts = [Script(_inline(name, link), packed=True) for name, link in linked]
        styles = [_inline(name, link) for name, link in links.items() if isinstance(link, CssLink)]
        scripts.append(Script(self.content.script))
        added = self.script.render()
        if added.strip():
            scripts.append(Script(_SCRIPT_END.sub(_escaped, added)))
        hosts = {*self.content.image_hosts, *further.image_hosts(self)}
        texts = [*(script.text for script in scripts), self.content.boot]
        return _page(self.content, policy(texts, sorted(hosts)), styles, scripts)


def policy(scripts: Sequence[str], image_hosts: Sequence[str] = ()) -> str:
    """Give a Content-Security-Policy that runs these inline scripts, shows pictures of these hosts, and no more."""
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    images = " ".join(["data:", "blob:", *image_hosts])
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src {images}; "
        "base-uri 'none'; form-action 'none'"
    )


def without_space(css: str) -> str:
    r"""
    Take comments, indents and line ends out of a style sheet.

    Examples
    --------
    >>> without_space("/* why */ a {\n  color: red;\n}\n")
    ' a {color: red;}'
    """
    return _CSS_SPACE.sub("", css)


def _page(content: Content, security: str, styles: list[str], scripts: list[Script]) -> str:
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="{html.escape(content.language)}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(security)}">',
        f'<meta name="generator" content="geo {__version__}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="strict-origin-when-cross-origin">',
        f"<title>{html.escape(content.title)}</title>",
        *(f"<style>{style}</style>" for style in [*styles, content.css]),
        "</head>",
        "<body>",
        content.body,
        f'<script type="application/json" id="geo-data">{content.data}</script>',
        *(script.tag() for script in scripts),
        f"<script>{content.boot}</script>",
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
    # The pictures belong to markers and to a list of layers, which the page does not take.
    text = resources.files(_LEAFLET).joinpath("data", "leaflet.css").read_text("utf-8")
    return without_space(_CSS_IMAGE.sub("none", text))


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
