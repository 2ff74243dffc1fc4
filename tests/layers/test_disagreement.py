import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer

from geo.layers.check import check_layers
from geo.layers.layer import Reading, read_layer

GEOD = Geod(ellps="WGS84")
LON, LAT, EAST, NORTH = 108.9886, 11.5643, 580361.57, 1278976.96
# The same place in the same projection without the datum shift, from the definitions of the house.
EAST_WITHOUT, NORTH_WITHOUT = 580556.37, 1278863.28


def disagreement(layer):
    found = [one for one in layer.findings if one.fault == "coordinates_disagree"]
    assert len(found) < 2
    return found[0] if found else None


def test_two_pairs_that_say_the_same_to_their_digits_agree(read):
    text = f"id,lon,lat,x,y\na,{LON},{LAT},{EAST},{NORTH}\nb,108.99,11.56,580513.6,1278501.5\n"
    assert disagreement(read("points", text, crs="EPSG:9217")) is None


def test_a_pair_without_the_datum_shift_is_told_with_its_distance(read):
    text = f"id,lon,lat,x,y\na,{LON},{LAT},{EAST_WITHOUT},{NORTH_WITHOUT}\nb,{LON},{LAT},{EAST},{NORTH}\n"
    finding = disagreement(read("points", text, crs="EPSG:9217"))
    assert (finding.rows, finding.ids, finding.left_out) == ((2,), ("a",), False)
    expected = np.hypot(EAST_WITHOUT - EAST, NORTH_WITHOUT - NORTH) / 1000
    assert finding.values["median_km"] == pytest.approx(expected, abs=0.002)
    assert finding.values["all"] == 2
    assert "by 'x', 'y' than by 'lon', 'lat': 1 of 2" in finding.text("en")
    assert "'x', 'y' khác với 'lon', 'lat'" in finding.text("vi")
    assert "'lon', 'lat'" in finding.effect("en")


def test_median_and_maximum_are_those_of_the_rows_that_disagree(read):
    east = [GEOD.fwd(105, 20, 90, metres)[:2] for metres in (0, 1000, 3000, 8000)]
    rows = "\n".join(f"{number},105.0,20.0,POINT({x:.8f} {y:.8f})" for number, (x, y) in enumerate(east))
    finding = disagreement(read("points", f"id,lon,lat,wkt\n{rows}\n", crs="EPSG:4326"))
    assert finding.rows == (3, 4, 5)  # even degrees may be rounded to a hundredth, which is 0.8 km
    assert finding.values["median_km"] == pytest.approx(3, abs=0.001)
    assert finding.values["farthest_km"] == pytest.approx(8, abs=0.001)


@pytest.mark.parametrize(("digits", "told"), [(2, False), (4, True)])
def test_what_rounding_explains_is_no_disagreement(read, digits, told):
    lon, lat, _ = GEOD.fwd(105.12345, 20.54321, 45, 100)
    text = f"id,lon,lat,x,y\na,105.12345,20.54321,{lon:.{digits}f},{lat:.{digits}f}\n"
    assert (disagreement(read("points", text, crs="EPSG:4326")) is not None) == told


def test_two_pairs_of_longitude_and_latitude_are_compared(read):
    text = "id,latitude,longitude,lat,lon\na,20.456,105.123,20.456,105.123\nb,20.456,105.123,21.456,105.123\n"
    finding = disagreement(read("points", text))
    assert (finding.rows, finding.ids, finding.values["all"]) == ((3,), ("b",), 2)
    expected = GEOD.inv(105.123, 20.456, 105.123, 21.456)[2] / 1000
    assert finding.values["farthest_km"] == pytest.approx(expected, abs=0.001)
    assert "by 'longitude', 'latitude' than by 'lon', 'lat'" in finding.text("en")


def test_a_second_pair_that_says_the_same_agrees_and_half_of_one_says_nothing(read):
    assert disagreement(read("points", "id,kinh_do,vi_do,lat,lon\na,105.123,20.456,20.456,105.123\n")) is None
    assert disagreement(read("points", "id,latitude,lat,lon\na,21.456,20.456,105.123\n")) is None
    layer = read("points", "id,lat,lon,x,y,easting,northing\na,20.4,105.1,1,2,3,4\n")
    assert (disagreement(layer), len(not_compared(layer))) == (None, 2)


def test_x_and_y_in_degrees_and_exchanged_are_compared_as_they_are_meant(read):
    assert disagreement(read("points", "id,lon,lat,x,y\na,105.123,20.456,20.456,105.123\n", crs="EPSG:4326")) is None


def not_compared(layer):
    return [one for one in layer.findings if one.fault == "uncompared_coordinates"]


def in_system(system, places, *, moved=()):
    """Write rows of an id, longitude, latitude, x and y; of some the northing is that of a place 3 km to the north."""
    way = Transformer.from_crs(4326, system, always_xy=True)
    lines = []
    for number, (lon, lat) in enumerate(places):
        x, y = way.transform(lon, lat)
        lines.append(f"{number},{lon:.6f},{lat:.6f},{x:.2f},{y + 3000 * (number in moved):.2f}")
    return "\n".join(lines) + "\n"


PLACES = [(LON + step / 100, LAT + step / 200) for step in range(12)]


@pytest.mark.parametrize(
    ("system", "named"), [(9217, "EPSG:9217"), (32649, "EPSG:32649"), (3406, "EPSG:3406"), (3405, "EPSG:3405")]
)
def test_x_and_y_whose_system_nothing_tells_are_read_in_the_one_in_which_most_of_them_agree(read, system, named):
    assert read("points", "id,lon,lat,x,y\n" + in_system(system, PLACES)).findings == ()
    finding = disagreement(read("points", "id,lon,lat,x,y\n" + in_system(system, PLACES, moved=(2, 7))))
    assert (finding.rows, finding.ids, finding.values["all"]) == ((4, 9), ("2", "7"), 12)
    assert finding.values["median_km"] == pytest.approx(3, abs=0.02)
    assert f"by 'x', 'y' (read as {named}) than by 'lon', 'lat': 2 of 12" in finding.text("en")
    assert f"'x', 'y' (đọc theo {named}) khác với 'lon', 'lat'" in finding.text("vi")


def test_a_second_x_and_y_may_be_in_another_system_than_the_first(read):
    rows = [line.split(",") for line in in_system(9217, PLACES).splitlines()]
    others = [line.split(",") for line in in_system(32649, PLACES, moved=(5,)).splitlines()]
    lines = [",".join([one[0], *one[3:], *other[3:]]) for one, other in zip(rows, others, strict=True)]
    layer = read("points", "id,x,y,easting,northing\n" + "\n".join(lines) + "\n", crs="EPSG:9217")
    finding = disagreement(layer)
    assert (finding.ids, not_compared(layer)) == (("5",), [])
    assert "by 'easting', 'northing' (read as EPSG:32649) than by 'x', 'y': 1 of 12" in finding.text("en")


def test_x_and_y_that_fit_no_system_are_not_compared_and_that_is_told(read):
    elsewhere = in_system(9217, [(lon, lat + 1) for lon, lat in PLACES]).splitlines()
    lines = [
        f"{n},{lon:.6f},{lat:.6f},{line.split(',', 3)[3]}"
        for n, ((lon, lat), line) in enumerate(zip(PLACES, elsewhere, strict=True))
    ]
    layer = read("points", "id,lon,lat,x,y\n" + "\n".join(lines) + "\n")
    (finding,) = not_compared(layer)
    assert disagreement(layer) is None
    assert (
        "the places by 'x', 'y' are not compared with those by 'lon', 'lat': nothing tells their system"
        in finding.text("en")
    )
    assert "EPSG:32649" in finding.text("en")
    assert "không được đối chiếu với 'lon', 'lat'" in finding.text("vi")
    assert "placed by 'lon', 'lat'" in finding.effect("en")


def test_a_geometry_in_text_without_a_system_is_held_against_the_columns(read):
    layer = read("points", f"id,lon,lat,wkt\na,{LON},{LAT},POINT({EAST} {NORTH})\n")
    assert (disagreement(layer), not_compared(layer)) == (None, [])
    layer = read("points", "id,lon,lat,wkt\na,105.5,20.5,POINT(105.7 20.5)\n")
    assert "the places by 'wkt' are not compared" in not_compared(layer)[0].text("en")
    layer = read("points", "id,lon,lat,x,y\na,105.5,20.5,,\nb,105.5,20.5,-,\n")
    assert not_compared(layer) == []


def test_x_and_y_without_a_system_that_are_no_places_are_told(read):
    (finding,) = not_compared(read("points", f"lon,lat,x,y\n{LON},{LAT},1,2\n"))
    assert "read as EPSG:4326 most of them lie elsewhere" in finding.text("en")


def test_columns_beside_a_geometry_are_held_against_it(tmp_path):
    shapes = [shapely.Point(105, 20), shapely.Point(106, 21)]
    rows = gpd.GeoDataFrame({"id": ["a", "b"], "lat": [20.0, 20.0], "lon": [105.0, 105.0]}, geometry=shapes, crs=4326)
    rows.to_file(tmp_path / "v.gpkg")
    finding = disagreement(read_layer("points", tmp_path / "v.gpkg"))
    expected = GEOD.inv(106, 21, 105, 20)[2] / 1000
    assert (finding.rows, finding.ids) == ((2,), ("b",))
    assert finding.values["median_km"] == pytest.approx(expected, abs=0.001)
    assert "than by the geometry" in finding.text("en")
    assert "khác với hình học" in finding.text("vi")


def test_a_place_inside_its_polygon_agrees_and_one_outside_is_as_far_as_the_border(tmp_path):
    box = shapely.box(105, 20, 106, 21)
    rows = gpd.GeoDataFrame({"lat": [20.5, 20.5], "lon": [105.5, 106.5]}, geometry=[box, box], crs=4326)
    rows.to_file(tmp_path / "v.gpkg")
    finding = disagreement(read_layer("villages", tmp_path / "v.gpkg"))
    assert finding.rows == (2,)
    assert finding.values["farthest_km"] == pytest.approx(GEOD.inv(106, 20.5, 106.5, 20.5)[2] / 1000, abs=0.01)


def test_a_geometry_in_another_system_is_compared_on_the_ground(tmp_path):
    x, y = Transformer.from_crs(4326, 9217, always_xy=True).transform(LON, LAT)
    rows = gpd.GeoDataFrame({"lat": [LAT], "lon": [LON]}, geometry=[shapely.Point(x, y)], crs=9217)
    rows.to_file(tmp_path / "v.gpkg")
    assert disagreement(read_layer("points", tmp_path / "v.gpkg")) is None


def test_a_row_that_one_of_the_two_leaves_empty_or_off_the_globe_is_not_compared(read):
    text = "id,lon,lat,x,y\na,105,20,,\nb,105,20,500,20\nc,,,105,20\n"
    assert disagreement(read("points", text, crs="EPSG:4326")) is None


def test_a_disagreement_is_a_finding_of_the_check(read):
    layer = read("points", "id,lon,lat,x,y\na,105.5,20.5,105.7,20.5\n", crs="EPSG:4326")
    assert "coordinates_disagree" in [one.fault for one in check_layers({"points": layer})]


@pytest.mark.real
def test_the_real_layers_agree_with_themselves(real):
    for kind, name in (
        ("villages", "lesotho/lesotho_settlements.csv"),
        ("points", "goa_india/goa_postoffices.csv"),
        ("villages", "goa_india/goa_villages.geojson"),
    ):
        assert disagreement(read_layer(kind, real / name, Reading())) is None
