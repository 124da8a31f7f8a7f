"""Reports over time, as bars that lead into their span: an SVG without styles, and the same as a table.

Time runs as reading does: in Arabic the oldest stands right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import get_language, gettext, ngettext

from cms.content.dates import GREGORIAN_MONTHS
from search.results import Bucket

from .address import Links

WIDTH, HEIGHT, TOP, BASE = 860.0, 150.0, 24.0, 120.0
EDGE, AXIS = 8.0, 44.0
# One bar alone is not drawn as wide as the picture.
WIDEST = 64.0
# Of a name under its bar where the picture is drawn small, and of a digit above it.
ROOM, DIGIT = 150.0, 20.0
# More bars than these are no picture any more: the last ones are drawn.
MOST = 60
# Spans of time that a span of days is drawn in: up to so many days by day, up to so many by week.
BY_DAY, BY_WEEK = 45, 270


def fitting(since: date | None, until: date | None, today: date) -> str:
    if since is None:
        return "month"
    days = ((until or today) - since).days
    return "day" if days <= BY_DAY else "week" if days <= BY_WEEK else "month"


@dataclass(frozen=True)
class Bar:
    """One span: from `first` to `last`, that day included. `x` and so on are in the SVG's units."""

    first: date
    last: date
    count: int
    label: str
    long: str
    address: str
    x: str
    y: str
    width: str
    height: str
    middle: str
    text_y: str
    is_latest: bool
    is_optional: bool
    is_rare: bool
    before: int | None = None
    before_x: str = ""
    before_y: str = ""
    before_height: str = ""

    @property
    def said(self) -> str:
        reports = ngettext("%(n)s report", "%(n)s reports", self.count) % {"n": f"{self.count:,}"}
        said = gettext("%(span)s: %(reports)s") % {"span": self.long, "reports": reports}
        if self.before is None:
            return said
        return gettext("%(said)s, a year before %(n)s") % {"said": said, "n": f"{self.before:,}"}


@dataclass(frozen=True)
class Line:
    y: str
    text_y: str
    value: str


@dataclass(frozen=True)
class Chart:
    bars: list[Bar]
    lines: list[Line]
    axis_x: str
    axis_anchor: str
    left: str
    right: str
    said: str
    numbered: bool
    crowded: bool
    cut: int


def chart(
    buckets: Sequence[Bucket],
    span: str,
    links: Links,
    *,
    since: date | None = None,
    until: date | None = None,
    before: Sequence[Bucket] | None = None,
) -> Chart | None:
    """None where there is nothing to draw."""
    counts = _filled({date.fromisoformat(one.key[:10]): one.count for one in buckets}, span)
    cut = max(len(counts) - MOST, 0)
    days = list(counts)[-MOST:]
    if not days:
        return None
    earlier: dict[date, int] | None = None
    if before is not None:
        earlier = {}
        for one in before:
            day = _begin(_year_later(date.fromisoformat(one.key[:10])), span)
            earlier[day] = earlier.get(day, 0) + one.count
    most = max(1, *(counts[day] for day in days), *((earlier or {}).values()))
    top, step = _scale(most)
    rtl = (get_language() or "ar").startswith("ar")
    # The axis of values stands where reading begins.
    left, right = (EDGE, WIDTH - AXIS) if rtl else (AXIS, WIDTH - EDGE)
    slot = (right - left) / len(days)
    width = min(slot * (0.72 if earlier is None else 0.42), WIDEST)
    every = -(-len(days) // 12)
    # A whole number of these, so that what is named in a small picture is named in a large one.
    rarely = every * int(-(-ROOM // (slot * every)))
    bars = []
    for place, day in enumerate(days):
        at = right - slot * (place + 1) if rtl else left + slot * place
        height = (BASE - TOP) * counts[day] / top
        x = at + (slot - width) / 2
        more = {}
        if earlier is not None:
            tall = (BASE - TOP) * earlier.get(day, 0) / top
            # The year before stands where one reads first.
            middle = at + slot / 2
            x, other = (middle - width, middle) if rtl else (middle, middle - width)
            more = {
                "before": earlier.get(day, 0),
                "before_x": _n(other),
                "before_y": _n(BASE - tall),
                "before_height": _n(tall),
            }
        last = min(end_of(day, span), until) if until else end_of(day, span)
        first = max(day, since) if since else day
        bars.append(
            Bar(
                first,
                last,
                counts[day],
                _short(day, span),
                _long(day, span),
                links.to(since=first.isoformat(), until=last.isoformat(), bars=""),
                _n(x),
                _n(BASE - height),
                _n(width),
                _n(height),
                _n(at + slot / 2),
                _n(BASE - height - 5),
                place == len(days) - 1,
                (len(days) - 1 - place) % every != 0,
                (len(days) - 1 - place) % rarely != 0,
                **more,  # type: ignore[arg-type]
            )
        )
    lines = [
        Line(_n(y), _n(y + 4), f"{value:,}")
        for value in range(0, top + 1, step)
        for y in [BASE - (BASE - TOP) * value / top]
    ]
    highest = max(bars, key=lambda bar: bar.count)
    total = sum(bar.count for bar in bars)
    said = gettext("%(total)s in %(spans)s spans, the most in %(highest)s") % {
        "total": ngettext("%(n)s report", "%(n)s reports", total) % {"n": f"{total:,}"},
        "spans": len(bars),
        "highest": highest.said,
    }
    axis = WIDTH - 2 if rtl else AXIS - 8
    # SVG anchors by the text's own direction, which is Arabic's throughout the desk's charts.
    return Chart(
        bars,
        lines,
        _n(axis),
        "start",
        _n(left),
        _n(right),
        said,
        len(bars) <= 24 and earlier is None,
        len(str(most)) * DIGIT > slot,
        cut,
    )


def _n(value: float) -> str:
    return f"{value:.1f}"


def _scale(most: int) -> tuple[int, int]:
    """The top of the axis, and the step of its lines."""
    step = 1
    for step in (s * 10**power for power in range(9) for s in (1, 2, 5)):
        if step * 3 >= most:
            break
    return step * -(-most // step), step


def _begin(day: date, span: str) -> date:
    if span == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if span == "week" else day


def _next(day: date, span: str) -> date:
    if span == "month":
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day + timedelta(days=7 if span == "week" else 1)


def end_of(day: date, span: str) -> date:
    return _next(day, span) - timedelta(days=1)


def _year_later(day: date) -> date:
    return shifted(day, 1)


def shifted(day: date, years: int) -> date:
    """The same day of another year; the 28th for a 29 February that it has not."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _filled(counts: dict[date, int], span: str) -> dict[date, int]:
    """With the spans in between that have none; no more of them than can be drawn."""
    if not counts:
        return {}
    day, last = min(counts), max(counts)
    filled: dict[date, int] = {}
    while day <= last and len(filled) < 2000:
        filled[day] = counts.get(day, 0)
        day = _next(day, span)
    # Should the backend begin its weeks on another day, nothing is lost.
    return filled if sum(filled.values()) == sum(counts.values()) else dict(sorted(counts.items()))


def _months() -> list[str]:
    return GREGORIAN_MONTHS["ar" if (get_language() or "ar").startswith("ar") else "en"]


def _short(day: date, span: str) -> str:
    if span == "month":
        return _months()[day.month - 1]
    return f"{day.day}/{day.month}"


def _long(day: date, span: str) -> str:
    if span == "month":
        return f"{_months()[day.month - 1]} {day.year}"
    text = f"{day.day} {_months()[day.month - 1]} {day.year}"
    return gettext("the week of %(day)s") % {"day": text} if span == "week" else text
