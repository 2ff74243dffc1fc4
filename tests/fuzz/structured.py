"""Structured texts for the readers, by Hypothesis, for a time: ``python -m tests.fuzz.structured SECONDS``."""

from __future__ import annotations

import json
import sys
import time
import traceback

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.attempt import attempt

_NUMBERS = st.floats() | st.integers() | st.just(10**400)
_ODD = ["11°34'12\"B", "11 34,5", "POINT(105 20)", "01010000", "=1+1", "1e999", '"', "\\u1ecd", "Tổng", "2019-01-01"]
_CELLS = st.text(max_size=12) | _NUMBERS.map(str) | st.sampled_from(_ODD)
_HEADERS = st.sampled_from(["lat", "lon", "x", "y", "name", "geometry", "toạ độ", "dân số", "id", "", "lat_lon"])
_TABLES = st.tuples(
    st.lists(_HEADERS, max_size=5), st.lists(st.lists(_CELLS, max_size=6), max_size=6), st.sampled_from(",;\t|")
).map(lambda one: "\n".join(one[2].join(row) for row in [one[0], *one[1]]).encode("utf-8", "replace"))
_JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_GEOMETRIES = st.fixed_dictionaries(
    {"type": st.sampled_from(["Point", "Polygon", "MultiPolygon", "GeometryCollection", "LineString", "x"])},
    optional={"coordinates": _JSON | st.lists(_NUMBERS, max_size=4), "geometries": _JSON},
)
_FEATURES = st.fixed_dictionaries(
    {"type": st.just("Feature"), "geometry": _GEOMETRIES | _JSON, "properties": _JSON}, optional={"id": _JSON}
)
_COLLECTIONS = st.fixed_dictionaries(
    {"type": st.just("FeatureCollection"), "features": st.lists(_FEATURES, max_size=4)},
    optional={"crs": _JSON, "bbox": _JSON},
).map(lambda one: json.dumps(one).encode("utf-8", "replace"))
_KEYS = st.sampled_from(
    ["title", "date", "within_km", "kinds", "labels", "official", "villages", "coverage", "standards"]
)
_VALUES = st.sampled_from(
    ["1", "1e999", "nan", "-inf", '"a"', "[]", "[1]", "[[]]", "{}", '{file=""}', "true", "2019-01-01"]
)
_STUDIES = st.dictionaries(_KEYS, _VALUES, max_size=5).map(
    lambda one: "\n".join(f"{key} = {value}" for key, value in one.items()).encode()
)


def until_over(kind: str, strategy: st.SearchStrategy[bytes], seconds: float) -> bool:
    """Try inputs of one kind until its time is over; the smallest finding is printed."""
    end = time.monotonic() + seconds

    @settings(max_examples=50, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(strategy)
    def tried(content: bytes) -> None:
        attempt(kind, content)

    rounds = 0
    while time.monotonic() < end:
        rounds += 1
        try:
            tried()
        except Exception:  # noqa: BLE001 - whatever it is, it is what was looked for
            traceback.print_exc()
            return False
    print(f"{kind}, structured: nothing found in {50 * rounds} inputs")
    return True


def main() -> int:
    """Divide the time among the kinds."""
    strategies = {"csv": _TABLES, "geojson": _COLLECTIONS, "study": _STUDIES}
    seconds = float(sys.argv[1]) / len(strategies)
    sound = [until_over(kind, strategy, seconds) for kind, strategy in strategies.items()]
    return 0 if all(sound) else 1


if __name__ == "__main__":
    sys.exit(main())
