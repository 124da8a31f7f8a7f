"""'Me too': following a public report of somebody else. Source: domain.md, 'What is public'."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from .errors import Code, DomainError
from .merging import primary_of
from .models import Follower, Report, Sender
from .policies import public_filter
from .workflow import OPEN, State

# Far more than anybody has a use for; a list of them needs no pages.
MOST = 50


def follow(public_id: uuid.UUID, *, sender: Sender, language: str, at: datetime) -> Follower:
    """A verified sender follows the report, or the one that it is merged with; a second time changes nothing.

    Raises `not_found` for what is not public, `wrong_state` for what is over, `invalid` for one's own.
    """
    if not sender.is_reachable:
        raise DomainError(Code.SIGN_IN_REQUIRED)
    with transaction.atomic():
        # Locked, so that what becomes confidential meanwhile has nobody who follows it.
        rows = public_filter(Report.objects.select_for_update(of=("self",)))
        report = rows.filter(public_id=public_id).first()
        if report is not None and (primary := primary_of(report)) is not None:
            report = rows.filter(pk=primary.pk).first()
        if report is None:
            raise DomainError(Code.NOT_FOUND)
        if kept := Follower.objects.filter(report=report, sender=sender).first():
            return kept
        if report.sender_id == sender.pk:
            raise DomainError(Code.INVALID, _("This report is yours: you hear of it already."))
        if report.state not in OPEN | {State.ANSWERED}:
            raise DomainError(Code.WRONG_STATE, _("This report is over: there is nothing to follow."))
        if Follower.objects.filter(sender=sender).count() >= MOST:
            raise DomainError(Code.OUT_OF_RANGE, _("You follow as many reports as one may. Leave one first."))
        row, _made = Follower.objects.get_or_create(
            report=report, sender=sender, defaults={"language": language, "followed_at": at}
        )
        return row


def leave(public_id: uuid.UUID, *, sender: Sender) -> bool:
    """Follow it no longer. Whether it was followed; what one does not follow is no error."""
    left, _rows = Follower.objects.filter(report__public_id=public_id, sender=sender).delete()
    return bool(left)


def followed_by(sender: Sender) -> list[Follower]:
    """What they follow and is public now, the newest first, with its report: one query."""
    rows = Follower.objects.filter(sender=sender, report__in=public_filter(Report.objects.all()))
    related = rows.select_related("report__service", "report__place", "report__merged_into")
    return list(related.order_by("-followed_at", "-pk"))


def followers_of(report: Report) -> QuerySet[Follower]:
    """Of the report and of those that are merged with it."""
    merged = Q(report__merged_into=report, report__state=State.MERGED)
    return Follower.objects.filter(Q(report=report) | merged).order_by("pk")


def without_followers(reports: Iterable[Report]) -> list[Sender]:
    """Nobody follows them any more. Gives who did."""
    rows = Follower.objects.filter(report__in=[report.pk for report in reports])
    senders = [row.sender for row in rows.select_related("sender")]
    rows.delete()
    return senders
