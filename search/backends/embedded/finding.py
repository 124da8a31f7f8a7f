"""Searching in the database itself: at most four statements, whatever is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from operator import attrgetter
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from cms.entities.wording import NOISE
from cms.reports.models import Report
from cms.reports.workflow import OPEN

from ...analysis import STOP_WORDS
from ...asking import Order
from ...models import Entry
from ...queries import Term
from ...scope import Scope
from ...wanted import ENDED_LATE, LATE, LATENESS, ON_TIME, Wanted
from .. import Counted, Found, FoundHit, Like
from . import asking, spelling
from .asking import DAY, Row
from .marking import Marker
from .tokens import split
from .weighing import Weighed, readable, weighed
from .wording import Sentence, sentence

LATELY = timedelta(days=14)
MOST_TEXTS, FEWEST = 1000, 3
# Of a text that others are to be like.
MOST_LIKE = 12
SERVICE, NEAR, ALIKE = 3.0, 1000.0, 0.3
EARTH = 6_371_000.0
# Where nothing is promised.
FAR = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
# Facet → what it counts of a row.
_VALUE: dict[str, Callable[[Row], Any]] = {
    "services": attrgetter("service"),
    "entities": attrgetter("entity"),
    "places": attrgetter("place"),
    "states": attrgetter("state"),
    "kinds": attrgetter("kind"),
    "channels": attrgetter("channel"),
    "priorities": attrgetter("priority"),
}


class EmbeddedFinder:
    name = "embedded"

    def find(self, scope: Scope, wanted: Wanted, *, at: datetime) -> Found:
        said = sentence(scope, wanted.terms)
        found, said, exact = self._answers(scope, wanted, said, at, asking.MOST)
        hits = _chosen(found, wanted, at)
        place = _place(wanted.order)
        hits.sort(key=place)
        total = len(hits)
        after = wanted.after or {}
        back = bool(after.get("back"))
        if after:
            here = _of_cursor(after)
            hits = [one for one in hits if (place(one) < here if back else place(one) > here)]
            total = int(after.get("total", total))
        if back and not hits:
            return self.find(scope, replace(wanted, after=None), at=at)
        page = hits[-wanted.size :] if back else hits[: wanted.size]
        further = len(hits) > wanted.size
        # Where one came from there is something.
        is_last, is_first = not (back or further), not (further if back else after)
        return Found(
            hits=self._shown(page, said, wanted),
            total=total,
            exact=exact,
            facets={} if after else {name: _counted(name, found, wanted, at) for name in wanted.facets},
            histogram=() if after or not wanted.histogram else _spans(found, wanted, at),
            after=None if is_last else {"last": _told(place(page[-1])), "total": total},
            before=None
            if is_first or not page
            else {"last": _told(place(page[0])), "total": total, "back": True},
            corrected=tuple(
                one.said[0]
                for one in said.wanted
                if one.corrected and any(readable(row.row, one, scope) for row in found)
            ),
        )

    def _answers(
        self, scope: Scope, wanted: Wanted, said: Sentence, at: datetime, most: int
    ) -> tuple[list[Weighed], Sentence, bool]:
        """All that answer, but for what was chosen in facets; whether these are all there are."""
        rows = asking.always(scope, wanted, at)
        narrow = asking.is_narrow(scope, wanted)
        if not said.wanted:
            if wanted.has_words:
                return [], said, True
            plain = self._without(scope, rows, said, asking.plain(rows, wanted.order))
            return [Weighed(row, 0.0, 1.0) for row in plain], said, len(plain) < asking.MOST_PLAIN
        held = _fresh(scope, asking.found(rows, said, wanted.order, most, narrow=narrow))
        unknown = [
            one for one in said.wanted if not one.phrase and not any(row.bits(one.number) for row in held)
        ]
        if unknown and (len(said.wanted) == 1 or len(unknown) < len(said.wanted)):
            corrected = spelling.corrected(said, [one.said[0] for one in unknown])
            if corrected is not said:
                said = corrected
                held = _fresh(scope, asking.found(rows, said, wanted.order, most, narrow=narrow))
        exact = len(held) < most and all(row.many < most for row in held)
        return weighed(held, said, scope, at), said, exact

    def _without(self, scope: Scope, rows: Any, said: Sentence, plain: list[Row]) -> list[Row]:
        if not said.sought:
            return plain
        positive = Sentence(tuple(replace(one, without=False) for one in said.sought), said.columns)
        # A word that others wrote among themselves keeps nothing from whoever may not read it, or its being
        # kept back would tell of it.
        unwanted = {
            row.id
            for row in asking.found(rows, positive, Order.newest, asking.MOST_PLAIN)
            if any(readable(row, one, scope) for one in positive.sought)
        }
        return [row for row in plain if row.id not in unwanted]

    def _shown(self, page: Sequence[Weighed], said: Sentence, wanted: Wanted) -> tuple[FoundHit, ...]:
        texts: dict[int, Any] = {}
        if page and wanted.highlights and said.wanted:
            entries = Entry.objects.filter(report_id__in=[one.row.id for one in page])
            texts = dict(entries.values_list("report_id", "texts"))
        marker = Marker(said)
        return tuple(
            FoundHit(one.row.id, one.row.indexed, one.score, marker.of(texts.get(one.row.id, {})))
            for one in page
        )

    def ids(self, scope: Scope, wanted: Wanted, *, at: datetime, batch: int = 500) -> Iterator[list[int]]:
        said = sentence(scope, wanted.terms)
        if not said.sought:
            rows = asking.chosen(asking.always(scope, wanted, at), wanted, at)
            yield from _in_batches(rows, wanted.order, batch)
            return
        found, _, _ = self._answers(scope, replace(wanted, facets=()), said, at, asking.MOST_LISTED)
        found.sort(key=_place(wanted.order))
        for start in range(0, len(found), batch):
            yield [one.row.id for one in found[start : start + batch]]

    def similar(self, scope: Scope, like: Like, *, at: datetime, limit: int) -> list[FoundHit]:
        rows = asking.visible(scope)
        if like.besides is not None:
            rows = rows.exclude(pk=like.besides)
        if like.places:
            rows = rows.filter(place_id__in=like.places)
        if like.open_alone:
            rows = rows.filter(state__in=OPEN)
        elif like.since is not None:
            rows = rows.filter(Q(state__in=OPEN) | Q(submitted_at__gte=like.since))
        telling = [word for word in dict.fromkeys(split(like.text)) if word not in NOISE | STOP_WORDS]
        telling = sorted(telling, key=len, reverse=True)[:MOST_LIKE]
        said = sentence(scope, [Term(word) for word in telling])
        said = replace(said, columns=said.columns & {"title", "said"})
        if not said.wanted:
            return []
        narrow = bool(like.places) or not scope.everywhere
        found = _fresh(scope, asking.found(rows, said, Order.relevance, asking.MOST, narrow=narrow))
        answers = {one.row.id: one for one in weighed(found, said, scope, at) if one.share >= ALIKE}
        points: dict[int, tuple[float | None, float | None]] = {}
        if like.point is not None:
            near = Report.objects.filter(pk__in=list(answers))
            points = {pk: (lat, lon) for pk, lat, lon in near.values_list("pk", "latitude", "longitude")}

        def score(one: Weighed) -> float:
            same = SERVICE if one.row.service == like.service else 0.0
            return one.score + same + (NEAR if _is_near(one.row, points.get(one.row.id), like) else 0.0)

        best = sorted(answers.values(), key=lambda one: (-score(one), -one.row.id))[:limit]
        return [FoundHit(one.row.id, one.row.indexed, score(one)) for one in best]

    def rising(self, scope: Scope, wanted: Wanted, *, at: datetime, limit: int) -> list[tuple[str, int]]:
        begins = wanted.since or at - LATELY
        recent = [row_id for ids in self.ids(scope, replace(wanted, since=begins), at=at) for row_id in ids]
        earlier = asking.visible(scope).filter(submitted_at__lt=begins).order_by("-submitted_at")
        now, were = _words_of(recent[:MOST_TEXTS]), _words_of(earlier.values("pk")[:MOST_TEXTS])
        scored = []
        for word, count in now.counts.items():
            share = count / now.texts
            before = were.counts[word] / were.texts if were.texts else 0.0
            if count >= FEWEST and share > before:
                scored.append(((share - before) * share / (before or 1 / (were.texts + 1)), word, count))
        scored.sort(key=lambda one: (-one[0], one[1]))
        return [(word, count) for _, word, count in scored[:limit]]


def _fresh(scope: Scope, rows: list[Row]) -> list[Row]:
    """Where more has changed hands than can be left out by name: those whose words are as they are."""
    return [row for row in rows if row.indexed == row.revision] if scope.is_behind else rows


def _place(order: Order) -> Callable[[Weighed], tuple[float, float]]:
    """Where it stands: the first number, then the newer of two."""
    if order == Order.relevance:
        return lambda one: (-round(one.score, 6) or -one.row.submitted / 1e12, -one.row.id)
    if order == Order.newest:
        return lambda one: (-one.row.submitted, -one.row.id)
    if order == Order.oldest:
        return lambda one: (one.row.submitted, one.row.id)
    return lambda one: (FAR if one.row.due is None else one.row.due, -one.row.id)


def _told(place: tuple[float, float]) -> list[float]:
    return [place[0], place[1]]


def _of_cursor(after: dict[str, Any]) -> tuple[float, float]:
    first, second = after["last"]
    return float(first), float(second)


def _chosen(found: Sequence[Weighed], wanted: Wanted, at: datetime, but: str = "") -> list[Weighed]:
    """Those that are what was chosen in the facets, but for this one."""
    for limit in wanted.limits:
        if limit.field != but and asking.is_counted_without(limit, wanted):
            found = [one for one in found if _key(limit.field, one.row) in limit.keys]
    if wanted.late and "late" in wanted.facets and but != "late":
        found = [one for one in found if _lateness(one.row, at) in wanted.late]
    return list(found)


def _lateness(row: Row, at: datetime) -> str:
    if row.state not in OPEN:
        return ENDED_LATE if row.missed else ""
    return LATE if row.due is not None and row.due < at.timestamp() else ON_TIME


def _key(name: str, row: Row) -> str:
    return str(_VALUE[name](row) or 0)


def _counted(name: str, found: Sequence[Weighed], wanted: Wanted, at: datetime) -> Counted:
    rows = [one.row for one in _chosen(found, wanted, at, but=name)]
    if name == "late":
        counts = Counter(_lateness(row, at) for row in rows)
        return Counted(tuple((key, counts[key]) for key in LATENESS))
    values = Counter(map(_VALUE[name], rows))
    counts = Counter()
    for value, count in values.items():
        counts[str((wanted.below_region.get(value, value) if name == "places" else value) or 0)] += count
    return Counted(tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0]))))


def _spans(found: Sequence[Weighed], wanted: Wanted, at: datetime) -> tuple[tuple[str, int], ...]:
    zone = timezone.get_current_timezone()
    moments = [datetime.fromtimestamp(one.row.submitted, zone) for one in _chosen(found, wanted, at)]
    days = Counter(moment.date() for moment in moments)
    counts: Counter[str] = Counter()
    for day, count in days.items():
        if wanted.histogram == "week":
            day -= timedelta(days=day.weekday())
        elif wanted.histogram == "month":
            day = day.replace(day=1)
        counts[day.isoformat()] += count
    return tuple(sorted(counts.items()))


def _in_batches(rows: Any, order: Order, batch: int) -> Iterator[list[int]]:
    """All, however many: from one batch to the next in the database's own order."""
    if order == Order.due:
        rows = rows.order_by(F("next_due_at").asc(nulls_last=True), "-pk")
    else:
        rows = (
            rows.order_by("submitted_at", "pk")
            if order == Order.oldest
            else rows.order_by("-submitted_at", "-pk")
        )
    ids: list[int] = []
    for pk in rows.values_list("pk", flat=True).iterator(chunk_size=batch):
        ids.append(pk)
        if len(ids) == batch:
            yield ids
            ids = []
    if ids:
        yield ids


def _is_near(row: Row, point: tuple[float | None, float | None] | None, like: Like) -> bool:
    if like.point is None or point is None or point[0] is None or point[1] is None:
        return False
    if like.about is not None and abs(row.submitted - like.about.timestamp()) > like.days * DAY:
        return False
    lat, lon, other_lat, other_lon = map(radians, (*like.point, point[0], point[1]))
    half = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin((other_lon - lon) / 2) ** 2
    return 2 * EARTH * asin(sqrt(half)) <= like.metres


class _Counts:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.texts = 0


def _words_of(ids: Any) -> _Counts:
    """In how many of these reports each word is."""
    made = _Counts()
    for texts in Entry.objects.filter(report_id__in=ids).values_list("texts", flat=True):
        said = {word for name in ("title", "text") for text in texts.get(name, ()) for word in split(text)}
        made.counts.update(
            word
            for word in said
            if len(word) > 2 and word not in STOP_WORDS and word not in NOISE and not word.isdigit()
        )
        made.texts += 1
    return made
