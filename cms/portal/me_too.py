"""'Me too': similar public reports before one's own is sent, and following one instead."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cms.entities.snapshot import catalogue
from cms.reports import following
from cms.reports.errors import DomainError
from cms.reports.merging import followed_state
from cms.reports.models import Report, Sender
from search import searching
from search.backends import Unavailable
from search.cases import id_of
from search.results import PublicCase

from .drafts import Draft
from .returned import SHOWN_FOR_SECONDS
from .wording import ICONS, Badge

SHOWN, READ = 3, 12
# What somebody pressed before their number was known: (key of the case, when). Ends with signing out.
WANTED = "report_me_too"


@dataclass(frozen=True)
class Shown:
    case: PublicCase
    badge: Badge
    is_followed: bool = False


def badge_of(case: PublicCase) -> Badge:
    """To others no reply of theirs is waited for."""
    word = followed_state(case.state)
    return Badge(word.value, str(word.label), ICONS[word.value])


def similar(draft: Draft, sender: Sender | None) -> list[Shown]:
    """Of the same service and near by; none of the person's own; nothing where the search does not answer."""
    service = catalogue().service(draft.service)
    if service is None or service.privacy != "normal" or not (draft.place and draft.text.strip()):
        return []
    latitude, longitude = draft.number("latitude"), draft.number("longitude")
    point = None if latitude is None or longitude is None else (latitude, longitude)
    try:
        found = searching.similar_public(
            draft.text[:5000],
            service=draft.service,
            place=draft.place,
            point=point,
            at=timezone.now(),
            limit=READ,
        )
    except Unavailable:
        return []
    named = {
        public_id: case
        for case in found
        if case.service.pk == service.pk and (public_id := id_of(case.key)) is not None
    }
    own: set[uuid.UUID] = set()
    followed: set[uuid.UUID] = set()
    if sender is not None and named:
        own = set(
            Report.objects.filter(sender=sender, public_id__in=list(named)).values_list(
                "public_id", flat=True
            )
        )
        followed = {row.report.public_id for row in following.followed_by(sender)}
    kept = [(key, case) for key, case in named.items() if key not in own]
    return [Shown(case, badge_of(case), key in followed) for key, case in kept[:SHOWN]]


def want(request: HttpRequest, key: str) -> None:
    """Followed when the number is confirmed."""
    request.session[WANTED] = [key, timezone.now().timestamp()]


def wanted(request: HttpRequest) -> str:
    """'' where nothing was pressed, or too long ago to be meant still."""
    key, at = request.session.get(WANTED) or ("", 0)
    return key if timezone.now().timestamp() - at < SHOWN_FOR_SECONDS else ""


def follow(request: HttpRequest, sender: Sender, key: str) -> None:
    """Says on the next page what came of it."""
    public_id = id_of(key)
    request.session.pop(WANTED, None)
    if public_id is None:
        return
    try:
        following.follow(public_id, sender=sender, language=get_language() or "ar", at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(
            request, _("You follow this report. We tell you by SMS when it is answered and when it ends.")
        )
