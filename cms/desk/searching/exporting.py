"""Writing what was found to a file, in batches and outside of any request; kept for a day, for one person."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.files import File
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone, translation

from cms.entities.snapshot import catalogue
from cms.reports.actors import StaffActor
from cms.reports.files import storing
from cms.reports.models import Report
from permissions.models import User
from permissions.policy import Scope, scope_of
from search import searching

from ..access import sees_reports
from ..models import SearchExport
from .address import read
from .columns import Facts, chosen
from .files import writer

log = logging.getLogger(__name__)
State = SearchExport.State

MOST_ROWS = 100_000
# Of one person, waiting or being written at a time.
MOST_AT_ONCE = 3
KEPT_FOR = timedelta(days=1)
LEASE = timedelta(minutes=10)
UNFINISHED = (State.WAITING, State.RUNNING)
Clock = Callable[[], datetime]


def ask(
    person: User, query: str, form: str, *, total: int, language: str, at: datetime
) -> SearchExport | None:
    """None where this person has as many under way as they may."""
    if SearchExport.objects.filter(person=person, state__in=UNFINISHED).count() >= MOST_AT_ONCE:
        return None
    return SearchExport.objects.create(
        person=person,
        query=query,
        format=form,
        language=language,
        total=min(total, MOST_ROWS),
        created_at=at,
    )


def fingerprint(scope: Scope) -> str:
    """The same for who holds the same."""
    held = [sorted(scope.region), sorted(scope.kin)]
    at = sorted((codename, sorted(ids)) for codename, ids in scope.entities.items())
    return hashlib.sha256(json.dumps([scope.user_id, held, at]).encode()).hexdigest()


def waiting(at: datetime) -> list[int]:
    """Those to be written, the oldest first; one whose writer is gone among them."""
    left = Q(state=State.WAITING) | Q(state=State.RUNNING, lease_until__lt=at)
    return list(SearchExport.objects.filter(left).order_by("created_at", "pk").values_list("pk", flat=True))


def run(pk: int, *, now: Clock = timezone.now) -> bool:
    """Write one; whether it was this call that did."""
    at = now()
    free = Q(state=State.WAITING) | Q(state=State.RUNNING, lease_until__lt=at)
    mine = SearchExport.objects.filter(free, pk=pk)
    if not mine.update(state=State.RUNNING, lease_until=at + LEASE, rows=0):
        return False
    export = SearchExport.objects.select_related("person").get(pk=pk)
    try:
        with translation.override(export.language):
            _write(export, now)
    except Exception:
        log.exception("an export was not written")
        _ended(pk, State.FAILED, now())
    return True


def _ended(pk: int, state: State, at: datetime, **more: object) -> None:
    SearchExport.objects.filter(pk=pk).update(state=state, ended_at=at, lease_until=None, **more)


def _write(export: SearchExport, now: Clock) -> None:
    scope, at = scope_of(export.person), now()
    if not sees_reports(scope):
        _ended(export.pk, State.FAILED, at)
        return
    cat = catalogue()
    reading = read(QueryDict(export.query), cat)
    columns = chosen(reading.columns)
    facts, rows = Facts(cat, at), 0
    with tempfile.TemporaryFile() as file:
        table = writer(export.format, file, columns, rtl=export.language.startswith("ar"))
        actor = StaffActor(export.person)
        fields = {field for column in columns for field in column.fields}
        for ids in searching.keys(actor, reading.asked(highlights=False), at=at):
            ids = ids[: MOST_ROWS - rows]
            seen = Report.objects.visible_to(actor, scope_of(export.person)).filter(pk__in=ids)
            found = {report.pk: report for report in seen.only("pk", *fields)}
            for report in (found[one] for one in ids if one in found):
                table.row([column.value(report, facts) for column in columns])
                rows += 1
            SearchExport.objects.filter(pk=export.pk).update(rows=rows, lease_until=now() + LEASE)
            if rows >= MOST_ROWS:
                break
        table.close()
        size = file.tell() if export.format == "csv" else file.seek(0, 2)
        file.seek(0)
        name = f"exports/{uuid.uuid4().hex}.{export.format}"
        written = storing.storage().save(name, File(file, name))
    held = fingerprint(scope)
    _ended(export.pk, State.DONE, now(), file=written, size=size, rows=rows, held=held)


def sweep(at: datetime) -> int:
    """Remove those whose day is over, file and row; how many."""
    gone = 0
    for export in SearchExport.objects.filter(created_at__lt=at - KEPT_FOR).order_by("pk")[:100]:
        if export.file and storing.delete([export.file]):
            # The storage is away: it is asked again at the next sweep.
            continue
        export.delete()
        gone += 1
    return gone
