"""The pin against the place: which place is nearest to it, and whether the two contradict each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from cms.entities.bounds import kilometres
from cms.entities.models import Place
from cms.entities.snapshot import catalogue

from .drafts import Draft

# Places are points and their land reaches further; two that are further apart are hardly the same.
FAR_KM = 50


@dataclass(frozen=True)
class Apart:
    """A pin that lies far from the chosen place; `near` is the place nearest to it, where one is near."""

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


def _point(draft: Draft) -> tuple[float, float] | None:
    latitude, longitude = draft.number("latitude"), draft.number("longitude")
    if latitude is None or longitude is None or not (isfinite(latitude) and isfinite(longitude)):
        return None
    return latitude, longitude


def nearest_place(draft: Draft) -> Place | None:
    """The place to propose for the draft's pin; None where there is none near it."""
    point = _point(draft)
    places = (place for place in catalogue().places if place.kind != Place.Kind.REGION)
    found = _nearest(point, places) if point else None
    return found[1] if found and found[0] <= FAR_KM else None


def propose(draft: Draft) -> None:
    """The place nearest to the pin, for who has chosen none."""
    if not draft.place and (near := nearest_place(draft)):
        draft.place = near.code


def answer(draft: Draft, pressed: str) -> None:
    """Which of the two is right, by the button that was pressed."""
    if pressed == "near" and (near := nearest_place(draft)):
        draft.place = near.code
    elif pressed == "both":
        draft.confirmed = _both(draft)


def _both(draft: Draft) -> str:
    """This pin with this place: what somebody confirms who says that both are right."""
    return f"{draft.place} {draft.latitude} {draft.longitude}"


def apart(draft: Draft) -> Apart | None:
    """Where pin and place contradict each other, and nobody has said that both are right."""
    cat, point = catalogue(), _point(draft)
    place = cat.place(draft.place)
    if place is None or point is None or place.kind == Place.Kind.REGION or draft.confirmed == _both(draft):
        return None
    if cat.bounds is not None and not cat.bounds.contains(*point):
        # That it lies outside the region is said already.
        return None
    # Of a governorate, whichever of its places is nearest; one of unknown position lies in its governorate.
    for whole in (place, *reversed(cat.ancestors(place))):
        if whole.kind == Place.Kind.REGION:
            break
        found = _nearest(point, (one for one in cat.places if one.path.startswith(whole.path)))
        if found is not None:
            return Apart(place, round(found[0]), nearest_place(draft)) if found[0] > FAR_KM else None
    return None
