"""The file that is written: closed, the same every time, and with no script of a stranger in it."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import re
import shutil
import subprocess
import sys
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import folium.plugins
import pytest
import xyzservices.providers

import geo.draw
from geo import messages
from geo.draw.webmap import OF_A_PLAN, SCRIPTS, draw_map, page_script
from geo.errors import OutputError
from geo.study.results import About
from geo.study.study import Study

PAGE = Path(geo.draw.__file__).parent / "page"


def unpacked(text):
    return zlib.decompress(base64.b64decode(text)).decode()


class Reader(HTMLParser):
    """Reads a page as a browser does: tags, and the text of each script."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.scripts, self.inside = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = dict(attrs) if tag == "script" else None

    def handle_data(self, data):
        if self.inside is not None:
            self.scripts.append((self.inside, data))
            self.inside = None

    @property
    def running(self):
        """The texts that run: Leaflet, which travels deflated, the page's own, added layers', and the starter."""
        blocks = [
            (attributes, text) for attributes, text in self.scripts if attributes.get("type") != "application/json"
        ]
        return [unpacked(text) if attributes.get("data-run") == "packed" else text for attributes, text in blocks]

    @property
    def policy(self):
        return next(attributes["content"] for _, attributes in self.tags if "http-equiv" in attributes)


def drawn(results, **options):
    return draw_map(results, **options).get_root().render()


def test_the_same_results_give_the_same_bytes(results):
    page = draw_map(results)
    first = page.get_root().render()
    assert first == page.get_root().render()
    assert first == drawn(results)


def test_the_same_results_give_the_same_bytes_in_another_process(results, tmp_path):
    draw_map(results).save(tmp_path / "page.html")
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "import importlib.util as u\n"
        f"spec = u.spec_from_file_location('c', {str(Path(__file__).with_name('conftest.py'))!r})\n"
        "c = u.module_from_spec(spec); spec.loader.exec_module(c)\n"
        f"c.draw_map(c.made_up()).save({str(tmp_path / 'other.html')!r})\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert (tmp_path / "page.html").read_bytes() == (tmp_path / "other.html").read_bytes()


def test_scripts_do_not_depend_on_what_the_layers_say(results):
    harmless = replace(
        results,
        about=About(title={"en": "Plain"}),
        villages=results.villages.assign(name="Thôn"),
        points=results.points.assign(name="Bưu cục", kind="post office"),
    )
    assert Reader(drawn(results)).running == Reader(drawn(harmless)).running
    assert Reader(drawn(results)).running[1] == page_script()


def test_the_policy_blesses_exactly_the_scripts_of_the_page(results):
    page = Reader(drawn(results))
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in page.running]
    assert re.findall(r"'sha256-([^']+)'", page.policy) == digests
    assert len(digests) == 3
    assert "script-src 'sha256" in page.policy
    assert "default-src 'none'" in page.policy


def test_nothing_points_outside_the_file(results):
    text = drawn(results)
    page = Reader(text)
    assert not [tag for tag, attributes in page.tags if {"src", "href"} & set(attributes)]
    css = text[text.index("<style>") : text.index("</head>")]
    assert not re.findall(r"url\((?!data:|#)", css)


def test_hostile_texts_make_no_tag(results):
    tags = {tag for tag, _ in Reader(drawn(results)).tags}
    assert not tags & {"img", "svg"}


def test_the_title_stands_as_text(results):
    title = results.about.title["en"]
    assert f"<title>{html.escape(title)}</title>" in drawn(results, language="en")


def test_a_language_that_is_not_spoken_is_refused(results):
    with pytest.raises(ValueError, match="'fr'"):
        draw_map(results, language="fr")


def test_further_folium_layers_keep_the_page_closed_and_blessed(results):
    def build():
        page = draw_map(results)
        folium.PolyLine([[11, 108], [11.2, 108.2]]).add_to(page)
        folium.GeoJson({"type": "Point", "coordinates": [108, 11]}, marker=folium.CircleMarker()).add_to(page)
        return page.get_root().render()

    page = Reader(build())
    assert build() == build()
    assert "addTo(geo_map)" in page.running[-2]
    digest = base64.b64encode(hashlib.sha256(page.running[-2].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page.policy


def test_a_script_smuggled_in_by_a_folium_layer_is_not_blessed(results):
    page = draw_map(results)
    folium.PolyLine([[11, 108], [12, 108]], class_name="</script><script>window.__pwn=1</script>").add_to(page)
    read = Reader(page.get_root().render())
    assert len(read.running) == 4
    assert "window.__pwn=1" not in read.running


def test_what_cannot_be_put_inline_is_refused_by_name(results, tmp_path):
    page = draw_map(results)
    folium.plugins.MarkerCluster().add_to(page)
    with pytest.raises(OutputError, match="cannot hold MarkerCluster"):
        page.save(tmp_path / "page.html")
    assert not list(tmp_path.iterdir())


POINT = {"type": "Point", "coordinates": [108.2, 11.2]}
LINE = {"type": "LineString", "coordinates": [[108, 11], [108.4, 11.3]]}


@pytest.mark.parametrize(
    ("name", "build"),
    [
        ("Marker", lambda: folium.Marker([11, 108])),
        ("Popup", lambda: folium.CircleMarker([11, 108], popup="text")),
        ("Tooltip", lambda: folium.CircleMarker([11, 108], tooltip="text")),
        ("MiniMap", folium.plugins.MiniMap),
        ("GeoJson", lambda: folium.GeoJson(POINT)),
        ("GeoJsonTooltip", lambda: folium.GeoJson(LINE, tooltip=folium.GeoJsonTooltip([]))),
        ("WmsTileLayer", lambda: folium.WmsTileLayer("https://maps.example", layers="a")),
    ],
)
def test_each_layer_that_needs_more_than_leaflet_is_refused_by_its_name(results, name, build):
    page = draw_map(results)
    build().add_to(page)
    with pytest.raises(OutputError, match=f"cannot hold {name}:"):
        page.get_root().render()


def test_added_tiles_open_the_policy_for_their_hosts_alone(results):
    page = draw_map(results)
    url = "https://{s}.tiles.example/{z}/{x}/{y}.png"
    folium.TileLayer(url, attr="Someone", subdomains="ab").add_to(page)
    images = re.search("img-src ([^;]*);", Reader(page.get_root().render()).policy)[1]
    assert images == "data: blob: https://a.tiles.example https://b.tiles.example"


@pytest.mark.parametrize(
    "url", ["http://tiles.example/{z}/{x}/{y}.png", "https://*/{z}", "https://a;b/{z}", "tiles/{z}"]
)
def test_tiles_without_one_safe_host_are_refused(results, url):
    page = draw_map(results)
    folium.TileLayer(url, attr="Someone").add_to(page)
    with pytest.raises(OutputError, match="cannot load tiles"):
        page.get_root().render()


def test_a_basemap_opens_the_policy_for_its_provider_alone(results):
    assert "img-src data: blob:;" in Reader(drawn(results)).policy
    text = drawn(results, basemap="Esri.WorldImagery")
    assert "img-src data: blob: https://server.arcgisonline.com;" in Reader(text).policy
    data = json.loads(re.search(r'id="geo-data">(.*?)</script>', text, re.DOTALL)[1])
    assert data["basemap"]["attribution"] == xyzservices.providers.Esri.WorldImagery.attribution


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("OpenStreetMap.Mapnik", "opened from a file"),
        ("Thunderforest.OpenCycleMap", "asks for a key"),
        ("Nowhere", "no basemap is called 'Nowhere'"),
    ],
)
def test_a_basemap_that_cannot_be_used_is_refused_with_the_reason(results, name, reason):
    with pytest.raises(OutputError, match=reason):
        draw_map(results, basemap=name)


def test_the_page_of_the_study_that_ships_is_below_its_goal():
    shipped = Study.open(Path(geo.draw.__file__).parents[2] / "data" / "ninh-thuan" / "study.toml").run()
    assert len(drawn(shipped).encode()) < 300_000


def test_a_path_and_an_open_file_get_the_same_bytes(results, tmp_path):
    draw_map(results).save(tmp_path / "saved.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["saved.html"]
    buffer = io.BytesIO()
    draw_map(results).save(buffer)
    assert buffer.getvalue() == (tmp_path / "saved.html").read_bytes()


def test_a_page_that_cannot_be_written_leaves_nothing_behind(results, tmp_path):
    (tmp_path / "page.html").mkdir()
    with pytest.raises(OutputError, match=r"page\.html"):
        draw_map(results).save(tmp_path / "page.html")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.parametrize("name", ["boot", *SCRIPTS, *OF_A_PLAN])
def test_each_script_opens_with_its_idea_and_stays_short(name):
    lines = (PAGE / f"{name}.js").read_text("utf-8").splitlines()
    assert lines[0].startswith("// One idea: ")
    assert len(lines) < 250


def test_no_script_writes_markup():
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|javascript:")
    assert not [path.name for path in PAGE.glob("*.js") if forbidden.search(path.read_text("utf-8"))]
    assert sorted(path.stem for path in PAGE.glob("*.js")) == sorted(["boot", *SCRIPTS, *OF_A_PLAN])


def test_every_text_that_a_script_asks_for_is_in_the_catalogue():
    always, of_a_plan = messages.group("page", "en"), messages.group("page_plan", "en")
    assert not always.keys() & of_a_plan.keys()
    known = always | of_a_plan
    script = page_script() + page_script(planned=True) + (PAGE / "page.html").read_text("utf-8")
    asked = set(re.findall(r'(?:Words\.text\(|name\([^"\n]+, |data-text=)"(\w+)"', script))
    assert asked
    assert asked <= set(known)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.parametrize("planned", [False, True])
def test_the_page_script_parses(planned):
    subprocess.run(["node", "--check", "-"], input=page_script(planned=planned).encode(), check=True)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.parametrize(
    ("villages", "said"),
    [("1", "1 village with 1,000 people has no 3G."), ("21", "21 villages with 1,000 people have no 3G.")],
)
def test_the_page_says_one_village_and_several_as_such(villages, said):
    texts = {"texts": {"en": messages.group("page", "en")}}
    values = {"villages": villages, "people": "1,000", "service": "3G"}
    script = (PAGE / "words.js").read_text("utf-8") + (
        f"Words.use({json.dumps(texts)}, 'en'); console.log(Words.text('summary_gap', {json.dumps(values)}));"
    )
    told = subprocess.run(["node", "-"], input=script.encode(), check=True, capture_output=True)
    assert told.stdout.decode().strip() == said
