"""Proving the history: each report's chain, and the daily signature over all heads."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import QuerySet

from .events import chained_hash, text_hash
from .models import Event, HeadSignature, Report
from .secrets import current_version


@dataclass(frozen=True)
class Break:
    """The first row of a report where the chain does not hold."""

    reference: str
    sequence: int
    what: str


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
        chains: dict[int, list[Event]] = {pk: [] for pk, *_ in heads}
        rows = (
            Event.objects.filter(report_id__in=chains)
            .select_related("body")
            .order_by("report_id", "sequence")
        )
        for event in rows.iterator(chunk_size=2000):
            chains[event.report_id].append(event)
        for pk, public_id, reference, count, head in heads:
            broken = _first_break(chains[pk], public_id, count, head)
            if broken:
                yield Break(reference, *broken)


def _first_break(chain: list[Event], public_id: object, count: int, head: str) -> tuple[int, str] | None:
    previous = ""
    erased = any(event.code == "erase" for event in chain)
    for expected, event in enumerate(chain, start=1):
        if event.sequence != expected:
            return expected, "missing"
        if event.previous_hash != previous:
            return expected, "not linked to the row before"
        if chained_hash(event, public_id) != event.hash:
            return expected, "changed"
        if event.text_hash:
            body = getattr(event, "body", None)
            if body is None and not erased:
                return expected, "text missing"
            if body is not None and text_hash(body.text, body.salt) != event.text_hash:
                return expected, "text changed"
        previous = event.hash
    if len(chain) != count:
        return len(chain) + 1, f"the report counts {count} rows"
    if previous != head:
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
