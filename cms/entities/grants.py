"""Who gives a membership or a personal grant: nobody to themselves, and two people where it takes two."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from permissions import audit
from permissions.models import User
from permissions.policy import scope_of
from permissions.roles import BREAKS_GLASS, GRANTED_BY_NAME, PROPOSED_BY_NAME, ROLES

from .models import Entity, EntityUserObjectPermission, Membership

CONFIRMS = "grant_access"
# What one proposes and another confirms.
Proposed = Membership | EntityUserObjectPermission


class Refused(Exception):
    """Why this person may not give this membership or this grant, in words for them."""

    @property
    def message(self) -> str:
        return str(self.args[0])


def check_proposal(by: User, person: User, role_code: str) -> None:
    """Whether `by` may give `person` the role, or propose it."""
    if person.pk == by.pk:
        raise Refused(gettext("Nobody gives themselves a role. Ask another administrator."))
    if ROLES[role_code].needs_confirmation and not scope_of(by).everywhere(CONFIRMS):
        raise Refused(gettext("You may not propose this role."))


def check_end(by: User, membership: Membership, before: object, after: object) -> None:
    """A later end is a new grant: of such a role it is proposed anew, and one's own is not one's to give."""
    later = before is not None and (after is None or after > before)  # type: ignore[operator]
    if not later:
        return
    if membership.person_id == by.pk:
        raise Refused(gettext("Nobody gives themselves a role. Ask another administrator."))
    if membership.needs_confirmation:
        raise Refused(gettext("This role is confirmed by two people: propose a new membership instead."))


def check_confirmation(by: User, row: Proposed) -> None:
    person, proposer = _whose(row)
    if row.confirmed_at is not None or not row.needs_confirmation:
        raise Refused(gettext("This waits for no confirmation."))
    if row.is_ended:
        raise Refused(gettext("This has ended: propose it anew."))
    if not scope_of(by).everywhere(CONFIRMS):
        raise Refused(gettext("You may not confirm this."))
    if person == by.pk:
        raise Refused(gettext("Nobody gives themselves a right. Ask another administrator."))
    if proposer is None or proposer == by.pk:
        raise Refused(gettext("Another administrator than the one who proposed it confirms it."))


def _whose(row: Proposed) -> tuple[int, int | None]:
    """Whom it is given to, and who proposed it."""
    if isinstance(row, Membership):
        return row.person_id, row.proposed_by_id
    return row.user_id, row.granted_by_id


def confirm(row: Proposed, *, by: User, client: str = "") -> Proposed:
    """From this moment it holds. Raises `Refused`; then nothing changed."""
    with transaction.atomic():
        held: Proposed = type(row)._default_manager.select_for_update().get(pk=row.pk)
        check_confirmation(by, held)
        held.confirmed_by = by
        held.confirmed_at = timezone.now()
        held.save(update_fields=["confirmed_by", "confirmed_at"])
        audit.record(
            f"{'membership' if isinstance(held, Membership) else 'grant'}_confirmed",
            actor=by,
            subject=f"{held._meta.model_name}:{held.pk}",
            data={"label": str(held), "proposed_by": _whose(held)[1]},
            client=client,
        )
    return held


def check_grant(by: User, person: User, codename: str, entity: Entity) -> EntityUserObjectPermission | None:
    """Whether `by` may name `person` for it there, or propose it; gives the ended grant that it renews."""
    if codename not in GRANTED_BY_NAME | PROPOSED_BY_NAME:
        raise Refused(gettext("This is not given to single people."))
    if codename in PROPOSED_BY_NAME and not scope_of(by).everywhere(CONFIRMS):
        raise Refused(gettext("You may not propose this."))
    if person.pk == by.pk:
        raise Refused(gettext("Nobody gives themselves a right. Ask another administrator."))
    if not person.is_active:
        raise Refused(gettext("This account is closed."))
    # Whoever breaks the glass serves elsewhere.
    if codename != BREAKS_GLASS and not _serves(person, entity):
        raise Refused(gettext("Only who serves this entity, or one above it, is named for it."))
    before = EntityUserObjectPermission.objects.filter(
        user=person, permission__codename=codename, content_object=entity
    ).first()
    if before is not None and not before.is_ended:
        raise Refused(gettext("This person is named for it already: change that grant."))
    if entity.pk in scope_of(person).at(codename):
        raise Refused(gettext("This person may do so there already, by a role."))
    return before


def _serves(person: User, entity: Entity) -> bool:
    above = [entity.path[:end] for end in range(Entity.steplen, len(entity.path) + 1, Entity.steplen)]
    return Membership.objects.valid().filter(entity__path__in=above, person=person).exists()


def check_grant_end(by: User, grant: EntityUserObjectPermission, after: object) -> None:
    """Sooner is always allowed; a later end is a new grant, which nobody gives themselves."""
    before = grant.valid_until
    if before is None or (after is not None and after <= before):  # type: ignore[operator]
        return
    if grant.user_id == by.pk:
        raise Refused(gettext("Nobody gives themselves a right. Ask another administrator."))
    if grant.needs_confirmation:
        raise Refused(gettext("This is confirmed by two people: let it end, and propose it anew."))
    if grant.is_ended:
        raise Refused(gettext("It has ended. Name the person anew."))


def without_service(person: User) -> list[EntityUserObjectPermission]:
    """What a person is still named for at entities that no valid membership of theirs reaches."""
    rows = EntityUserObjectPermission.objects.filter(user=person).exclude(permission__codename=BREAKS_GLASS)
    found = rows.select_related("content_object")
    return [row for row in found if not row.is_ended and not _serves(person, row.content_object)]
