import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.layers.coordinates.degrees import hemispheres, read_angle, read_angles

AT = 11 + 34 / 60 + 12.5 / 3600


@pytest.mark.parametrize(
    ("text", "degrees", "letter"),
    [
        ("11°34'12.5\"N", AT, "N"),
        ("11°34′12,5″ B", AT, "B"),
        ("11º34’12.5’’N", AT, "N"),
        ("11 34 12.5 N", AT, "N"),
        ("11:34:12.5", AT, ""),
        ("11d34m12.5s", AT, ""),
        ("11d34m12.5sS", AT, "S"),
        ("N 11° 34' 12.5\"", AT, "N"),
        ("N11°34.5'", 11 + 34.5 / 60, "N"),
        ("11°34'12.5\"S", AT, "S"),
        ("-11°34'12.5\"", -AT, ""),
        ("11 độ 34 phút 12,5 giây Bắc", AT, "B"),
        ("vĩ độ 11°34' Bắc", 11 + 34 / 60, "B"),
        ("108°59' kinh độ Đông", 108 + 59 / 60, "Đ"),
        ("106°30'15\"D", 106 + 30 / 60 + 15 / 3600, "D"),
        ("11°33'60.00\"N", 11 + 34 / 60, "N"),
        ("11.5643 N", 11.5643, "N"),
        ("E108,9886", 108.9886, "E"),
        ("11.5643°", 11.5643, ""),
    ],
)
def test_an_angle_is_read_in_the_usual_writings(text, degrees, letter):
    angle = read_angle(text)
    assert angle.degrees == pytest.approx(degrees, abs=1e-12)
    assert angle.letter == letter


@pytest.mark.parametrize(
    "text",
    [
        "",
        "An",
        "11°61'",
        "11°34'60.1\"",
        "11.5°30'",
        "181°",
        "N11°S",
        "-11°N",
        "11°34'12\"X",
        "1134",
        "11 345",
        "12/3/4",
    ],
)
def test_what_is_no_angle_is_not_read(text):
    assert read_angle(text) is None


@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 5999), st.sampled_from("NSEW"))
def test_degrees_minutes_and_seconds_add_up_whatever_they_are(degrees, minutes, hundredths, letter):
    angle = read_angle(f"{degrees}°{minutes}'{hundredths / 100:.2f}\"{letter}")
    assert angle.degrees == pytest.approx((degrees * 360000 + minutes * 6000 + hundredths) / 360000, abs=1e-12)
    assert angle.step == pytest.approx(0.01 / 3600)


@pytest.mark.parametrize(
    ("beside", "latitude"),
    [("NE", 1), ("NW", 1), ("NS", 1), ("N", 1), ("NĐ", -1), ("NBĐ", -1), ("NT", -1), ("BE", None), ("NBE", None)],
)
def test_n_is_the_south_among_vietnamese_letters_and_means_nothing_among_both(beside, latitude):
    means = hemispheres(beside)
    if latitude is None and "N" in beside:
        assert "N" not in means
    elif "N" in beside:
        assert means["N"] == ("lat", latitude)
    assert means["B"] == ("lat", 1)


def test_a_column_may_mix_angles_and_numbers_and_keeps_its_finest_step():
    cells = pd.Series(["11°34'", "11,5643", "", "x", "11 34 12", "-0.5"])
    read = read_angles(cells)
    assert read.degrees[[0, 1, 4, 5]] == pytest.approx([11 + 34 / 60, 11.5643, 11.57, -0.5])
    assert np.isnan(read.degrees[[2, 3]]).all()
    assert read.step == pytest.approx(1e-4)


def test_metres_with_groups_stay_metres():
    cells = pd.Series(["580 361,57", "1 278 976,96", "11 34 12"])
    assert read_angles(cells, degrees_only=False).degrees.tolist() == [580361.57, 1278976.96, 113412]
    assert read_angles(cells).degrees[:2].tolist() == [580361.57, 1278976.96]
