"""One person's inbox: what they were told, as far as they may still read it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from cms.reports.actors import StaffActor
from cms.reports.models import Report
from permissions.models import User
from permissions.policy import Scope

from .live import inbox_changed
from .models import Notice

# News, read or not, is of no use to anybody after so long; what it told of keeps its own history.
KEEP = timedelta(days=90)


def notices_of(user: User, scope: Scope) -> QuerySet[Notice]:
    """The newest first; of reports, those that this person sees now."""
    seen = Report.objects.visible_to(StaffActor(user), scope).filter(pk=OuterRef("report_id"), erased_at=None)
    rows: QuerySet[Notice] = Notice.objects.filter(Q(report=None) | Exists(seen), person=user, in_inbox=True)
    return rows.order_by("-at", "-pk")


def unread_count(user: User, scope: Scope) -> int:
    return notices_of(user, scope).filter(read_at=None).count()


def mark_read(user: User, *, at: datetime, pk: int | None = None, until: datetime | None = None) -> int:
    """One notice, or all up to a moment; how many were unread. Somebody else's are never touched."""
    rows = Notice.objects.filter(person=user, read_at=None, in_inbox=True)
    if pk is not None:
        rows = rows.filter(pk=pk)
    if until is not None:
        rows = rows.filter(at__lte=until)
    changed: int = rows.update(read_at=at)
    if changed:
        inbox_changed([user.pk])
    return changed


def mark_read_by_key(user: User, key: str, *, at: datetime) -> None:
    """What was seen elsewhere is news no more."""
    if Notice.objects.filter(person=user, key=key, read_at=None).update(read_at=at):
        inbox_changed([user.pk])


def purge(*, at: datetime, batch: int = 1000) -> int:
    """Remove what is older than is kept; how many."""
    old = Notice.objects.filter(at__lt=at - KEEP, digest_at=None).order_by("at")
    removed = 0
    while keys := list(old.values_list("pk", flat=True)[:batch]):
        removed += Notice.objects.filter(pk__in=keys).delete()[0]
    return removed
