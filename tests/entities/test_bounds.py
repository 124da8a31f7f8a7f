"""How far the region reaches: so many km around the places of the tenant's data, whatever the region."""

import json
from pathlib import Path

import pytest
from django.conf import settings as configured

from cms.entities import snapshot
from cms.entities.bounds import Bounds
from cms.entities.models import Place
from tests import factories

ROOT = Path(__file__).parents[2]


def places(*points):
    return [Place(latitude=latitude, longitude=longitude) for latitude, longitude in points]


def test_it_reaches_as_far_in_every_direction():
    bounds = Bounds.around(places((60.0, 10.0)), 111.32)
    assert bounds.contains(60.99, 10.0)
    assert not bounds.contains(61.01, 10.0)
    # At 60 degrees a degree of longitude is half of one of latitude.
    assert bounds.contains(60.0, 11.99)
    assert not bounds.contains(60.0, 12.01)


def test_between_two_places_that_are_far_apart_is_outside():
    bounds = Bounds.around(places((24.0, 42.0), (27.0, 45.0)), 100)
    assert bounds.contains(24.5, 42.3)
    assert not bounds.contains(25.5, 43.5)


def test_the_other_side_of_the_date_line_is_near():
    assert Bounds.around(places((0.0, 179.9)), 50).contains(0.0, -179.9)


def test_of_the_demonstrations_region_everything_is_inside_and_its_neighbours_are_not():
    rows = json.loads((ROOT / "cms/demo/data/places.json").read_text())["places"]
    bounds = Bounds.around(
        places(*[(row["lat"], row["lon"]) for row in rows]), configured.SAWT_REGION_MARGIN_KM
    )
    outline = json.loads((ROOT / "frontend_static/data/qassim.geojson").read_text())

    def corners(node):
        if isinstance(node, dict):
            for value in node.values():
                yield from corners(value)
        elif isinstance(node, list) and len(node) == 2 and isinstance(node[0], float):
            yield node
        elif isinstance(node, list):
            for value in node:
                yield from corners(value)

    found = list(corners(outline))
    assert len(found) > 50
    assert [corner for corner in found if not bounds.contains(corner[1], corner[0])] == []
    for name, latitude, longitude in (
        ("Hail", 27.52, 41.69),
        ("Riyadh", 24.71, 46.67),
        ("Mecca", 21.42, 39.83),
    ):
        assert not bounds.contains(latitude, longitude), name


def test_places_without_coordinates_bound_nothing():
    assert Bounds.around([Place(latitude=None, longitude=None)], 150) is None
    assert Bounds.around([], 150) is None


@pytest.mark.django_db
def test_the_catalogue_knows_it_and_follows_a_new_place(catalogue, settings):
    # given a tenant whose places all stand at one point
    assert snapshot.catalogue().bounds.contains(26.3303, 43.9744)
    assert not snapshot.catalogue().bounds.contains(21.4225, 39.8262)

    # when a place far away joins it
    factories.PlaceFactory(
        parent=Place.objects.get(code="region"), code="far", latitude=21.4225, longitude=39.8262
    )

    # then points around it are the region's too
    assert snapshot.catalogue().bounds.contains(21.5, 39.2)
