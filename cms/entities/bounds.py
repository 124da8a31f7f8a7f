"""How far the region reaches: the box around its places, with a margin. Coordinates are WGS 84 degrees."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from .models import Place

KM_PER_DEGREE = 111.32


@dataclass(frozen=True)
class Bounds:
    south: float
    west: float
    north: float
    east: float

    @classmethod
    def around(cls, places: Iterable[Place], margin_km: float) -> Bounds | None:
        """None where no place has coordinates: nothing then says where the region is.

        Places are points and their land reaches further, so the margin is no small one.
        """
        points = [
            (place.latitude, place.longitude)
            for place in places
            if place.latitude is not None and place.longitude is not None
        ]
        if not points:
            return None
        latitudes, longitudes = [point[0] for point in points], [point[1] for point in points]
        margin = margin_km / KM_PER_DEGREE
        # A degree of longitude is shortest at the box's end that is farther from the equator.
        widest = math.cos(math.radians(min(89.0, max(abs(min(latitudes)), abs(max(latitudes))) + margin)))
        return cls(
            south=min(latitudes) - margin,
            west=min(longitudes) - margin / widest,
            north=max(latitudes) + margin,
            east=max(longitudes) + margin / widest,
        )

    def contains(self, latitude: float, longitude: float) -> bool:
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east
