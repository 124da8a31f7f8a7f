"""Planning a handover, taking it back, confirming it: the first moment of it, in one transaction.

Whoever keeps the catalogue plans; whoever keeps people too confirms, since access ends with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.entities import grants, snapshot
from cms.entities.models import Entity, Handover, HandoverStep, Membership
from permissions import audit
from permissions.models import User
from permissions.policy import scope_of

from ..errors import Code, Conflict, DomainError
from ..texts import clean_text
from .checks import UNDER_WAY, check
from .outlook import Outlook, outlook

PLANS, CONFIRMS = "manage_catalogue", ("manage_catalogue", "manage_people")
What, Outcome, State = HandoverStep.What, HandoverStep.Outcome, Handover.State


def may_confirm(by: User) -> bool:
    scope = scope_of(by)
    return all(scope.everywhere(codename) for codename in CONFIRMS)


def _check_may(by: User, *codenames: str) -> None:
    scope = scope_of(by)
    if not scope.everywhere(PLANS):
        raise DomainError(Code.NOT_FOUND)
    if not all(scope.everywhere(codename) for codename in codenames):
        raise DomainError(Code.DENIED)


def plan(
    *,
    kind: str,
    entity: Entity,
    target: Entity | None,
    by: User,
    people_move: bool = False,
    confidential_to_triage: bool = False,
    client: str = "",
    at: datetime | None = None,
) -> Handover:
    """Nothing changes: its lists can be read, by others too, and it is confirmed or taken back."""
    now = at or timezone.now()
    _check_may(by)
    if kind not in Handover.Kind.values:
        raise DomainError(Code.REQUIRED, field="kind")
    # Read anew: what lies below is told by the row, and a tree changes under whoever keeps one.
    fresh = Entity.objects.in_bulk([row.pk for row in (entity, target) if row is not None])
    handover = Handover(
        kind=kind,
        entity=fresh[entity.pk],
        target=fresh[target.pk] if target is not None else None,
        people_move=people_move and kind == Handover.Kind.MERGE,
        confidential_to_triage=confidential_to_triage and kind != Handover.Kind.MOVE,
        planned_by=by,
        planned_at=now,
    )
    check(handover)
    with transaction.atomic():
        handover.save()
        record(handover, "handover_planned", by, {}, client, now)
    return handover


def withdraw(pk: int, *, by: User, client: str = "", at: datetime | None = None) -> None:
    now = at or timezone.now()
    _check_may(by)
    with transaction.atomic():
        handover = _planned(pk)
        handover.state, handover.ended_at = State.WITHDRAWN, now
        handover.save(update_fields=["state", "ended_at"])
        record(handover, "handover_withdrawn", by, {}, client, now)


def confirm(
    pk: int, *, by: User, reason: str, seen: str, client: str = "", at: datetime | None = None
) -> Handover:
    """From this moment the entity is closed, or lies elsewhere. `seen`: the lists that were read
    (`Outlook.seen`); a `conflict` where they have changed since.
    """
    now = at or timezone.now()
    _check_may(by, *CONFIRMS)
    why = clean_text(reason, field="reason", minimum=3, maximum=1000)
    try:
        with transaction.atomic():
            handover = _planned(pk)
            # All of them, in one order: a tree is moved by one at a time, and no two hand over in a ring. Who
            # submits meanwhile need not wait for it.
            rows = {
                row.pk: row
                for row in Entity.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
            }
            handover.entity = rows[handover.entity_id]
            handover.target = rows[handover.target_id] if handover.target_id is not None else None
            check(handover)
            found = outlook(handover, at=now)
            if found.seen() != seen:
                raise Conflict(_("The lists have changed since you read them. Read them again."))
            if any(one.gains and one.person.pk == by.pk for one in found.changes):
                raise DomainError(Code.SECOND_PERSON)
            handover.reason, handover.confirmed_by, handover.confirmed_at = why, by, now
            handover.before = _before(found)
            if handover.is_move:
                _move(handover)
                handover.state, handover.ended_at = State.DONE, now
            else:
                handover.state = State.RUNNING
                _close(handover, found, by, client, now)
            handover.save()
            record(handover, "handover_confirmed", by, handover.before["counts"], client, now)
    except IntegrityError:
        message = _("Another handover of this entity, or to it, is still under way.")
        raise DomainError(Code.WRONG_STATE, message, field="entity") from None
    return handover


def resume(pk: int, *, by: User, client: str = "", at: datetime | None = None) -> None:
    """What failed is tried again, and what waits goes on at once, whoever was at it."""
    now = at or timezone.now()
    _check_may(by, *CONFIRMS)
    with transaction.atomic():
        handover = Handover.objects.select_for_update().filter(pk=pk).first()
        if handover is None:
            raise DomainError(Code.NOT_FOUND)
        if handover.state not in UNDER_WAY:
            raise DomainError(Code.WRONG_STATE, _("This handover is not under way."))
        again = handover.steps.filter(outcome=Outcome.FAILED).update(outcome=Outcome.WAITING, code="")
        handover.state, handover.lease_until, handover.worker = State.RUNNING, None, ""
        handover.save(update_fields=["state", "lease_until", "worker"])
        record(handover, "handover_resumed", by, {"count": again}, client, now)


def _planned(pk: int) -> Handover:
    handover = Handover.objects.select_for_update().filter(pk=pk).first()
    if handover is None:
        raise DomainError(Code.NOT_FOUND)
    if handover.state != State.PLANNED:
        raise DomainError(Code.WRONG_STATE, _("This handover was confirmed or taken back already."))
    return handover


def record(
    handover: Handover, code: str, by: User | None, data: dict[str, Any], client: str, at: datetime
) -> None:
    given: dict[str, Any] = {
        # Codes, which are the same in every language; the reader's page says them in words.
        "label": handover.entity.code,
        "kind": handover.kind,
        "reason": handover.reason,
    }
    given["target"] = handover.target.code if handover.target else ""
    subject = f"handover:{handover.pk}"
    audit.record(code, actor=by, subject=subject, data={**given, **data}, client=client, at=at)


def _before(found: Outlook) -> dict[str, Any]:
    """What stays readable of the lists once their rows have changed: counts, and people by id."""
    return {
        "counts": {
            "reports": found.open,
            "rules": len(found.rules),
            "memberships": len(found.memberships),
            "grants": len(found.grants),
        },
        "reports": [[one.state, one.person.pk if one.person else None, one.n] for one in found.reports],
        "refused": found.refused,
        "sent": found.sent,
        "about": found.about,
        "answered": found.answered,
        "places": [place.pk for place in found.places],
        "changes": [
            [one.person.pk, one.entity.pk, one.gains, sorted(one.codenames)] for one in found.changes
        ],
    }


def _move(handover: Handover) -> None:
    entity, parent = handover.entity, handover.target
    was = entity.get_parent()
    if parent is not None:
        entity.move(parent, "last-child")
    else:
        entity.move(Entity.get_last_root_node(), "last-sibling")
    handover.before = {**handover.before, "parent": was.pk if was else None}
    snapshot.renew()


def _close(handover: Handover, found: Outlook, by: User, client: str, at: datetime) -> None:
    entity, target = handover.entity, handover.successor
    entity.is_active, entity.continued_by = False, target
    entity.save(update_fields=["is_active", "continued_by"])
    # What it had taken over goes along, so that a chain is never longer than one.
    Entity.objects.filter(continued_by=entity).update(continued_by=target)
    target.jurisdiction.add(*found.places)
    steps = [*_rules(handover, found, by, client, at), *_memberships(handover, found, by, client, at)]
    for grant in found.grants:
        grant.valid_until = at
        grant.save(update_fields=["valid_until"])
        data = {"label": entity.code, "user": grant.user_id, "codename": grant.permission.codename}
        audit.record(
            "grant_ended",
            actor=by,
            subject=f"entityuserobjectpermission:{grant.pk}",
            data=data,
            client=client,
            at=at,
        )
        was = {"user": grant.user_id, "codename": grant.permission.codename}
        steps.append(_step(What.GRANT, grant.pk, was, Outcome.ENDED, at))
    for step in steps:
        step.handover = handover
    HandoverStep.objects.bulk_create(steps)


def _step(
    what: str, row: int, was: dict[str, Any], outcome: str, at: datetime, code: str = ""
) -> HandoverStep:
    return HandoverStep(what=what, row=row, was=was, outcome=outcome, at=at, code=code)


def _rules(handover: Handover, found: Outlook, by: User, client: str, at: datetime) -> Iterable[HandoverStep]:
    target = handover.successor
    for rule in found.rules:
        subject = rule.service or rule.category
        was = {"subject": subject.code if subject else "", "place": rule.place.code, "version": rule.version}
        rule.entity = target
        rule.save()
        changes = {"entity": [handover.entity.code, target.code]}
        data = {"label": f"{was['subject']} × {was['place']}", "changes": changes, "handover": handover.pk}
        subject_is = f"routingrule:{rule.pk}"
        audit.record("configuration_changed", actor=by, subject=subject_is, data=data, client=client, at=at)
        yield _step(What.RULE, rule.pk, was, Outcome.MOVED, at)


def _memberships(
    handover: Handover, found: Outlook, by: User, client: str, at: datetime
) -> Iterable[HandoverStep]:
    """Each ends now; where its people go along, they serve in the same role at the target from now on."""
    for row in found.memberships:
        was = {"person": row.person_id, "role": row.role}
        until, row.valid_until = row.valid_until, at
        row.save(update_fields=["valid_until"])
        _audit_membership("membership_revoked", row, by, handover, client, at)
        outcome, code = Outcome.ENDED, ""
        if handover.people_move:
            code = _moved(handover, row, until, by, client, at)
            outcome = Outcome.MOVED if not code else Outcome.ENDED
        yield _step(What.MEMBERSHIP, row.pk, was, outcome, at, code)


def _moved(
    handover: Handover, row: Membership, until: datetime | None, by: User, client: str, at: datetime
) -> str:
    """The code of why this person does not go along; empty where they do."""
    try:
        grants.check_proposal(by, row.person, row.role)
    except grants.Refused:
        return Code.SECOND_PERSON.value
    there = Membership.objects.valid(at).filter(
        person=row.person, role=row.role, entity=handover.target, valid_until=None
    )
    if there.exists() or not row.person.is_active:
        return ""
    new = Membership(
        person=row.person,
        role=row.role,
        entity=handover.target,
        valid_from=max(row.valid_from, at),
        valid_until=until,
        absent_from=row.absent_from,
        absent_until=row.absent_until,
        proposed_by=by,
    )
    new.save()
    _audit_membership("membership_granted", new, by, handover, client, at)
    return ""


def _audit_membership(
    code: str, row: Membership, by: User, handover: Handover, client: str, at: datetime
) -> None:
    where = row.entity.code if row.entity else ""
    data = {"label": f"{row.person} · {row.role} · {where}", "handover": handover.pk}
    audit.record(code, actor=by, subject=f"membership:{row.pk}", data=data, client=client, at=at)
