"""One process that asks the search and Elasticsearch itself in turns, and prints what each took."""

from __future__ import annotations

import http.client
import json
import random
import statistics
import time
from typing import Any
from urllib.parse import urlsplit

import django

from benchmarks.measuring import percentile

FACETS = ("services", "entities", "places", "states", "kinds")
QUESTIONS = 120
# Documents of the bare load, in requests of a thousand: so many that the server merges segments meanwhile.
BARE = 200_000
ROLES = {"supervisor": "the region", "coordinator": "one entity", "leader": "an entity's leader"}


def _words(actor: Any, at: int) -> str:
    """Two words that stand in the text of a report that this person sees."""
    from cms.reports.models import Report
    from search.analysis import STOP_WORDS, words

    seen = Report.objects.visible_to(actor).order_by("pk").values_list("text", flat=True)
    text = seen.filter(pk__gte=at).first() or seen.first() or ""
    telling = [word for word in words(text) if len(word) > 3 and word not in STOP_WORDS] or ["شارع", "ماء"]
    return " ".join(random.Random(at).sample(telling, min(2, len(telling))))  # noqa: S311


def bare_load(address: str) -> float:
    """Documents a second of requests that were written beforehand, into an index made as ours are."""
    from cms.reports.models import Report
    from search.backends.elastic import building, keeping, mapping
    from search.backends.elastic.client import client
    from search.documents import documents

    ids = list(Report.objects.order_by("pk").values_list("pk", flat=True)[:BARE])
    name = f"{building.alias()}-bare"
    requests = []
    for start in range(0, len(ids), 1000):
        lines = []
        for document in documents(ids[start : start + 1000]):
            action = {"index": {"_index": name, "_id": str(document.id)}}
            lines += [keeping._dumps(action), keeping._dumps(keeping.body(document))]
        requests.append(b"\n".join(lines) + b"\n")
    client().indices.create(
        index=name,
        settings={**mapping.settings(), **building.FILLING},
        mappings=mapping.mappings(),
    )
    try:
        server = urlsplit(address)
        connection = http.client.HTTPConnection(server.hostname or "", server.port or 9200, timeout=120)
        began = time.perf_counter()
        for body in requests:
            connection.request("POST", "/_bulk", body, {"Content-Type": "application/x-ndjson"})
            answer = json.loads(connection.getresponse().read())
            if answer["errors"]:
                raise SystemExit("the bare load was refused")
        return len(ids) / (time.perf_counter() - began)
    finally:
        client().indices.delete(index=name)


def _bare(connection: http.client.HTTPConnection, path: str, sent: bytes) -> float:
    began = time.perf_counter()
    connection.request("POST", path, sent, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"the bare question was refused: {answer.status}")
    return time.perf_counter() - began


def questions(address: str) -> list[dict[str, Any]]:
    from django.db import connection as database
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from cms.entities.snapshot import catalogue
    from cms.reports.actors import StaffActor, SystemActor
    from cms.reports.models import Report
    from permissions.models import User
    from search import searching
    from search.asking import Asked
    from search.backends.elastic import asking
    from search.backends.elastic.finding import ElasticFinder
    from search.backends.embedded.wording import sentence
    from search.queries import Query, Term
    from search.scope import scope_for
    from search.wanted import wanted

    last = Report.objects.order_by("-pk").values_list("pk", flat=True).first() or 1
    server = urlsplit(address)
    raw = http.client.HTTPConnection(server.hostname or "", server.port or 9200, timeout=30)
    path = f"/{asking.alias()}/_search?allow_partial_search_results=false"
    # A process reads the catalogue and the synonyms once, whoever asks first.
    searching.search(SystemActor(), Asked(Query()), at=timezone.now())
    told = []
    for login, what in ROLES.items():
        actor = StaffActor(User.objects.get(username=login))
        ours: list[float] = []
        bare: list[float] = []
        statements: list[int] = []
        for number in range(QUESTIONS):
            text = _words(actor, random.Random(number).randrange(1, last))  # noqa: S311
            asked = Asked(Query(terms=tuple(Term(word) for word in text.split())), facets=FACETS)
            at = timezone.now()
            scope = scope_for(actor, at=at)
            want, finder = wanted(asked, catalogue()), ElasticFinder()
            saying = finder._saying(scope, want, sentence(scope, want.terms), at)
            body = asking.scoped(scope, finder._first(scope, want, saying, at))
            sent = json.dumps(body).encode()

            # Once unmeasured: neither is the first to read what it reads.
            _bare(raw, path, sent)
            if number % 2:
                bare.append(_bare(raw, path, sent))
            with CaptureQueriesContext(database) as captured:
                began = time.perf_counter()
                result = searching.search(actor, asked, at=at)
                ours.append(time.perf_counter() - began)
            statements.append(len(captured))
            if result.degraded:
                raise SystemExit("Elasticsearch did not answer")
            if not number % 2:
                bare.append(_bare(raw, path, sent))
        told.append(
            {
                "who": what,
                "ours": [1000 * percentile(ours, share) for share in (0.5, 0.95)],
                "bare": [1000 * percentile(bare, share) for share in (0.5, 0.95)],
                "statements": max(statements),
                "mean": 1000 * (statistics.mean(ours) - statistics.mean(bare)),
            }
        )
    return told


def main() -> None:
    django.setup()
    from django.conf import settings

    from cms.reports.models import Report
    from search.backends.elastic import building

    address = settings.ELASTICSEARCH_URL
    live = next(index for index in building.indices() if index.state == "live")
    print(  # noqa: T201
        json.dumps(
            {
                "reports": Report.objects.count(),
                "documents": building.count(live.name),
                "bare_load": bare_load(address),
                "questions": questions(address),
            }
        )
    )


if __name__ == "__main__":
    main()
