"""The draft's pin against its place: what is proposed, asked, and answered by the buttons of the step."""

from __future__ import annotations

from math import isfinite

from cms.entities import nearness
from cms.entities.models import Place
from cms.entities.nearness import Apart
from cms.entities.snapshot import catalogue

from .drafts import Draft


def _point(draft: Draft) -> tuple[float, float] | None:
    latitude, longitude = draft.number("latitude"), draft.number("longitude")
    if latitude is None or longitude is None or not (isfinite(latitude) and isfinite(longitude)):
        return None
    return latitude, longitude


def nearest_place(draft: Draft) -> Place | None:
    """The place to propose for the draft's pin; None where there is none near it."""
    point = _point(draft)
    return nearness.nearest_place(point, catalogue()) if point else None


def propose(draft: Draft) -> None:
    """The place nearest to the pin, for who has chosen none."""
    if not draft.place and (near := nearest_place(draft)):
        draft.place = near.code


def answer(draft: Draft, pressed: str) -> None:
    """Which of the two is right, by the button that was pressed."""
    if pressed == "near" and (near := nearest_place(draft)):
        draft.place = near.code
    elif pressed == "both":
        draft.confirmed = draft.pin_with_place


def apart(draft: Draft) -> Apart | None:
    """Where pin and place contradict each other, and nobody has said that both are right."""
    cat, point = catalogue(), _point(draft)
    place = cat.place(draft.place)
    if place is None or point is None or draft.is_location_confirmed:
        return None
    return nearness.apart(point, place, cat)
