"""The region's box: around the places of the tenant's data, whatever the region, with a margin in km."""

import pytest

from cms.entities import snapshot
from cms.entities.bounds import Bounds
from cms.entities.models import Place
from tests import factories


def places(*points):
    return [Place(latitude=latitude, longitude=longitude) for latitude, longitude in points]


def test_without_a_margin_the_box_is_that_of_the_places():
    assert Bounds.around(places((24.0, 42.0), (27.0, 45.0)), 0) == Bounds(24.0, 42.0, 27.0, 45.0)


def test_the_margin_is_the_same_number_of_km_on_each_side():
    box = Bounds.around(places((60.0, 10.0)), 111.32)
    assert (box.south, box.north) == (59.0, 61.0)
    # At 61 degrees a degree of longitude is 0.4848 of one of latitude.
    assert 10 - box.west == pytest.approx(1 / 0.48481, rel=1e-4) == box.east - 10


def test_near_a_pole_every_longitude_is_near():
    box = Bounds.around(places((89.9, 0.0)), 150)
    assert box.contains(89.9, 60.0)
    assert not box.contains(80.0, 0.0)


def test_places_without_coordinates_bound_nothing():
    assert Bounds.around([Place(latitude=None, longitude=None)], 150) is None
    assert Bounds.around([], 150) is None


def test_the_catalogue_knows_the_box_and_follows_a_new_place(catalogue, settings):
    # given a tenant whose places all stand at one point
    assert snapshot.catalogue().bounds.contains(26.3303, 43.9744)
    assert not snapshot.catalogue().bounds.contains(21.4225, 39.8262)

    # when a place far away joins it
    factories.PlaceFactory(
        parent=Place.objects.get(code="region"), code="far", latitude=21.4225, longitude=39.8262
    )

    # then points around it are the region's too
    assert snapshot.catalogue().bounds.contains(21.5, 39.2)
