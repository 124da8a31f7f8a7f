"""Proving the history: each report's chain, and the daily signature over all heads."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from .events import HASHED, row_hash, text_hash
from .models import Event, EventText, HeadSignature, Report
from .secrets import current_version

_SEQUENCE, _CODE, _TEXT, _PREVIOUS = map(HASHED.index, ("sequence", "code", "text_hash", "previous_hash"))


@dataclass(frozen=True)
class Break:
    """The first row of a report where the chain does not hold."""

    reference: str
    sequence: int
    what: str


# What verifying reads of a row: the columns under the hash, and the hash.
_READ = ("pk", "report_id", *HASHED, "hash")
_NO_TEXT = (None, None)
_Row = tuple[Any, ...]


def verify(reports: QuerySet[Report] | None = None, *, batch: int = 500) -> Iterator[Break]:
    """Walk the chains in order; memory stays flat. Gives the first break of each report that has one."""
    queryset = Report.objects.all() if reports is None else reports
    last = 0
    while True:
        heads = list(
            queryset.filter(pk__gt=last)
            .order_by("pk")
            .values_list("pk", "public_id", "reference", "event_count", "head_hash")[:batch]
        )
        if not heads:
            return
        last = heads[-1][0]
        chains: dict[int, list[_Row]] = {pk: [] for pk, *_ in heads}
        # Plain rows: making a million model instances would cost more than the hashes.
        rows = list(
            Event.objects.filter(report_id__in=chains).order_by("report_id", "sequence").values_list(*_READ)
        )
        # Not by a join, for which PostgreSQL reads the whole table of texts once a batch.
        beside = EventText.objects.filter(event_id__in=[row[0] for row in rows])
        texts = {pk: (text, salt) for pk, text, salt in beside.values_list("event_id", "text", "salt")}
        for pk, report_id, *row in rows:
            chains[report_id].append((*row, *texts.get(pk, _NO_TEXT)))
        for pk, public_id, reference, count, head in heads:
            broken = _first_break(chains[pk], public_id, count, head)
            if broken:
                yield Break(reference, *broken)


def _first_break(chain: list[_Row], public_id: object, count: int, head: str) -> tuple[int, str] | None:
    last = ""
    report, columns = str(public_id), len(HASHED)
    erased = any(row[_CODE] == "erase" for row in chain)
    for expected, row in enumerate(chain, start=1):
        covered, (kept, text, salt) = row[:columns], row[columns:]
        if covered[_SEQUENCE] != expected:
            return expected, "missing"
        if covered[_PREVIOUS] != last:
            return expected, "not linked to the row before"
        if row_hash(report, *covered) != kept:
            return expected, "changed"
        if covered[_TEXT]:
            if text is None and not erased:
                return expected, "text missing"
            if text is not None and text_hash(text, salt) != covered[_TEXT]:
                return expected, "text changed"
        elif text is not None:
            return expected, "text added"
        last = kept
    if len(chain) != count:
        return len(chain) + 1, f"the report counts {count} rows"
    if last != head:
        return len(chain), "not the head that the report holds"
    return None


def heads_digest() -> tuple[int, int, str]:
    """(reports, events, SHA-256 over every report's id, count and head, in the order of ids)."""
    digest = hashlib.sha256()
    reports = events = 0
    heads = Report.objects.order_by("pk").values_list("public_id", "event_count", "head_hash")
    for public_id, count, head in heads.iterator(chunk_size=5000):
        digest.update(f"{public_id}:{count}:{head}\n".encode())
        reports += 1
        events += count
    return reports, events, digest.hexdigest()


def _signature(day: date, reports: int, events: int, digest: str, version: int) -> str:
    message = f"{day.isoformat()}:{reports}:{events}:{digest}".encode()
    key = settings.SAWT_SECRET_KEYS[version].encode()
    return hmac.new(key, b"heads\0" + message, hashlib.sha256).hexdigest()


def sign_heads(day: date, *, at: datetime) -> HeadSignature:
    """Sign all heads of a day, once; a second call gives the first signature back."""
    existing = HeadSignature.objects.filter(day=day).first()
    if existing:
        return existing
    reports, events, digest = heads_digest()
    version = current_version()
    signed, _ = HeadSignature.objects.get_or_create(
        day=day,
        defaults={
            "reports": reports,
            "events": events,
            "digest": digest,
            "key_version": version,
            "signature": _signature(day, reports, events, digest, version),
            "signed_at": at,
        },
    )
    return signed


def signature_holds(signed: HeadSignature) -> bool:
    expected = _signature(signed.day, signed.reports, signed.events, signed.digest, signed.key_version)
    return hmac.compare_digest(expected, signed.signature)
