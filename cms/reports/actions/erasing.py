"""Erasing a report: what anybody wrote, where and who it was goes; a tombstone stays, and the chain holds.

The salts die with their texts, so nobody can tell from a hash what a text was.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from ..actors import Actor, StaffActor
from ..errors import Code, DomainError
from ..files import ending
from ..following import without_followers
from ..forgetting import forget_if_gone
from ..models import AccessLink, Erasure, EventText, IdempotencyKey, Report
from .acting import Act, acting
from .splitting import parts_beside


def erase(report_id: int, *, actor: Actor, version: int | None = None, at: datetime | None = None) -> Report:
    """An ended report with its parts: by the clock when its time is over, or by a second person.

    Raises `second_person` where nobody else has proposed it, `legal_hold` where one forbids it.
    """

    def parts() -> Collection[int]:
        return list(Report.objects.filter(parent=report_id).values_list("pk", flat=True))

    with transaction.atomic():
        with acting(report_id, "erase", actor=actor, at=at, version=version, beside=parts) as act:
            report, sender = act.report, act.report.sender
            data = _agreed(act)
            for part in parts_beside(act):
                _empty(part, act.at)
                act.record_beside(part, "erase", from_state=part.state, data=data)
            _empty(report, act.at)
            act.record(data=data)
            gone = without_followers([report, *parts_beside(act)])
        for each in gone if sender is None else [*gone, sender]:
            forget_if_gone(each)
    return report


def _agreed(act: Act) -> dict[str, Any]:
    """Why it may be erased. A person's part is the second one: another one proposed it."""
    if not isinstance(act.actor, StaffActor):
        return {"ground": "retention"}
    waiting = Erasure.objects.filter(report=act.report, confirmed_at=None, withdrawn_at=None)
    proposal = waiting.exclude(proposed_by=act.actor.user).first()
    if proposal is None:
        raise DomainError(Code.SECOND_PERSON)
    proposal.confirmed_by, proposal.confirmed_at = act.actor.user, act.at
    proposal.save(update_fields=["confirmed_by", "confirmed_at"])
    return {"ground": proposal.ground, "proposed_by": proposal.proposed_by_id}


def _empty(report: Report, at: datetime) -> None:
    EventText.objects.filter(event__report=report).delete()
    ending.erase(report)
    report.ratings.update(comment="")
    AccessLink.objects.filter(report=report).delete()
    IdempotencyKey.objects.filter(report=report).delete()
    report.title = report.text = report.address_text = report.draft = ""
    report.answers = {}
    report.latitude = report.longitude = None
    report.contact_hours = report.contact_preference = ""
    # Which entity sent it stays, as which one answered it does; the number leads to its letter.
    report.letter_number, report.letter_date = "", None
    report.sender = report.draft_by = None
    # From now on no secret opens it.
    report.secret_hash = ""
    report.erased_at = at
