"""Eyes for the tests of the page: colours of a screenshot, places on the screen, contrast, the text of a PDF."""

from __future__ import annotations

import base64
import math
import re
import zlib

from babel.numbers import parse_decimal

_READ = """async ([png, spots]) => {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const brush = new OffscreenCanvas(image.width, image.height).getContext("2d");
  brush.drawImage(image, 0, 0);
  const { data } = brush.getImageData(0, 0, image.width, image.height);
  const at = (i) => data[i] * 65536 + data[i + 1] * 256 + data[i + 2];
  if (spots) return spots.map(([x, y]) => at(4 * (Math.round(y) * image.width + Math.round(x))));
  const counts = {};
  for (let i = 0; i < data.length; i += 4) counts[at(i)] = (counts[at(i)] || 0) + 1;
  return counts;
}"""

CONTRAST = """() => {
  const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = brush.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const paper = getComputedStyle(document.documentElement).getPropertyValue("--paper");
  const groundOf = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) layers.push(rgba(getComputedStyle(one).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), rgba(paper).slice(0, 3));
  };
  const light = (colour) => {
    const part = colour.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
  };
  const poor = [];
  let seen = 0;
  const weigh = (element, style, text) => {
    const ground = groundOf(element);
    const colour = rgba(style.color);
    colour[3] *= Number(style.opacity);
    const [a, b] = [light(over(colour, ground)), light(ground)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    seen += 1;
    if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${element.tagName}.${element.className} ${text.slice(0, 40)}`);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || ["SCRIPT", "NOSCRIPT", "OPTION"].includes(element.tagName)) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    weigh(element, getComputedStyle(element), text);
  }
  document.querySelectorAll("select, input").forEach((box) => weigh(box, getComputedStyle(box), box.tagName));
  const search = document.querySelector("#search");
  weigh(search, getComputedStyle(search, "::placeholder"), "placeholder");
  return [seen, poor];
}"""

# Whether nothing of an element is cut off, and nothing lies over its corners and its middle.
_SEEN = """(one) => {
  const box = one.getBoundingClientRect();
  if (one.scrollHeight > one.clientHeight + 1 || !box.width) return false;
  const at = [[0.02, 0.1], [0.98, 0.1], [0.5, 0.5], [0.02, 0.9], [0.98, 0.9]];
  return at.every(([x, y]) => {
    const hit = document.elementFromPoint(box.x + x * box.width, box.y + y * box.height);
    return hit !== null && (one.contains(hit) || hit.contains(one));
  });
}"""

TARGETS = """() => [...document.querySelectorAll(
  "button, a[href], select, summary, label, input:not(label input), [role=button]"
)].filter((one) => one.checkVisibility({ visibilityProperty: true })).map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.width < 40 || box.height < 40))
  .map(([one, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${one.outerHTML.slice(0, 90)}`)"""

RECORD = """() => {
  window.dashed = [];
  window.written = [];
  const wrap = (name, also) => {
    const own = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...given) {
      also(this, given);
      return own.apply(this, given);
    };
  };
  wrap("beginPath", (brush) => { brush.steps = []; });
  wrap("moveTo", (brush, given) => brush.steps.push(given));
  wrap("lineTo", (brush, given) => brush.steps.push(given));
  wrap("stroke", (brush) => { if (brush.getLineDash().length) window.dashed.push(brush.steps); });
  wrap("fillText", (brush, given) => window.written.push(given[0]));
}"""


class Eye:
    """Reads the colours of a screenshot, as 0xRRGGBB, in a page of its own."""

    def __init__(self, browser):
        self.page = browser.new_page()
        self.page.goto("about:blank")

    def colours(self, page, spots):
        return self._read(page.screenshot(), [list(spot) for spot in spots])

    def counts(self, page, **clip):
        return {int(colour): count for colour, count in self._read(page.screenshot(**clip), None).items()}

    def _read(self, png, spots):
        return self.page.evaluate(_READ, [base64.b64encode(png).decode(), spots])


def seen_whole(one, selector):
    """Whether the first element of a selector is on the screen, uncut and uncovered."""
    return one.page.locator(selector).first.evaluate(_SEEN)


def placer(page):
    """Give a function that says where a place lies on the screen: Web Mercator, by hand."""
    lon0, lat0, zoom, x0, y0 = page.evaluate(
        "() => { const c = geo_map.getCenter(); const b = geo_map.getContainer().getBoundingClientRect();"
        "return [c.lng, c.lat, geo_map.getZoom(), b.x + b.width / 2, b.y + b.height / 2]; }"
    )
    scale = 256 * 2**zoom / (2 * math.pi)

    def north(lat):
        return math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))

    def place(lon, lat):
        return x0 + scale * math.radians(lon - lon0), y0 - scale * (north(lat) - north(lat0))

    return place


def metres_per_pixel(page):
    lat, zoom = page.evaluate("[geo_map.getCenter().lat, geo_map.getZoom()]")
    return 2 * math.pi * 6378137 * math.cos(math.radians(lat)) / (256 * 2**zoom)


def drag(one, selector, down):
    """Drag with a finger."""
    box = one.page.locator(selector).bounding_box()
    session = one.context.new_cdp_session(one.page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for part in range(1, 6):
        moved = {"x": x, "y": y + down * part / 5}
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [moved]})
        one.page.wait_for_timeout(40)
    one.page.wait_for_timeout(200)  # a finger that stops before it lifts: no fling, which would swallow the next tap
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    one.page.wait_for_timeout(400)


def number_in(text, language="vi"):
    """Read the one number that a text holds, as its language writes it; None where there is none."""
    found = re.search(r"-?[\d.,]+", text)
    return None if found is None else float(parse_decimal(found[0].strip(".,"), locale=language))


def colour_of(text):
    """Read ``rgb(1, 2, 3)`` or ``#010203`` as 0x010203."""
    if text.startswith("#"):
        return int(text[1:], 16)
    red, green, blue = (int(part) for part in re.findall(r"\d+", text)[:3])
    return red << 16 | green << 8 | blue


def pdf_streams(pdf):
    """Give the streams of a PDF, unpacked."""
    for raw in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            yield zlib.decompress(raw)
        except zlib.error:
            yield raw


def pdf_text(pdf):
    """Give the text of a PDF that Chromium wrote: glyphs by each font's table of Unicode values, no spaces."""
    bodies = dict(re.findall(rb"\n(\d+) 0 obj(.*?)\nendobj", pdf, re.DOTALL))
    fonts = {}
    for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", pdf):
        table = re.search(rb"/ToUnicode (\d+) 0 R", bodies.get(number, b""))
        if table:
            fonts[name] = _glyphs(next(pdf_streams(bodies[table[1]])).decode("latin-1"))
    text = []
    for stream in pdf_streams(pdf):
        glyphs = {}
        for font, shown in re.findall(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)> ?T?j?", stream):
            glyphs = fonts.get(font, {}) if font else glyphs
            text += [glyphs.get(int(shown[at : at + 4], 16), "") for at in range(0, len(shown), 4)]
    return "".join(text)


def _glyphs(table):
    glyphs = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        glyphs |= {int(code, 16): _unicode(value) for code, value in re.findall(r"<(\w+)> <(\w+)>", block)}
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, value in re.findall(r"<(\w+)> <(\w+)> <(\w+)>", block):
            start = int(value, 16)
            glyphs |= {code: chr(start + code - int(first, 16)) for code in range(int(first, 16), int(last, 16) + 1)}
    return glyphs


def _unicode(value):
    return bytes.fromhex(value).decode("utf-16-be")
