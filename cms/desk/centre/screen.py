"""What the one screen shows: services that fit, the questions of the chosen one, places, the caller."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from cms.entities.asking import asked, groups_of_places
from cms.entities.models import Privacy, Service
from cms.entities.snapshot import catalogue
from cms.reports.models import Sender, SenderCategory
from permissions.policy import Scope

from . import caller, calls
from .calls import Call
from .typed import CHANNELS, Typed

# More than these is a list to search, not one to choose from while somebody waits on the phone.
MOST_FOUND = 7
# For what fits nothing: it goes to triage.
OTHER = "other"
LANGUAGES = {"ar": "العربية", "en": "English"}


def services(typed: Typed) -> list[Service]:
    """Those that fit what was typed, best first, with the chosen one, and the one for everything else."""
    cat = catalogue()
    other, chosen = cat.service(OTHER), typed.service
    fit = cat.find_services(typed.query) if typed.query else []
    found = [row for row in fit if row != other][:MOST_FOUND]
    if chosen is not None and chosen not in found and chosen != other:
        found.append(chosen)
    return [*found, other] if other is not None and (typed.query or chosen) else found


def unseen(typed: Typed) -> frozenset[str]:
    """What the chosen service shows and this screen had not shown: question codes, or '' for its notes alone.

    With the page's script it is there as soon as a service is chosen; without it the first press brings it.
    """
    service = typed.service
    if service is None:
        return frozenset()
    is_new = typed.asked_for != service.code
    seen = frozenset() if is_new else typed.seen
    rows = {row.code for row in asked(service, typed.answers) if row.is_shown and row.code not in seen}
    return frozenset(rows | {""}) if is_new and (rows or _has_notes(service)) else frozenset(rows)


def _has_notes(service: Service) -> bool:
    return bool(
        service.emergency
        or service.emergency_number
        or service.requires_national_id
        or service.allows_anonymous
        or service.privacy == Privacy.CONFIDENTIAL
    )


def problems_before(typed: Typed, sender: Sender | None) -> dict[str, str]:
    """What only this screen knows; the rest is the action's to refuse."""
    if typed.stays_anonymous or sender is not None:
        return {}
    if typed.is_confirmed:
        ended = _("The confirmation of this number has ended. Send a new code, or go on without one.")
        return {"phone": ended}
    if not typed.phone and typed.service is not None and typed.service.allows_anonymous:
        return {"phone": _("Write the caller's number, or tick that they give no name.")}
    return {}


def gather(
    typed: Typed, call: Call, scope: Scope, problems: dict[str, str], unseen: frozenset[str]
) -> dict[str, Any]:
    service = typed.service
    sender = calls.caller_of(call)
    return {
        "typed": typed,
        "channels": CHANNELS.items(),
        "languages": LANGUAGES.items(),
        "categories": SenderCategory.choices,
        "services": services(typed),
        "service": service,
        "is_confidential": service is not None and service.privacy == Privacy.CONFIDENTIAL,
        "asked": asked(service, typed.answers) if service else [],
        "unseen": unseen,
        "groups": groups_of_places(),
        "call": call,
        "sender": sender,
        "earlier": caller.earlier(sender, scope) if sender else None,
        "errors": problems,
        "focus": next(iter(problems), "") or (f"answers-{min(unseen - {''})}" if unseen - {""} else ""),
    }
