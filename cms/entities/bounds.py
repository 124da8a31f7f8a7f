"""How far the tenant's region reaches, from where its places are: no boundary is drawn for deciding."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from .models import Place

KM_PER_DEGREE = 111.32


@dataclass(frozen=True)
class Bounds:
    """Whatever lies within `margin_km` of one of the `points` (latitude, longitude), as the crow flies."""

    points: tuple[tuple[float, float], ...]
    margin_km: float

    @classmethod
    def around(cls, places: Iterable[Place], margin_km: float) -> Bounds | None:
        """None where no place has coordinates: nothing then says where the region is.

        Places are points and their land reaches further, so the margin is no small one.
        """
        points = tuple(
            (place.latitude, place.longitude)
            for place in places
            if place.latitude is not None and place.longitude is not None
        )
        return cls(points, margin_km) if points else None

    def contains(self, latitude: float, longitude: float) -> bool:
        return any(
            kilometres(latitude, longitude, *point) <= self.margin_km
            for point in self.points
            if abs(latitude - point[0]) * KM_PER_DEGREE <= self.margin_km
        )


def kilometres(latitude: float, longitude: float, latitude_2: float, longitude_2: float) -> float:
    """On a plane: a few hundred metres wrong at a hundred kilometres."""
    apart = abs(longitude - longitude_2)
    east = min(apart, 360 - apart) * math.cos(math.radians((latitude + latitude_2) / 2))
    return KM_PER_DEGREE * math.hypot(latitude - latitude_2, east)
