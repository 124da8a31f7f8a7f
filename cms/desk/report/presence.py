"""Who else has a report's page open: told to who may see it, kept in the cache for a minute, never stored.

A page says once in a while that it is still open. The names of one report are one cache row; where two pages
write at the same moment one of them is missing until it says so again, which costs nobody anything.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cms.reports.actors import StaffActor
from cms.reports.models import Report
from permissions.models import User
from permissions.policy import scope_of

from ..access import actor_of_request, scope_of_request
from ..models import Mention

# A page asks this often; who was silent for longer than LASTS has left; nobody is written twice within QUIET.
ASKS = timedelta(seconds=20)
LASTS = timedelta(seconds=60)
QUIET = timedelta(seconds=10)
# More names help nobody.
MOST = 5


def _key(report_id: int) -> str:
    return f"desk:reading:{report_id}"


def _kept(report_id: int, now: datetime) -> dict[int, float]:
    """Person → when their page last said so, in seconds."""
    since = (now - LASTS).timestamp()
    return {person: at for person, at in (cache.get(_key(report_id)) or {}).items() if at > since}


def come(report_id: int, person_id: int, now: datetime) -> None:
    kept = _kept(report_id, now)
    if kept.get(person_id, 0) > (now - QUIET).timestamp():
        return
    kept[person_id] = now.timestamp()
    cache.set(_key(report_id), kept, LASTS.total_seconds())


def leave(report_id: int, person_id: int, now: datetime) -> None:
    kept = _kept(report_id, now)
    if kept.pop(person_id, None) is not None:
        cache.set(_key(report_id), kept, LASTS.total_seconds())


def others(report_id: int, person_id: int, now: datetime) -> list[User]:
    """Who else reads it and may see it still: no query where nobody does."""
    ids = [person for person in _kept(report_id, now) if person != person_id]
    if not ids:
        return []
    people = User.objects.filter(pk__in=ids, is_active=True).order_by("name_ar", "pk")[:MOST]
    return [person for person in people if _sees(person, report_id)]


def _sees(person: User, report_id: int) -> bool:
    seen = Report.objects.filter(pk=report_id).visible_to(StaffActor(person), scope_of(person))
    return bool(seen.exists())


def sentence(people: list[User]) -> str:
    """`Sara and Fahd are reading this`, or nothing."""
    if not people:
        return ""
    names = gettext(", ").join(person.name for person in people)
    return ngettext(
        "%(names)s is reading this report now.", "%(names)s are reading this report now.", len(people)
    ) % {"names": names}


@never_cache
@require_POST
def presence(request: HttpRequest, public_id: uuid.UUID) -> JsonResponse:
    """This page is open still (or, with `leave`, no more); answers with who else reads it.

    A hidden report answers as a missing one, so that a page left open learns nothing more. With `first`, what
    mentioned the reader is marked as read.
    """
    actor = actor_of_request(request)
    seen = Report.objects.visible_to(actor, scope_of_request(request)).filter(public_id=public_id)
    pk: Any = seen.values_list("pk", flat=True).first()
    if pk is None:
        raise Http404
    now = timezone.now()
    if "leave" in request.POST:
        leave(pk, actor.user.pk, now)
        return JsonResponse({"sentence": ""})
    come(pk, actor.user.pk, now)
    if "first" in request.POST:
        Mention.objects.filter(report_id=pk, person=actor.user, seen_at=None).update(seen_at=now)
    return JsonResponse({"sentence": sentence(others(pk, actor.user.pk, now))})
