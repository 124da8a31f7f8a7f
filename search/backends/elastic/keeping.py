"""Documents in Elasticsearch: written, dropped, and told what is there. Nothing is searched here.

An index is written through its alias alone (`require_alias`): one that was taken away is not made again by a
write, with a mapping that the server guesses.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from elasticsearch import ApiError, TransportError
from elasticsearch.serializer import JsonSerializer

from ...documents import TRIAGE, Document, Stamp
from .. import Unavailable
from ..embedded.tokens import COLUMNS, tokens
from .client import WRITING, alias, client, next_alias

Given = TypeVar("Given")
# Of one request's body; the server takes ten times as much.
MOST_BYTES = 8 * 1024 * 1024
REFUSED = (400, 413)
_dumps = JsonSerializer().dumps


def body(document: Document) -> dict[str, Any]:
    """What is sent for it. Empty fields are left out."""
    access = document.access
    keys = (document.elsewhere_entities, document.entities, document.earlier_entities)
    elsewhere_entities, entities, earlier_entities = ([str(one) for one in each] for each in keys)
    made = {
        "id": document.id,
        "revision": document.revision,
        "stamp": document.stamp,
        "reference": document.reference,
        "title": document.title,
        "text": document.text,
        "conversation": document.conversation,
        "answers": document.answers,
        "notes": document.notes,
        "directives": document.directives,
        "elsewhere_entities": elsewhere_entities,
        "elsewhere_count": len(elsewhere_entities) or None,
        "tokens": {
            name: words for name, words in zip(COLUMNS, tokens(document).columns, strict=True) if words
        },
        "service": str(document.service),
        "categories": [str(one) for one in document.categories],
        "entity": str(access.entity) if access.entity is not None else str(TRIAGE),
        "entities": entities,
        "earlier_entities": earlier_entities,
        "about_entity": str(access.about_entity) if access.about_entity is not None else None,
        "sender_entity": str(access.sender_entity) if access.sender_entity is not None else None,
        "confidential": access.confidential,
        "erased": access.erased,
        "assigned": access.assigned,
        "place": str(document.place),
        "places": [str(one) for one in document.places],
        "point": {"lat": document.point[0], "lon": document.point[1]} if document.point else None,
        "state": document.state,
        "open": document.open,
        "kind": document.kind,
        "channel": document.channel,
        "priority": document.priority,
        "submitted_at": document.submitted_at,
        "updated_at": document.updated_at,
        "answered_at": document.answered_at,
        "closed_at": document.closed_at,
        "first_reply_due_at": document.first_reply_due_at,
        "resolution_due_at": document.resolution_due_at,
        "next_due_at": document.next_due_at,
        "missed": document.missed,
        "rating": document.rating,
        "reopened": document.reopened,
    }
    return {name: value for name, value in made.items() if value not in (None, "", (), [])}


def asked(call: Callable[[], Given]) -> Given:
    """What the server answers; Unavailable where it does not, or cannot."""
    try:
        return call()
    except ApiError as error:
        # Of an index, not of a question: what was searched for is in no message.
        told = error.body.get("error") if isinstance(error.body, dict) else error.error
        raise Unavailable(f"{error.meta.status} {_reason(told)}") from error
    except TransportError as error:
        raise Unavailable(why(error)) from error


def why(error: ApiError | TransportError) -> str:
    """In few words, and without an address."""
    if isinstance(error, ApiError):
        return f"{error.meta.status} {error.error}"[:200]
    return type(error).__name__


class ElasticStore:
    """The index that lives and, while one is built, the one that will; or the one of `only`."""

    name = "elasticsearch"

    def __init__(self, only: str = "") -> None:
        self._only = only

    def _targets(self) -> list[str]:
        if self._only:
            return [self._only]
        there = asked(lambda: client().indices.get_alias(name=f"{alias()}*"))
        names = {name for index in there.values() for name in index["aliases"]}
        targets = [name for name in (alias(), next_alias()) if name in names]
        if not targets:
            raise Unavailable("no index has been built: manage.py search_rebuild")
        return targets

    def put(self, documents: Sequence[Document]) -> Mapping[int, str]:
        targets = self._targets() if documents else []
        refused: dict[int, str] = {}
        for target in targets:
            for lines in _pieces(target, documents):
                refused.update(_sent(lines))
        return refused

    def drop(self, ids: Sequence[int]) -> None:
        if not ids:
            return
        for target in self._targets():
            actions = ({"_index": target, "_id": str(pk), "require_alias": True} for pk in ids)
            _sent([_dumps({"delete": action}) for action in actions])

    def settle(self) -> None:
        patient = client().options(request_timeout=WRITING)
        for target in self._targets():
            asked(partial(patient.indices.refresh, index=target))

    def forget_dropped(self) -> None:
        # The server knows for a minute what the version of a deleted one was, and refuses an earlier one. Its
        # clock for this ticks five times a second.
        patient = client().options(request_timeout=WRITING)
        for target in self._targets():
            for kept in ("0s", None):
                asked(partial(patient.indices.put_settings, index=target, settings={"gc_deletes": kept}))
                time.sleep(0.5 if kept else 0)
                asked(partial(patient.indices.refresh, index=target))

    def stamps(self, first: int, last: int) -> dict[int, Stamp]:
        found: dict[int, Stamp] = {}
        index = self._only or alias()
        while first <= last:
            body = {
                "query": {"range": {"id": {"gte": first, "lte": last}}},
                "sort": [{"id": "asc"}],
                "size": 5000,
                "_source": False,
                "version": True,
                "docvalue_fields": ["stamp"],
                "track_total_hits": False,
            }
            patient = client().options(request_timeout=WRITING)
            answer = asked(
                partial(patient.search, index=index, body=body, allow_partial_search_results=False)
            )
            hits = answer["hits"]["hits"]
            if not hits:
                break
            for hit in hits:
                found[int(hit["_id"])] = Stamp(hit["_version"], hit["fields"]["stamp"][0])
            first = int(hits[-1]["_id"]) + 1
        return found


def _pieces(target: str, documents: Iterable[Document]) -> Iterable[list[bytes]]:
    """Lines of bulk requests, none of them too large."""
    lines: list[bytes] = []
    size = 0
    for document in documents:
        action = {
            "_index": target,
            "_id": str(document.id),
            "version": document.revision,
            # Never an earlier one over a later one; the same again where the catalogue's trees moved.
            "version_type": "external_gte",
            "require_alias": True,
        }
        pair = [_dumps({"index": action}), _dumps(body(document))]
        size += len(pair[1])
        if size > MOST_BYTES and lines:
            yield lines
            lines, size = [], len(pair[1])
        lines += pair
    if lines:
        yield lines


def _sent(lines: Sequence[Any]) -> dict[int, str]:
    """What was refused for what it is. Raises Unavailable where the server could not take one of them."""
    answer = asked(lambda: client().options(request_timeout=WRITING).bulk(operations=list(lines)))
    refused: dict[int, str] = {}
    if not answer["errors"]:
        return refused
    trouble = ""
    for item in answer["items"]:
        ((_, told),) = item.items()
        status = told["status"]
        # A later revision is there already, or it was dropped already.
        if status < 300 or status == 409 or (status == 404 and "error" not in told):
            continue
        reason = _reason(told.get("error"))
        if status in REFUSED and "cluster_block" not in reason:
            refused[int(told["_id"])] = reason
        else:
            trouble = f"{status} {reason}"
    if trouble:
        raise Unavailable(trouble)
    return refused


def _reason(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)[:400]
    caused = error.get("caused_by") or {}
    return json.dumps([error.get("type"), error.get("reason"), caused.get("reason")], ensure_ascii=False)[
        :400
    ]
