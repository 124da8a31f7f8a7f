"""A point against a place: which place is nearest to it, and whether the two contradict each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .bounds import kilometres
from .models import Place
from .snapshot import Catalogue

# Places are points and their land reaches further; two that are further apart are hardly the same.
FAR_KM = 50


@dataclass(frozen=True)
class Apart:
    """A point that lies far from the chosen place; `near` is the place nearest to it, where one is near."""

    place: Place
    kilometres: int
    near: Place | None


def _nearest(point: tuple[float, float], places: Iterable[Place]) -> tuple[float, Place] | None:
    found = [
        # Of two at one point the one further down the tree says more.
        (kilometres(*point, place.latitude, place.longitude), -place.depth, place.pk, place)
        for place in places
        if place.latitude is not None and place.longitude is not None
    ]
    return min(found)[::3] if found else None


def nearest_place(point: tuple[float, float], cat: Catalogue) -> Place | None:
    """The place to propose for a point; None where there is none near it."""
    found = _nearest(point, (place for place in cat.places if place.kind != Place.Kind.REGION))
    return found[1] if found and found[0] <= FAR_KM else None


def apart(point: tuple[float, float], place: Place, cat: Catalogue) -> Apart | None:
    """Where a point (latitude, longitude) and a place contradict each other."""
    if place.kind == Place.Kind.REGION or (cat.bounds is not None and not cat.bounds.contains(*point)):
        # That it is a whole region, or lies outside of it, is another fault.
        return None
    # Of a governorate, whichever of its places is nearest; one of unknown position lies in its governorate.
    for whole in (place, *reversed(cat.ancestors(place))):
        if whole.kind == Place.Kind.REGION:
            break
        found = _nearest(point, (one for one in cat.places if one.path.startswith(whole.path)))
        if found is not None:
            return Apart(place, round(found[0]), nearest_place(point, cat)) if found[0] > FAR_KM else None
    return None
