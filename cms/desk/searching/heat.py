"""How many in each governorate: tiles where they lie to each other, north above and east to the right.

No outlines of governorates are kept, only where each is; so its place among the others is what is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

from cms.entities.snapshot import Catalogue
from search.results import Facet

from .address import Links

COLUMNS, ROWS = 6, 5
# Where a name has no room in a sixth of the screen.
NARROW_COLUMNS, NARROW_ROWS = 4, 8
# From which part of the highest number on a tile has which of the five shades.
SHADES = (0.75, 0.5, 0.25, 0.0)


@dataclass(frozen=True)
class Tile:
    name: str
    count: int
    share: int
    shade: int
    column: int
    row: int
    narrow_column: int
    narrow_row: int
    address: str
    chosen: bool


def tiles(facet: Facet | None, cat: Catalogue, links: Links, chosen: tuple[str, ...]) -> list[Tile]:
    """Each governorate, those without any too, from north to south."""
    counts = {bucket.key: bucket.count for bucket in facet.buckets} if facet else {}
    places = [place for region in cat.children() for place in cat.children(region)]
    most, total = max(counts.values(), default=0), sum(counts.values()) + (facet.other if facet else 0)
    points = [(place.code, place.longitude, place.latitude) for place in places]
    cells, narrow = laid_out(points), laid_out(points, NARROW_COLUMNS, NARROW_ROWS)
    drawn = []
    for place in places:
        count = counts.get(place.code, 0)
        column, row = cells.get(place.code, (0, 0))
        narrow_column, narrow_row = narrow.get(place.code, (0, 0))
        drawn.append(
            Tile(
                place.name,
                count,
                round(count * 100 / total) if total else 0,
                shade(count, most),
                column,
                row,
                narrow_column,
                narrow_row,
                links.to(place=place.code, show=""),
                place.code in chosen,
            )
        )
    return sorted(drawn, key=lambda tile: (tile.row, tile.column, tile.name))


def shade(count: int, most: int) -> int:
    """0 for none, else 1 to 4 by how near it comes to the highest."""
    if not count:
        return 0
    return len(SHADES) - next(place for place, part in enumerate(SHADES) if count > most * part)


def laid_out(
    points: list[tuple[str, float | None, float | None]], columns: int = COLUMNS, rows: int = ROWS
) -> dict[str, tuple[int, int]]:
    """Code → column and row, from 1: the nearest free cell to where it lies. Empty where they do not fit."""
    known = [(code, x, y) for code, x, y in points if x is not None and y is not None]
    if not known or len(known) < len(points) or len(known) > COLUMNS * ROWS:
        return {}
    xs, ys = [x for _code, x, _y in known], [y for _code, _x, y in known]
    wide, high = max(xs) - min(xs) or 1.0, max(ys) - min(ys) or 1.0
    free = {(column, row) for column in range(1, columns + 1) for row in range(1, rows + 1)}
    cells = {}
    # From the edges inwards, so that what lies outermost stays there.
    middle = (min(xs) + wide / 2, min(ys) + high / 2)
    for code, x, y in sorted(
        known, key=lambda one: -(((one[1] - middle[0]) / wide) ** 2 + ((one[2] - middle[1]) / high) ** 2)
    ):
        at = 1 + (x - min(xs)) / wide * (columns - 1), 1 + (max(ys) - y) / high * (rows - 1)
        cell = min(free, key=lambda one: ((one[0] - at[0]) ** 2 + (one[1] - at[1]) ** 2, one))
        free.remove(cell)
        cells[code] = cell
    return cells
