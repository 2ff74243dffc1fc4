"""
Take pictures of the page of Ninh Thuận: desk in light and dark, phone, and paper, into `maps/screenshots/`.

Run by `make screenshots`, which also makes `maps/ninh-thuan.png`, the small one that the README shows.
"""

from __future__ import annotations

import base64
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from playwright.sync_api import sync_playwright
from scipy.spatial import cKDTree

from geo.draw.webmap import draw_map
from geo.study.study import Study

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from playwright.sync_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
_ROOT = Path(__file__).parents[1]
_STUDY = _ROOT / "data" / "ninh-thuan" / "study.toml"
_FOLDER = _ROOT / "maps" / "screenshots"
_SMALL = _ROOT / "maps" / "ninh-thuan.png"
_MOST_BYTES = 150_000
_DESK = {"width": 1440, "height": 900}
_PAPER = {"width": 1123, "height": 794}  # A4 landscape at 96 pixels an inch


def main() -> None:
    """Draw the page, take its pictures, and say where they are."""
    _FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        page_file = Path(folder) / "page.html"
        draw_map(Study.open(_STUDY).run()).save(page_file)
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        address = page_file.as_uri()
        for theme in ("light", "dark"):
            _open(browser, address, viewport=_DESK, color_scheme=theme).screenshot(path=_FOLDER / f"desk-{theme}.png")
        _phone(browser, address)
        _paper(browser, address)
        _small(browser, address)
        browser.close()
    for picture in (*sorted(_FOLDER.glob("*.png")), _SMALL):
        print(picture.relative_to(_ROOT))


def _open(browser: Browser, address: str, **look: object) -> Page:
    page = browser.new_context(offline=True, **look).new_page()  # type: ignore[arg-type]
    page.goto(address)
    page.wait_for_selector("html[data-ready=yes]", state="attached")
    return page


def _phone(browser: Browser, address: str) -> None:
    size = {"width": 390, "height": 844}
    page = _open(browser, address, viewport=size, is_mobile=True, has_touch=True, device_scale_factor=2)
    page.screenshot(path=_FOLDER / "phone.png")
    page.locator("#sheet-handle").tap()
    page.wait_for_timeout(500)
    page.screenshot(path=_FOLDER / "phone-open.png")


def _paper(browser: Browser, address: str) -> None:
    """Take the PDF where it can be turned into a picture, else the print layout as the screen shows it."""
    page = _open(browser, address, viewport=_PAPER)
    page.evaluate("window.print = () => {}")
    page.click("#tool-print")
    page.wait_for_timeout(500)
    pdf = _FOLDER / "print.pdf"
    page.screenshot(path=pdf.with_suffix(".png"))
    page.pdf(path=pdf, prefer_css_page_size=True, print_background=True)
    if shutil.which("pdftoppm"):
        subprocess.run(["pdftoppm", "-r", "110", "-singlefile", "-png", pdf, pdf.with_suffix("")], check=True)  # noqa: S603, S607
    else:
        print("pdftoppm is not here: print.png shows the print layout on the screen", file=sys.stderr)


def _small(browser: Browser, address: str) -> None:
    page = _open(browser, address, viewport={"width": 1200, "height": 750}, device_scale_factor=1)
    page.screenshot(path=_SMALL)
    if _SMALL.stat().st_size > _MOST_BYTES:
        _reduce(browser, _SMALL)


_PIXELS = """async (png) => {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const brush = new OffscreenCanvas(image.width, image.height).getContext("2d");
  brush.drawImage(image, 0, 0);
  const { data } = brush.getImageData(0, 0, image.width, image.height);
  const blob = new Blob([data]);
  const reader = new FileReader();
  reader.readAsDataURL(blob);
  await new Promise((done) => { reader.onload = done; });
  return [image.width, image.height, reader.result.split(",")[1]];
}"""


def _reduce(browser: Browser, path: Path) -> None:
    """Write the picture with 256 colours; any other takes the nearest of these."""
    png = base64.b64encode(path.read_bytes()).decode()
    width, height, data = browser.new_page().evaluate(_PIXELS, png)
    pixels = np.frombuffer(base64.b64decode(data), np.uint8).reshape(height * width, 4)[:, :3]
    colours, which, counts = np.unique(pixels // 4 * 4, axis=0, return_inverse=True, return_counts=True)
    palette = _palette(colours, counts)
    nearest = cKDTree(palette).query(colours)[1].astype(np.uint8)
    rows = nearest[which.ravel()].reshape(height, width)
    packed = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows), 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = (b"IHDR", header), (b"PLTE", palette.tobytes()), (b"IDAT", packed), (b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks))


def _palette(colours: NDArray[np.uint8], counts: NDArray[np.intp]) -> NDArray[np.uint8]:
    """Choose the 96 most frequent colours, then always the one that is farthest from all chosen: small marks count."""
    chosen = np.argsort(-counts, kind="stable")[:96].tolist()
    shades = colours.astype(float)
    away = cKDTree(shades[chosen]).query(shades)[0]
    while len(chosen) < min(256, len(colours)):
        chosen.append(int(np.argmax(away)))
        away = np.minimum(away, np.linalg.norm(shades - shades[chosen[-1]], axis=1))
    return colours[chosen]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


if __name__ == "__main__":
    main()
