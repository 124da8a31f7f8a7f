"""The only door to the search. Whoever asks gives an actor, and gets what that actor may see, and counts of
it.

Elasticsearch answers where it is configured and does; else the database, and the answer says so. Statements:
what the actor holds, what has just changed, the catalogue's stamp, and the reports of the page.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings

from cms.entities.snapshot import Catalogue, catalogue
from cms.reports.actors import Actor
from cms.reports.models import Report

from . import cursors, synonyms
from .asking import Asked, Order
from .backends import Counted, Finder, Found, FoundHit, Like, Unavailable
from .cases import public_case
from .circuit import Circuit
from .hydrating import hydrated, still_visible
from .results import Bucket, Facet, Hit, PublicCase, Result
from .scope import Scope, public_scope, scope_for
from .spoken import as_written
from .stores import finders
from .wanted import below_region, wanted

log = logging.getLogger(__name__)

Given = TypeVar("Given")
# Of a facet; the rest is 'other'.
MOST_BUCKETS = 20
# So many of the newest tell how a word is written.
SPELT = 100
circuit = Circuit()


def is_degraded() -> bool:
    """Whether the database answers because Elasticsearch does not."""
    return bool(settings.ELASTICSEARCH_URL) and circuit.is_open


def degraded_since() -> datetime | None:
    """Since when the database answers, as far as this process knows; None while Elasticsearch does."""
    return circuit.since if is_degraded() else None


def search(actor: Actor, asked: Asked, *, at: datetime) -> Result:
    scope, cat = scope_for(actor, at=at), _present()
    if scope.nobody:
        return Result()
    if asked.query.reference and not asked.query.terms:
        return _the_one(asked.query.reference, scope, cat)

    def find(finder: Finder) -> tuple[Found, str, str]:
        cursor = cursors.read(asked, backend=finder.name, person=scope.person)
        moment = datetime.fromisoformat(cursor["at"]) if cursor else at
        found = finder.find(scope, wanted(asked, cat, after=cursor), at=moment)
        after, before = (
            cursors.written(each, asked, backend=finder.name, person=scope.person, at=moment)
            for each in (found.after, found.before)
        )
        return found, after, before

    (found, after, before), degraded = _answered(scope, find)
    return Result(
        hits=hydrated(found.hits, scope, cat),
        total=found.total,
        exact=found.exact,
        facets={name: _facet(name, counted, asked, cat) for name, counted in found.facets.items()},
        histogram=tuple(Bucket(key, count) for key, count in found.histogram),
        after=after,
        before=before,
        degraded=degraded,
        corrected=found.corrected,
    )


def _present() -> Catalogue:
    """The catalogue as it is, and the words that are said for one another, which change under its stamp."""
    cat = catalogue()
    synonyms.keep_up(cat)
    return cat


def _the_one(reference: str, scope: Scope, cat: Catalogue) -> Result:
    """Of a number that was typed, the report: asked of the database, which knows it from its first moment."""
    found = Report.objects.filter(reference=reference).values_list("pk", "revision")
    hits = hydrated([FoundHit(pk, revision) for pk, revision in found], scope, cat)
    return Result(hits=hits, total=len(hits))


def keys(actor: Actor, asked: Asked, *, at: datetime) -> Iterator[list[int]]:
    """The ids of all reports that answer, in batches. Of each batch what the actor holds is asked again."""
    scope, cat = scope_for(actor, at=at), _present()
    if scope.nobody:
        return
    want = wanted(asked, cat)
    given: set[int] = set()

    def begun(finder: Finder) -> Iterator[list[int]]:
        batches = finder.ids(scope, want, at=at)
        first = next(batches, None)
        return _from(first, batches)

    batches, is_second = _answered(scope, begun)
    while True:
        try:
            found = next(batches, None)
        except Unavailable as error:
            # The circuit says nothing of who answered here: another question may have opened it meanwhile.
            if is_second or len(finders()) < 2:
                raise
            # Whoever answered has gone in the middle: the database goes on with what is left.
            log.warning("search: an export goes on from the database (%s)", error)
            circuit.failed()
            batches, is_second = finders()[-1].ids(scope, want, at=at), True
            continue
        if found is None:
            return
        new = [pk for pk in found if pk not in given]
        given.update(new)
        if kept := still_visible(new, scope_for(actor)):
            yield kept


def _from(first: list[int] | None, rest: Iterator[list[int]]) -> Iterator[list[int]]:
    if first is not None:
        yield first
        yield from rest


def similar(actor: Actor, report: Report, *, at: datetime, limit: int = 5) -> list[Hit]:
    """Reports that tell of the same thing, of what the actor sees; those near by in these days first."""
    scope, cat = scope_for(actor, at=at), _present()
    if scope.nobody:
        return []
    place = None if None in (report.latitude, report.longitude) else (report.latitude, report.longitude)
    like = Like(
        text=f"{report.title}\n{report.text}",
        service=report.service_id,
        point=place,  # type: ignore[arg-type]
        about=report.submitted_at,
        besides=report.pk,
    )
    found, _ = _answered(scope, lambda finder: finder.similar(scope, like, at=at, limit=limit))
    return list(hydrated(found, scope, cat))


def similar_public(
    text: str,
    *,
    service: str,
    place: str,
    point: tuple[float, float] | None,
    at: datetime,
    limit: int = 5,
) -> list[PublicCase]:
    """Open reports that tell of the same, in the same governorate, as a stranger may know of them."""
    scope, cat = public_scope(), _present()
    of, there = cat.service(service), cat.place(place)
    below = below_region(cat)
    like = Like(
        text=text,
        service=of.pk if of is not None else None,
        places=tuple(pk for pk, inside in below.items() if there and inside == below[there.pk]),
        point=point,
        about=at,
        open_alone=True,
    )
    found, _ = _answered(scope, lambda finder: finder.similar(scope, like, at=at, limit=limit))
    return [public_case(hit.report) for hit in hydrated(found, scope, cat)]


def rising(actor: Actor, asked: Asked, *, at: datetime, limit: int = 12) -> list[Bucket]:
    """Words, as people write them, more frequent in the asked span (or the last days) than before it."""
    scope, cat = scope_for(actor, at=at), _present()
    if scope.nobody:
        return []
    want = wanted(asked, cat)
    latest = replace(want, size=SPELT, order=Order.newest, facets=(), histogram="", highlights=False)

    def risen(finder: Finder) -> tuple[list[tuple[str, int]], tuple[FoundHit, ...]]:
        words = finder.rising(scope, want, at=at, limit=limit)
        return words, finder.find(scope, latest, at=at).hits if words else ()

    (found, newest), _ = _answered(scope, risen)
    texts = (f"{hit.report.title} {hit.report.text}" for hit in hydrated(newest, scope, cat))
    return [Bucket(word, count) for word, count in as_written(found, texts)]


def _answered(scope: Scope, ask: Callable[[Finder], Given]) -> tuple[Given, bool]:
    """What the first that can says; whether it is the second choice. Raises Unavailable where none can."""
    choices = finders()
    for finder in choices[:-1]:
        if scope.is_behind or not circuit.allows():
            continue
        try:
            given = ask(finder)
        except Unavailable as error:
            if error.answered:
                circuit.succeeded()
            else:
                circuit.failed(slow=error.slow)
            log.warning("search: %s does not answer (%s); the database does", finder.name, error)
        except BaseException:
            # Nobody knows how it is: it is not kept from being asked.
            circuit.forget()
            raise
        else:
            circuit.succeeded()
            return given, False
    if not choices:
        raise Unavailable("nothing is configured that could be asked")
    return ask(choices[-1]), len(choices) > 1


def _facet(name: str, counted: Counted, asked: Asked, cat: Catalogue) -> Facet:
    """By code, the most frequent and whatever was chosen; `other` are the rest."""
    chosen: tuple[str, ...] = getattr(asked.filter, name, ())
    buckets: list[Bucket] = []
    other = counted.other
    for key, count in counted.buckets:
        code = _code(name, key, cat)
        if code is None:
            other += count
        elif len(buckets) < MOST_BUCKETS or code in chosen:
            buckets.append(Bucket(code, count))
        else:
            other += count
    return Facet(name, tuple(buckets), other)


def _code(name: str, key: str, cat: Catalogue) -> str | None:
    """The code of a row of the catalogue; None where it has none (a report in triage has no entity)."""
    rows: Any
    if name == "services":
        rows = cat.service_ever(int(key))
    elif name == "entities":
        rows = cat.entity_ever(int(key))
    elif name == "places":
        rows = cat.place_by_id(int(key))
    else:
        return key
    return rows.code if rows is not None else None


def forget() -> None:
    """Nothing is known of Elasticsearch: as in a process that has just begun."""
    circuit.forget()
