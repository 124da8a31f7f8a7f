"""Searching with Elasticsearch: hits, counts and highlights in one request; pages, exports, similar ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ...asking import Order
from ...results import Piece
from ...scope import Scope
from ...wanted import LATE, ON_TIME, Limit, Wanted
from .. import Counted, Found, FoundHit, Like, Unavailable
from . import asking, wording
from .dsl import A, Q, Query, Search

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
# Signs of nobody's language: `search.masking.clean` leaves none in a text.
OPENS, CLOSES = "\ue000", "\ue001"
SHOWN = ("title", "text", "conversation", "answers", "notes", "directives")
EACH = 160
ORDERS: Mapping[Order, list[Any]] = {
    Order.relevance: [{"_score": "desc"}, {"id": "desc"}],
    Order.newest: [{"submitted_at": "desc"}, {"id": "desc"}],
    Order.oldest: [{"submitted_at": "asc"}, {"id": "asc"}],
    Order.due: [{"next_due_at": {"order": "asc", "missing": "_last"}}, {"id": "desc"}],
}
SPANS = {"day": "1d", "week": "1w", "month": "1M"}
# Before so long a word was more or less frequent than now.
LATELY = timedelta(days=14)
TELLING = ("title.exact", "text.exact")


def overdue(at: datetime) -> Query:
    return Q("bool", filter=[Q("term", open=True), Q("range", next_due_at={"lt": at.isoformat()})])


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
    if wanted.late is not None:
        late = overdue(at)
        only = late if wanted.late else Q("bool", filter=[Q("term", open=True)], must_not=[late])
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
            late = overdue(at)
            on_time = Q("bool", filter=[Q("term", open=True)], must_not=[late])
            counted = A("filters", filters={LATE: late, ON_TIME: on_time})
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


def _marking(search: Search, scope: Scope, wanted: Wanted) -> Search:
    if not (wanted.highlights and wanted.has_words):
        return search
    readable = wording.readable(scope)
    made: Search = search
    for name in SHOWN:
        if name in readable:
            whole = name == "title"
            made = made.highlight(name, number_of_fragments=0 if whole else 2, fragment_size=EACH)
    # Word by word: the bonus for words that stand together would mark what stands between them.
    words = wording.sentence(scope, wanted.terms, marking=True).to_dict()
    return made.highlight_options(type="unified", pre_tags=[OPENS], post_tags=[CLOSES], highlight_query=words)


class ElasticFinder:
    name = "elasticsearch"

    def find(self, scope: Scope, wanted: Wanted, *, at: datetime) -> Found:
        if wanted.after:
            return self._next(scope, wanted, at)
        search = self._first(scope, wanted, at, loosely=False)
        answer = asking.ask(scope, search)
        if not answer["hits"]["total"]["value"] and wanted.has_words and not wanted.reference:
            loose = asking.ask(scope, self._first(scope, wanted, at, loosely=True))
            if loose["hits"]["total"]["value"]:
                return self._found(loose, wanted, loosely=True)
        return self._found(answer, wanted, loosely=False)

    def _body(self, scope: Scope, wanted: Wanted, at: datetime, *, loosely: bool) -> Search:
        always, chosen = _filters(wanted, at)
        query = wording.sentence(scope, wanted.terms, loosely=loosely)
        if wanted.order == Order.relevance:
            query = wording.weighed(query, at)
        search = asking.question(query, filters=always)
        if chosen:
            search = search.post_filter("bool", filter=list(chosen.values()))
        search = _marking(search, scope, wanted).sort(*ORDERS[wanted.order])
        return search.extra(size=wanted.size, version=True, track_scores=wanted.order == Order.relevance)

    def _first(self, scope: Scope, wanted: Wanted, at: datetime, *, loosely: bool) -> Search:
        search = self._body(scope, wanted, at, loosely=loosely).extra(track_total_hits=True)
        _counting(search, wanted, _filters(wanted, at)[1], at)
        return search

    def _next(self, scope: Scope, wanted: Wanted, at: datetime) -> Found:
        """Of a later page: hits alone, from a point in time that begins with the second."""
        after = wanted.after or {}
        loosely = bool(after.get("loosely"))
        search = self._body(scope, wanted, at, loosely=loosely)
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
        return self._found(answer, wanted, loosely=loosely, total=int(after["total"]), pit=answer["pit_id"])

    def _found(
        self,
        answer: Mapping[str, Any],
        wanted: Wanted,
        *,
        loosely: bool,
        total: int | None = None,
        pit: str = "",
    ) -> Found:
        rows = answer["hits"]["hits"]
        if total is None:
            total = int(answer["hits"]["total"]["value"])
        after = None
        if len(rows) == wanted.size:
            after = {"sort": rows[-1]["sort"], "pit": pit, "loosely": loosely, "total": total}
        elif pit:
            asking.let_go(pit)
        counted = answer.get("aggregations") or {}
        return Found(
            hits=tuple(_hit(row) for row in rows),
            total=total,
            facets={name: _facet(name, counted[name], wanted) for name in wanted.facets if name in counted},
            histogram=tuple(
                (bucket["key_as_string"], int(bucket["doc_count"]))
                for bucket in _within(counted.get("~spans") or {"buckets": []})["buckets"]
            ),
            after=after,
        )

    def ids(self, scope: Scope, wanted: Wanted, *, at: datetime, batch: int = 500) -> Iterator[list[int]]:
        always, chosen = _filters(wanted, at)
        query = wording.sentence(scope, wanted.terms)
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
            fields=["title", "text"],
            like=like.text,
            min_term_freq=1,
            min_doc_freq=1,
            max_query_terms=15,
            minimum_should_match="30%",
        )
        should = (
            [Q("constant_score", filter=Q("term", service=str(like.service)), boost=3.0)]
            if like.service
            else []
        )
        near = _near(like)
        if near is not None:
            # Above whatever words alone can weigh.
            should.append(Q("constant_score", filter=Q("bool", filter=near), boost=1000.0))
        filters: list[Query] = []
        if like.places:
            filters.append(Q("terms", place=[str(pk) for pk in like.places]))
        if like.open_alone:
            filters.append(Q("term", open=True))
        without = [Q("ids", values=[str(like.besides)])] if like.besides is not None else []
        query = Q("bool", must=[alike], should=should, must_not=without)
        search = asking.question(query, filters=filters).extra(
            size=limit, version=True, track_total_hits=False
        )
        return [_hit(row) for row in asking.ask(scope, search)["hits"]["hits"]]

    def rising(self, scope: Scope, wanted: Wanted, *, at: datetime, limit: int) -> list[tuple[str, int]]:
        always, chosen = _filters(wanted, at)
        begins = (wanted.since or at - LATELY).isoformat()
        search = asking.question(
            wording.sentence(scope, wanted.terms),
            filters=[*always, *chosen.values(), Q("range", submitted_at={"gte": begins})],
        ).extra(size=0, track_total_hits=False)
        before = Q("bool", filter=[*asking.limits(scope), Q("range", submitted_at={"lt": begins})])
        sample = search.aggs.bucket("sample", "sampler", shard_size=2000)
        sample.bucket(
            "words",
            "significant_text",
            field="text.exact",
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
        return Counted(tuple((key, int(buckets[key]["doc_count"])) for key in (LATE, ON_TIME)))
    counts: dict[str, int] = {}
    for bucket in buckets:
        key = str(bucket["key"])
        if name == "places":
            key = str(wanted.below_region.get(int(key), key))
        counts[key] = counts.get(key, 0) + int(bucket["doc_count"])
    return Counted(tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0]))))


def _hit(row: Mapping[str, Any]) -> FoundHit:
    marked = {name: _pieces(parts) for name, parts in (row.get("highlight") or {}).items()}
    return FoundHit(int(row["_id"]), int(row.get("_version", 0)), float(row.get("_score") or 0.0), marked)


def _pieces(parts: Sequence[str]) -> tuple[Piece, ...]:
    """Fragments as pieces, marked and not; no markup is ever made of them here."""
    made: list[Piece] = []
    for number, part in enumerate(parts):
        if number:
            made.append(Piece(" … ", False))
        for each in part.split(OPENS):
            inside, closed, rest = each.partition(CLOSES)
            if closed:
                made.append(Piece(inside, True))
            if plain := (rest if closed else inside):
                made.append(Piece(plain, False))
    return tuple(made)
