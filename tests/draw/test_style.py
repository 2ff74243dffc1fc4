"""Text can be read in both themes, classes leave no gap, and ramps can be told apart without seeing hue."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.draw import style

THEMES = list(style.PALETTES)
# Protan, deutan and tritan vision, as linear maps on linear RGB (Machado, Oliveira and Fernandes 2009, severity 1).
DEFICIENCIES = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(colour):
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ink", ["ink", "quiet", "accent", "covered", "gap", "unknown"])
@pytest.mark.parametrize("ground", ["page", "card"])
def test_text_stands_out_from_its_ground(theme, ink, ground):
    palette = style.PALETTES[theme]
    assert contrast(palette[ink], palette[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_the_note_can_be_read(theme):
    assert contrast(style.PALETTES[theme]["note-ink"], style.PALETTES[theme]["note"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("mark", ["covered", "gap", "point"])
def test_marks_stand_out_from_every_class(theme, mark):
    palette = style.PALETTES[theme]
    edges = {"covered": "page", "gap": "page", "point": "point-edge"}
    for name in (f"{ramp}-{step}" for ramp in ("good", "bad", "amount") for step in range(style.CLASSES)):
        best = max(contrast(palette[mark], palette[name]), contrast(palette[edges[mark]], palette[name]))
        assert best >= 2.2, (mark, name)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ramp", ["good", "bad", "amount"])
def test_each_class_is_darker_than_the_one_before_or_lighter_in_the_dark(theme, ramp):
    steps = [luminance(style.PALETTES[theme][f"{ramp}-{step}"]) for step in range(style.CLASSES)]
    assert steps == sorted(steps, reverse=theme == "light")
    assert all(abs(a - b) > 0.005 for a, b in itertools.pairwise(steps))


def apart(one, other, vision):
    """How different two colours look: a distance in OKLab (Ottosson 2020), where 0.02 can just be told apart."""
    to_cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    to_lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    eye = np.array(DEFICIENCIES.get(vision, np.eye(3)))
    seen = [to_lab @ np.cbrt(to_cones @ np.clip(eye @ linear(colour), 0, 1)) for colour in (one, other)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def test_the_distance_of_colours_is_that_of_its_author():
    assert apart("#ffffff", "#000000", "all") == pytest.approx(1, abs=1e-3)
    red = [0.6279554, 0.2248631, 0.1258463]
    assert apart("#ff0000", "#000000", "all") == pytest.approx(np.linalg.norm(red), abs=1e-3)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", ["all", *DEFICIENCIES])
@pytest.mark.parametrize("ramp", ["good", "bad", "amount"])
def test_every_eye_tells_neighbouring_classes_from_each_other_and_from_no_data(theme, vision, ramp):
    palette = style.PALETTES[theme]
    classes = [palette[f"{ramp}-{step}"] for step in range(style.CLASSES)]
    assert min(apart(*pair, vision) for pair in itertools.pairwise(classes)) >= 0.06
    assert min(apart(colour, palette["no-data"], vision) for colour in classes) >= 0.04
    assert min(contrast(*pair) for pair in itertools.pairwise(classes)) >= 1.25


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", list(DEFICIENCIES))
def test_covered_and_gap_differ_for_colour_blind_eyes(theme, vision):
    palette = style.PALETTES[theme]
    seen = [np.array(DEFICIENCIES[vision]) @ linear(palette[mark]) for mark in ("covered", "gap")]
    assert np.abs(seen[0] - seen[1]).max() > 0.15


def test_both_themes_name_the_same_colours():
    assert list(style.PALETTES["light"]) == list(style.PALETTES["dark"])
    assert "--gap:#b83a06;" in style.css_variables()


@given(
    st.sampled_from(["population", "people_per_point", "mean_service_radius", "points", "nearest_distance_max"]),
    st.lists(st.floats(0, 1e7), min_size=1, max_size=60),
)
def test_breaks_rise_and_leave_no_outer_class_empty(indicator, values):
    breaks = style.breaks(indicator, values)
    assert len(breaks) < style.CLASSES
    assert list(breaks) == sorted(set(breaks))
    if breaks:
        assert min(values) < breaks[0]
        assert breaks[-1] <= max(values)


@given(st.lists(st.integers(0, 40), min_size=5, max_size=60))
def test_classes_of_counts_hold_every_value_once(values):
    breaks = style.breaks("points", values)
    edges = [-np.inf, *breaks, np.inf]
    per_class = [sum(low <= value < high for value in values) for low, high in itertools.pairwise(edges)]
    assert sum(per_class) == len(values)


def test_breaks_of_shares_are_the_same_on_every_page():
    assert style.breaks("people_covered", [0.2, 0.3]) == style.breaks("villages_covered", [1.0, 1.0])
    assert style.breaks("people_within", [0.5]) == (0.2, 0.4, 0.6, 0.8)


def test_breaks_by_hand():
    values = [100, 210, 320, 430, 540, 650, 760, 870, 980, 1090]
    # quintiles at 298, 496, 694, 892: rounded up to two digits
    assert style.breaks("people_per_point", values) == (300, 500, 700, 900)
    assert style.breaks("people_per_point", [5, 5, 5]) == ()
    assert style.breaks("people_per_point", [np.nan]) == ()


@pytest.mark.parametrize(
    ("indicator", "digits", "percent", "unit"),
    [
        ("population", 0, False, ""),
        ("mean_service_radius", 2, False, "km"),
        ("people_covered", 1, True, ""),
        ("nearest_distance_p90_people", 2, False, "km"),
        ("area", 1, False, "km2"),
    ],
)
def test_digits_and_units_follow_the_indicator(indicator, digits, percent, unit):
    assert style.number_format(indicator) == style.Format(digits, percent=percent, unit=unit)
