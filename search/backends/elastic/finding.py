"""Searching with Elasticsearch: hits, counts and highlights in one request; pages, exports, similar ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cms.entities.wording import telling
from cms.reports.models import Deadline

from ...asking import Order
from ...scope import Scope
from ...wanted import ENDED_LATE, LATE, LATENESS, ON_TIME, Limit, Wanted
from .. import Counted, Found, FoundHit, Like, Unavailable
from ..embedded.marking import INTERNAL, Marker
from ..embedded.spelling import corrected
from ..embedded.weighing import FEW
from ..embedded.wording import Sentence, Sought, sentence
from . import asking, mapping, wording
from .dsl import A, Q, Query, Search
from .wording import Saying

# Facet → the field that it counts.
FIELDS = {
    "services": "service",
    "entities": "entity",
    "places": "place",
    "states": "state",
    "kinds": "kind",
    "channels": "channel",
    "priorities": "priority",
}
# The catalogue holds fewer of each: counts are of all of them, and exact on any number of shards.
MOST_KEYS = 1000
ORDERS: Mapping[Order, list[Any]] = {
    Order.relevance: [{"_score": "desc"}, {"id": "desc"}],
    Order.newest: [{"submitted_at": "desc"}, {"id": "desc"}],
    Order.oldest: [{"submitted_at": "asc"}, {"id": "asc"}],
    Order.due: [{"next_due_at": {"order": "asc", "missing": "_last"}}, {"id": "desc"}],
}
_TURNED = {"asc": "desc", "desc": "asc", "_last": "_first"}
SPANS = {"day": "1d", "week": "1w", "month": "1M"}
# Before so long a word was more or less frequent than now.
LATELY = timedelta(days=14)


def _sorted(order: Order, *, back: bool = False) -> list[Any]:
    """As it was asked for, or from its end."""
    if not back:
        return ORDERS[order]
    return [
        {name: _TURNED[how] if isinstance(how, str) else {key: _TURNED[each] for key, each in how.items()}}
        for one in ORDERS[order]
        for name, how in one.items()
    ]


def lateness(at: datetime) -> dict[str, Query]:
    is_open, passed = Q("term", open=True), Q("range", next_due_at={"lt": at.isoformat()})
    return {
        LATE: Q("bool", filter=[is_open, passed]),
        ON_TIME: Q("bool", filter=[is_open], must_not=[passed]),
        ENDED_LATE: Q("bool", filter=[Q("term", missed=Deadline.Promise.RESOLUTION)], must_not=[is_open]),
    }


def _is_back(wanted: Wanted) -> bool:
    """Whether the page before the one is asked for."""
    return bool(wanted.after and wanted.after.get("back"))


def _limit(limit: Limit) -> Query:
    return Q("terms", **{FIELDS[limit.field]: sorted(limit.keys)})


def _filters(wanted: Wanted, at: datetime) -> tuple[list[Query], dict[str, Query]]:
    """What holds for hits and counts; and what was chosen in a facet, which its own counts are without."""
    always: list[Query] = []
    chosen: dict[str, Query] = {}
    if wanted.reference:
        always.append(Q("term", reference=wanted.reference))
    submitted = {"gte": wanted.since, "lt": wanted.before}
    if span := {sign: moment.isoformat() for sign, moment in submitted.items() if moment}:
        always.append(Q("range", submitted_at=span))
    for limit in wanted.limits:
        if limit.chosen and limit.field in wanted.facets:
            chosen[limit.field] = _limit(limit)
        else:
            always.append(_limit(limit))
    if wanted.late:
        each = lateness(at)
        only = Q("bool", should=[each[key] for key in sorted(wanted.late)], minimum_should_match=1)
        if "late" in wanted.facets:
            chosen["late"] = only
        else:
            always.append(only)
    return always, chosen


def _counting(search: Search, wanted: Wanted, chosen: dict[str, Query], at: datetime) -> None:
    for name in wanted.facets:
        others = [query for facet, query in chosen.items() if facet != name]
        within = search.aggs.bucket(name, "filter", Q("bool", filter=others)) if others else search.aggs
        if name == "late":
            counted = A("filters", filters=lateness(at))
        else:
            counted = A("terms", field=FIELDS[name], size=MOST_KEYS)
        within.bucket("of" if others else name, counted)
    if wanted.histogram:
        spans = A(
            "date_histogram",
            field="submitted_at",
            calendar_interval=SPANS[wanted.histogram],
            time_zone=asking.time_zone(),
            format="yyyy-MM-dd",
            min_doc_count=1,
        )
        within = search.aggs
        if chosen:
            within = search.aggs.bucket("~spans", "filter", Q("bool", filter=list(chosen.values())))
        within.bucket("of" if chosen else "~spans", spans)


def _texts(scope: Scope) -> list[str]:
    """What of a hit's texts may be marked, for who reads it."""
    return [name for name in mapping.TEXTS if scope.reads_notes or name not in INTERNAL]


class ElasticFinder:
    name = "elasticsearch"

    def find(self, scope: Scope, wanted: Wanted, *, at: datetime) -> Found:
        said = sentence(scope, wanted.terms)
        if wanted.after:
            return self._next(scope, wanted, said, at)
        if wanted.has_words and not said.wanted:
            return Found((), 0)
        saying, answer = self._taken(scope, wanted, said, at)
        return self._found(answer, wanted, saying)

    def _taken(self, scope: Scope, wanted: Wanted, said: Sentence, at: datetime) -> tuple[Saying, Any]:
        """How the words are taken, and the first page of what answers."""
        saying = self._saying(scope, wanted, said, at)
        answer = asking.ask(scope, self._first(scope, wanted, saying, at))
        if said.wanted and _total(answer) < FEW and not wanted.reference:
            saying, answer = self._less(scope, wanted, saying, at) or (saying, answer)
        return saying, answer

    def _saying(self, scope: Scope, wanted: Wanted, said: Sentence, at: datetime) -> Saying:
        """With how rare each word is; a word that nobody has is taken for one that is nearly it."""
        if len(said.wanted) < 2:
            return wording.plainly(said)
        saying, unknown = self._counted(scope, wanted, said, at)
        if unknown and len(unknown) < len(said.wanted):
            saying = self._corrected(scope, wanted, saying, unknown, at)
        return saying

    def _less(
        self, scope: Scope, wanted: Wanted, saying: Saying, at: datetime
    ) -> tuple[Saying, Mapping[str, Any]] | None:
        """What else it may have meant, where little answers; None where there is nothing else."""
        if len(saying.sentence.wanted) > 1:
            less = saying.less
        else:
            less, unknown = self._counted(scope, wanted, saying.sentence, at)
            if unknown:
                less = self._corrected(scope, wanted, less, unknown, at)
            if not less.begun and less.sentence is saying.sentence:
                return None
        return less, asking.ask(scope, self._first(scope, wanted, less, at))

    def _counted(
        self, scope: Scope, wanted: Wanted, said: Sentence, at: datetime
    ) -> tuple[Saying, list[Sought]]:
        """And the words that are nowhere."""
        each = wording.counting(scope, said)
        always, _ = _filters(wanted, at)
        search = asking.question(wording.any_of(each), filters=always).extra(size=0, track_total_hits=True)
        search.aggs.bucket("held", "filters", filters=each)
        answer = asking.ask(scope, search)
        held = answer["aggregations"]["held"]["buckets"]
        counts = {name: int(bucket["doc_count"]) for name, bucket in held.items()}
        saying = wording.counted(said, counts, _total(answer))
        unknown = [one for one in said.wanted if not one.phrase and not counts[str(one.number)]]
        return saying, [one for one in unknown if not (saying.begun and one is said.wanted[-1])]

    def _corrected(
        self, scope: Scope, wanted: Wanted, saying: Saying, unknown: Sequence[Sought], at: datetime
    ) -> Saying:
        said = corrected(saying.sentence, [one.said[0] for one in unknown])
        if said is saying.sentence:
            return saying
        saying, unknown = self._counted(scope, wanted, said, at)
        meant = [one for one in saying.sentence.wanted if one.corrected and one not in unknown]
        if saying.begun:
            meant = [one for one in meant if one is not saying.sentence.wanted[-1]]
        return replace(saying, meant=tuple(one.said[0] for one in meant))

    def _body(self, scope: Scope, wanted: Wanted, saying: Saying, at: datetime) -> Search:
        always, chosen = _filters(wanted, at)
        query = wording.query(scope, saying)
        if wanted.order == Order.relevance:
            query = wording.weighed(query, at)
        search = asking.question(query, filters=always)
        if chosen:
            search = search.post_filter("bool", filter=list(chosen.values()))
        if wanted.highlights and wanted.has_words:
            search = search.source([*_texts(scope)])
        search = search.sort(*_sorted(wanted.order, back=_is_back(wanted)))
        # One more tells whether there is another page.
        return search.extra(size=wanted.size + 1, version=True, track_scores=wanted.order == Order.relevance)

    def _first(self, scope: Scope, wanted: Wanted, saying: Saying, at: datetime) -> Search:
        search = self._body(scope, wanted, saying, at).extra(track_total_hits=True)
        _counting(search, wanted, _filters(wanted, at)[1], at)
        return search

    def _next(self, scope: Scope, wanted: Wanted, said: Sentence, at: datetime) -> Found:
        """Of another page than the first: hits alone, from a point in time that begins with the second."""
        after = wanted.after or {}
        saying = wording.again(said, after["saying"])
        search = self._body(scope, wanted, saying, at)
        search = search.extra(search_after=after["sort"], track_total_hits=False)
        pit = str(after.get("pit") or "") or asking.hold_still()
        try:
            answer = asking.ask(scope, search, pit=pit)
        except Unavailable as error:
            if not error.gone:
                raise
            # It was kept for a while, and that has passed: the index as it is now goes on as well.
            pit = asking.hold_still()
            answer = asking.ask(scope, search, pit=pit)
        if _is_back(wanted) and not answer["hits"]["hits"]:
            asking.let_go(answer["pit_id"])
            return self.find(scope, replace(wanted, after=None), at=at)
        return self._found(answer, wanted, saying, total=int(after["total"]), pit=answer["pit_id"])

    def _found(
        self,
        answer: Mapping[str, Any],
        wanted: Wanted,
        saying: Saying,
        *,
        total: int | None = None,
        pit: str = "",
    ) -> Found:
        rows = answer["hits"]["hits"]
        total = _total(answer) if total is None else total
        back, further = _is_back(wanted), len(rows) > wanted.size
        rows = rows[: wanted.size][:: -1 if back else 1]
        after = before = None
        # Where one came from there is something.
        if rows and (back or further):
            after = {"sort": rows[-1]["sort"], "pit": pit, "saying": saying.told(), "total": total}
        elif pit:
            asking.let_go(pit)
            pit = ""
        if rows and (further if back else wanted.after):
            before = {
                "sort": rows[0]["sort"],
                "pit": pit,
                "saying": saying.told(),
                "total": total,
                "back": True,
            }
        counted = answer.get("aggregations") or {}
        marker = Marker(saying.sentence)
        return Found(
            hits=tuple(_hit(row, marker) for row in rows),
            total=total,
            facets={name: _facet(name, counted[name], wanted) for name in wanted.facets if name in counted},
            histogram=tuple(
                (bucket["key_as_string"], int(bucket["doc_count"]))
                for bucket in _within(counted.get("~spans") or {"buckets": []})["buckets"]
            ),
            after=after,
            before=before,
            corrected=saying.meant,
        )

    def ids(self, scope: Scope, wanted: Wanted, *, at: datetime, batch: int = 500) -> Iterator[list[int]]:
        always, chosen = _filters(wanted, at)
        said = sentence(scope, wanted.terms)
        if wanted.has_words and not said.wanted:
            return
        # As the page takes them: an export has what the page counted.
        query = wording.query(scope, self._taken(scope, replace(wanted, size=1), said, at)[0])
        if wanted.order == Order.relevance:
            query = wording.weighed(query, at)
        search = asking.question(query, filters=[*always, *chosen.values()]).sort(*ORDERS[wanted.order])
        search = search.extra(size=batch, track_total_hits=False)
        pit = asking.hold_still()
        try:
            while True:
                answer = asking.ask(scope, search, pit=pit)
                pit, rows = answer["pit_id"], answer["hits"]["hits"]
                if rows:
                    yield [int(row["_id"]) for row in rows]
                if len(rows) < batch:
                    return
                search = search.extra(search_after=rows[-1]["sort"])
        finally:
            asking.let_go(pit)

    def similar(self, scope: Scope, like: Like, *, at: datetime, limit: int) -> list[FoundHit]:
        alike = Q(
            "more_like_this",
            fields=["tokens.title", "tokens.said"],
            like=" ".join(telling(like.text)),
            min_term_freq=1,
            min_doc_freq=1,
            max_query_terms=15,
            minimum_should_match="30%",
        )
        same = Q("constant_score", filter=Q("term", service=str(like.service)), boost=3.0)
        should = [same] if like.service else []
        near = _near(like)
        if near is not None:
            # Above whatever words alone can weigh.
            should.append(Q("constant_score", filter=Q("bool", filter=near), boost=1000.0))
        filters: list[Query] = []
        if like.places:
            filters.append(Q("terms", place=[str(pk) for pk in like.places]))
        if like.open_alone:
            filters.append(Q("term", open=True))
        elif like.since is not None:
            lately = Q("range", submitted_at={"gte": like.since.isoformat()})
            filters.append(Q("bool", should=[Q("term", open=True), lately], minimum_should_match=1))
        without = [Q("ids", values=[str(like.besides)])] if like.besides is not None else []
        query = Q("bool", must=[alike], should=should, must_not=without)
        search = asking.question(query, filters=filters)
        search = search.extra(size=limit, version=True, track_total_hits=False)
        return [_hit(row) for row in asking.ask(scope, search)["hits"]["hits"]]

    def rising(self, scope: Scope, wanted: Wanted, *, at: datetime, limit: int) -> list[tuple[str, int]]:
        always, chosen = _filters(wanted, at)
        begins = (wanted.since or at - LATELY).isoformat()
        said = sentence(scope, wanted.terms)
        search = asking.question(
            wording.query(scope, self._saying(scope, wanted, said, at)),
            filters=[*always, *chosen.values(), Q("range", submitted_at={"gte": begins})],
        ).extra(size=0, track_total_hits=False)
        before = Q("bool", filter=[*asking.limits(scope), Q("range", submitted_at={"lt": begins})])
        sample = search.aggs.bucket("sample", "sampler", shard_size=2000)
        sample.bucket(
            "words",
            "significant_text",
            field="text",
            source_fields=["text", "title"],
            background_filter=before,
            min_doc_count=3,
            size=limit,
            filter_duplicate_text=True,
        )
        buckets = asking.ask(scope, search)["aggregations"]["sample"]["words"]["buckets"]
        return [(bucket["key"], int(bucket["doc_count"])) for bucket in buckets]


def _near(like: Like) -> list[Query] | None:
    """Where and when the same thing would have happened."""
    if like.point is None:
        return None
    point = {"lat": like.point[0], "lon": like.point[1]}
    near = [Q("geo_distance", distance=f"{like.metres}m", point=point)]
    if like.about is not None:
        days = timedelta(days=like.days)
        span = {"gte": (like.about - days).isoformat(), "lte": (like.about + days).isoformat()}
        near.append(Q("range", submitted_at=span))
    return near


def _within(bucket: Mapping[str, Any]) -> Mapping[str, Any]:
    return bucket.get("of", bucket)


def _facet(name: str, given: Mapping[str, Any], wanted: Wanted) -> Counted:
    buckets = _within(given)["buckets"]
    if name == "late":
        return Counted(tuple((key, int(buckets[key]["doc_count"])) for key in LATENESS))
    counts: dict[str, int] = {}
    for bucket in buckets:
        key = str(bucket["key"])
        if name == "places":
            key = str(wanted.below_region.get(int(key), key))
        counts[key] = counts.get(key, 0) + int(bucket["doc_count"])
    return Counted(tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0]))))


def _total(answer: Mapping[str, Any]) -> int:
    return int(answer["hits"]["total"]["value"])


def _hit(row: Mapping[str, Any], marker: Marker | None = None) -> FoundHit:
    given = row.get("_source") or {}
    texts = {name: [value] if isinstance(value, str) else value for name, value in given.items()}
    marked = marker.of(texts) if marker and texts else {}
    return FoundHit(int(row["_id"]), int(row.get("_version", 0)), float(row.get("_score") or 0.0), marked)
