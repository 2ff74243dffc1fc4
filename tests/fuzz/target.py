"""One target for Atheris: ``python -m tests.fuzz.target KIND CORPUS [OPTIONS OF LIBFUZZER]``."""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["geo"]):
    from tests.fuzz.attempt import attempt

SEEDS = {
    "csv": (
        "name,lat,lon\nAn,20.5,105\n",
        "tên;vĩ độ;kinh độ\nA;11°34'12\"B;108°59'Đ\n",
        "a\tWKT\n1\tPOINT(1 2)\n",
    ),
    "geojson": (
        """{"type":"FeatureCollection","features":[{"type":"Feature","id":1,"properties":{"name":"A"},
        "geometry":{"type":"Point","coordinates":[105,20]}}]}""",
    ),
    "kml": (
        """<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>A</name>
        <Point><coordinates>105,20</coordinates></Point></Placemark></kml>""",
    ),
    "xlsx": (
        """<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
        <row r="1"><c r="A1" t="inlineStr"><is><t>lat</t></is></c><c r="B1" t="inlineStr"><is><t>lon</t></is></c></row>
        <row r="2"><c r="A2"><v>20</v></c><c r="B2"><v>105</v></c></row></sheetData>
        <mergeCells><mergeCell ref="A2:A3"/></mergeCells></worksheet>""",
    ),
    "geometry": ("POINT(1 2)", "SRID=4326;POLYGON((0 0,1 0,1 1,0 0))", '{"type":"Point","coordinates":[1,2]}'),
    "study": ('title = "a"\nwithin_km = [3]\n[official]\narea_km2 = 2.5\n[[labels]]\nname = "x"\nlon = 1\nlat = 2\n',),
}


def main() -> None:
    """Write the first corpus, and hand over to the fuzzer."""
    kind, corpus = sys.argv[1], Path(sys.argv[2])
    for number, seed in enumerate(SEEDS[kind]):
        (corpus / f"seed-{number}").write_text(seed, "utf-8")
    if kind == "geometry":
        (corpus / "seed-binary").write_bytes(bytes.fromhex("0107000000010000000101000000" + "00" * 16))
    atheris.Setup([sys.argv[0], str(corpus), *sys.argv[3:]], lambda content: attempt(kind, content))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
