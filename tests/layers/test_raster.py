import math
import re
import sys

import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from rasterio.transform import Affine

from geo.errors import CRSError, LayerError
from geo.layers import raster as module
from geo.layers.grid import Grid
from geo.layers.raster import read_people
from geo.measure.geodesic import area_km2

# Near Phan Rang: pixels of a hundredth of a degree.
CORNER = Affine(0.01, 0, 108.9, 0, -0.01, 11.7)
PEOPLE = np.arange(12.0).reshape(3, 4)


@pytest.fixture
def write(tmp_path):
    def written(name="people.tif", values=PEOPLE, *, tags=None, units="people", description=None, **options):
        values = np.atleast_3d(np.asarray(values).T).T
        profile = {"crs": "EPSG:4326", "transform": CORNER, "dtype": values.dtype, **options}
        path = tmp_path / name
        with rasterio.open(
            path, "w", driver="GTiff", count=len(values), height=values.shape[1], width=values.shape[2], **profile
        ) as out:
            out.write(values)
            out.update_tags(**(tags or {}))
            if units:
                out.units = [units] * len(values)
            if description:
                out.descriptions = [description] * len(values)
        return str(path)

    return written


def pixels(layer):
    """Put the blocks of one raster together again."""
    grid = layer.rasters[0].grid
    whole = np.full((grid.rows, grid.columns), np.nan)
    for block in layer.blocks():
        part = block.grid
        whole[part.row : part.row + part.rows, part.column : part.column + part.columns] = block.people
    return whole


def test_counts_are_read_as_they_are(write):
    layer = read_people(write())
    assert pixels(layer).tolist() == PEOPLE.tolist()
    assert (layer.people, layer.pixels, layer.known, layer.findings) == (66.0, 12, 12, ())
    assert layer.crs == "EPSG:4326"


@pytest.mark.parametrize("tiles", [{}, {"tiled": True, "blockxsize": 16, "blockysize": 16}, {"blockysize": 50}])
@pytest.mark.parametrize("at_once", [1, 300, 1000, 10**6])
def test_windows_of_any_size_give_every_pixel_once_and_never_more_than_asked_for(write, monkeypatch, tiles, at_once):
    values = np.random.default_rng(1).uniform(0, 9, (50, 70))
    path = write(values=values, **tiles)
    monkeypatch.setattr(module, "_PIXELS_AT_ONCE", at_once)
    layer = read_people(path)
    assert np.array_equal(pixels(layer), values)
    assert max(block.people.size for block in layer.blocks()) <= max(at_once, 70 if not tiles else 16 * 16)
    assert layer.people == pytest.approx(values.sum(), rel=1e-12)


def test_a_pixel_stands_in_the_same_place_in_every_window():
    grid = Grid(rows=40, columns=40, transform=(1 / 120, 0, 102.1, 0, -1 / 120, 23.4), crs=pyproj.CRS("EPSG:4326"))
    part = grid.window(3, 5, 20, 20).window(1, 2, 4, 4)
    assert np.array_equal(part.longitudes(), grid.longitudes()[7:11])
    assert np.array_equal(part.latitudes(), grid.latitudes()[4:8])
    assert part.window_transform[2] == pytest.approx(102.1 + 7 / 120, abs=1e-12)


@pytest.mark.parametrize("missing", [-99999.0, np.nan, -3.4028234663852886e38])
def test_pixels_without_a_value_hold_nobody_and_are_no_fault(write, missing):
    values = PEOPLE.astype("float32")
    values[0, :3] = missing, np.nan, np.inf
    layer = read_people(write(values=values, nodata=missing))
    assert pixels(layer)[0].tolist() == [0, 0, 0, 3]
    assert (layer.people, layer.known, layer.findings) == (63.0, 9, ())


def test_negative_values_hold_nobody_and_are_a_finding(write):
    values = PEOPLE.copy()
    values[0, :2] = -9999, -1
    layer = read_people(write(values=values))
    assert layer.people == 65.0
    assert [(one.layer, one.fault, dict(one.values)) for one in layer.findings] == [
        ("population", "negative_pixels", {"pixels": 2, "example": "-9999"})
    ]


def test_scaled_values_are_read_as_they_are_meant(write):
    path = write(values=PEOPLE.astype("uint8"))
    with rasterio.open(path, "r+") as out:
        out.scales, out.offsets = (0.5,), (1.0,)
    assert pixels(read_people(path)).tolist() == (PEOPLE / 2 + 1).tolist()


COUNTS = [
    {"units": "people"},
    {"units": "Persons per pixel"},
    {"units": "Estimated persons per grid square"},
    {"units": "người/ô"},
    {"units": None, "tags": {"UNITS": "count"}},
    {"units": None, "description": "Population Count, v4.11 (2020)"},
    {"units": None, "tags": {"TIFFTAG_IMAGEDESCRIPTION": "Estimated total number of people per grid-cell"}},
    {"units": None, "tags": {"about": "number of people", "url": "example.org/people"}},
]
DENSITIES = [
    {"units": "people/km2"},
    {"units": "inhabitants per sq. km"},
    {"units": "người/km²"},
    {"units": None, "description": "Population density, persons per square kilometer"},
    {"units": None, "tags": {"unit": "persons km-2"}},
]
UNCLEAR = [
    {"units": None},
    {"units": "people/ha"},
    {"units": "people", "description": "Population density"},
    {"units": None, "description": "number of people per hectare"},
    {"units": "people per pixel", "tags": {"also": "people per km2"}},
    {"units": None, "description": "population"},
]


@pytest.mark.parametrize("said", COUNTS, ids=repr)
def test_counts_are_recognised_by_what_the_file_says(write, said):
    assert read_people(write(**said)).rasters[0].unit == "count"


@pytest.mark.parametrize("said", DENSITIES, ids=repr)
def test_densities_are_recognised_by_what_the_file_says(write, said):
    assert read_people(write(**said)).rasters[0].unit == "per_km2"


@pytest.mark.parametrize("said", UNCLEAR, ids=repr)
def test_a_unit_that_is_unclear_is_refused_until_it_is_given(write, said):
    path = write(**said)
    with pytest.raises(LayerError, match=r'people per pixel or people per km2.*Say it, as unit = "count"') as told:
        read_people(path)
    assert "\n" not in str(told.value)
    assert read_people(path, unit="count").people == 66.0


def test_the_unit_that_is_given_counts_more_than_what_the_file_says(write):
    assert read_people(write(units="people/km2"), unit="count").people == 66.0
    with pytest.raises(LayerError, match="unit is 'people'"):
        read_people(write(), unit="people")


def test_a_density_is_multiplied_by_the_pixels_geodesic_area(write):
    layer = read_people(write(values=np.full((3, 4), 100.0), units="people/km2"))
    box = shapely.segmentize(shapely.box(108.9, 11.67, 108.94, 11.7), 0.0005)
    assert layer.people == pytest.approx(100 * area_km2(np.array([box]))[0], rel=1e-7)


def test_the_pixels_of_the_whole_earth_have_the_area_of_the_ellipsoid():
    grid = Grid(rows=18, columns=36, transform=(10, 0, -180, 0, -10, 90), crs=pyproj.CRS("EPSG:4326"))
    assert grid.areas_km2().sum() * 36 == pytest.approx(510_065_621.724, abs=0.01)


@pytest.mark.parametrize(("system", "corner"), [("EPSG:9217", (580_000, 1_280_000)), ("ESRI:54009", (9e6, 1.4e6))])
def test_pixels_of_any_system_have_their_geodesic_area(system, corner):
    turned = Affine.translation(*corner) @ Affine.rotation(30) @ Affine.scale(500, -500)
    grid = Grid(rows=70, columns=3, transform=tuple(turned)[:6], crs=pyproj.CRS(system))
    to_degrees = pyproj.Transformer.from_crs(system, "EPSG:4326", always_xy=True)
    corners = ((0, 0), (1, 0), (1, 1), (0, 1))
    own = [
        shapely.Polygon([to_degrees.transform(*(turned @ (column + x, row + y))) for x, y in corners])
        for row in range(70)
        for column in range(3)
    ]
    assert grid.areas_km2().ravel() == pytest.approx(area_km2(np.array(own)), rel=1e-6)


def test_centres_of_a_turned_raster_in_any_system_are_in_degrees_of_wgs84():
    turned = Affine.translation(580_361.57, 1_278_976.96) @ Affine.rotation(30)
    grid = Grid(rows=2, columns=2, transform=tuple(turned)[:6], crs=pyproj.CRS("EPSG:9217"))
    lon, lat = grid.window(0, 0, 1, 1).centres()
    assert (round(lon.item(), 4), round(lat.item(), 4)) == (108.9886, 11.5643)
    assert not grid.is_plain


def test_a_pixel_that_is_no_place_on_earth_has_no_centre_and_no_area():
    grid = Grid(rows=1, columns=2, transform=(1e6, 0, 17.9e6, 0, -1e6, 0.5e6), crs=pyproj.CRS("ESRI:54009"))
    assert np.isfinite(grid.centres()[0]).tolist() == [[False, False]]
    assert grid.areas_km2().tolist() == [[0, 0]]


def test_a_raster_without_a_coordinate_system_is_refused_until_it_is_given(write):
    path = write(crs=None)
    with pytest.raises(CRSError, match=r"people\.tif has no coordinate system\. Say what it is"):
        read_people(path)
    assert read_people(path, crs="EPSG:4326").crs == "EPSG:4326"


def test_a_raster_without_a_georeference_is_refused(write):
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        path = write(transform=Affine.identity())
    with pytest.raises(LayerError, match="no place on Earth"):
        read_people(path, crs="EPSG:4326")


def test_of_several_bands_one_must_be_named(write):
    path = write(values=np.stack([PEOPLE, PEOPLE * 2]))
    with pytest.raises(LayerError, match=re.escape(f"has 2 bands. Name one, as {path}::1.")):
        read_people(path)
    with pytest.raises(LayerError, match="'3' is none of them"):
        read_people(f"{path}::3")
    assert read_people(f"{path}::2").people == 132.0


@pytest.mark.parametrize("values", [np.zeros((2, 2)), np.full((2, 2), np.nan)])
def test_a_raster_without_people_is_refused(write, values):
    with pytest.raises(LayerError, match="nobody lives there"):
        read_people(write(values=values))


def test_what_is_no_raster_is_refused_in_one_line(write, tmp_path):
    (tmp_path / "text.tif").write_text("not a raster")
    whole = write(values=np.random.default_rng(1).uniform(1, 2, (500, 500)), compress="deflate")
    (tmp_path / "half.tif").write_bytes((tmp_path / whole).read_bytes()[:600_000])
    for name, said in [
        ("text.tif", "cannot be read as a raster"),
        ("half.tif", "cannot be read as a raster"),
        ("gone.tif", "does not exist"),
        (".", "is a folder"),
    ]:
        with pytest.raises(LayerError, match=said) as told:
            read_people(tmp_path / name)
        assert "\n" not in str(told.value)
    with pytest.raises(LayerError, match="No population raster is named"):
        read_people()


def test_without_rasterio_the_way_to_install_it_is_told(write, monkeypatch):
    path = write()
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(LayerError, match=r"pip install 'geo-coverage\[raster\]'"):
        read_people(path)


def test_rasters_side_by_side_add_up(write):
    east = write("east.tif", transform=CORNER @ Affine.translation(4, 0))
    layer = read_people(write(), east)
    assert (layer.people, layer.findings) == (132.0, ())
    assert [block.people.sum() for block in layer.blocks()] == [66, 66]


def test_a_pixel_of_overlapping_rasters_counts_once_and_the_rest_is_a_finding(write):
    # Columns 2 and 3 of the first are columns 0 and 1 of the second, one row further down.
    first = PEOPLE.copy()
    first[1, 2] = 0
    beside = write("beside.tif", np.full((3, 4), 5.0), transform=CORNER @ Affine.translation(2, 1))
    layer = read_people(write(values=first), beside)
    second = list(layer.blocks())[1].people
    assert second.tolist() == [[5, 0, 5, 5], [0, 0, 5, 5], [5, 5, 5, 5]]
    assert layer.people == first.sum() + 45
    assert [(one.fault, dict(one.values)) for one in layer.findings] == [
        ("overlapping_rasters", {"pixels": 3, "people": 15})
    ]


def test_overlapping_windows_are_found_in_every_window(write, monkeypatch):
    values = np.random.default_rng(2).integers(0, 3, (40, 40)).astype(float)
    beside = write("beside.tif", values, transform=CORNER @ Affine.translation(-7, 11))
    whole = read_people(write(values=values), beside)
    monkeypatch.setattr(module, "_PIXELS_AT_ONCE", 90)
    parts = read_people(write(values=values), beside)
    assert (parts.people, parts.findings) == (whole.people, whole.findings)
    both = (values[11:, :33] > 0) & (values[:29, 7:] > 0)
    assert whole.findings[0].values["pixels"] == both.sum()
    assert whole.people == 2 * values.sum() - values[:29, 7:][both].sum()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"transform": CORNER @ Affine.translation(1.5, 0)}, "their pixels do not coincide"),
        ({"transform": CORNER @ Affine.scale(1.01)}, "their pixels do not coincide"),
        ({"transform": CORNER @ Affine.rotation(1)}, "are rotated"),
        ({"crs": "EPSG:4756"}, "have different coordinate systems"),
    ],
)
def test_overlapping_rasters_whose_pixels_do_not_coincide_are_refused(write, options, said):
    with pytest.raises(LayerError, match=said):
        read_people(write(), write("other.tif", **options))


def test_a_raster_is_never_held_as_a_whole(write, monkeypatch):
    monkeypatch.setattr(module, "_PIXELS_AT_ONCE", 1000)
    sizes = [block.people.size for block in read_people(write(values=np.ones((200, 100)))).blocks()]
    assert max(sizes) <= 1000
    assert math.fsum(sizes) == 20_000


def test_a_raster_of_complex_numbers_is_refused(write):
    with pytest.raises(LayerError, match=r"holds complex numbers.*Save it again"):
        read_people(write(values=np.ones((4, 5), "complex64")), unit="count")
