"""Who gives a membership: nobody to themselves, and two people where the role needs a confirmation."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from permissions import audit
from permissions.models import User
from permissions.policy import scope_of
from permissions.roles import ROLES

from .models import Membership

CONFIRMS = "grant_access"


class Refused(Exception):
    """Why this person may not give this membership, in words for them."""

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


def check_confirmation(by: User, membership: Membership) -> None:
    if membership.confirmed_at is not None or not membership.needs_confirmation:
        raise Refused(gettext("This membership waits for no confirmation."))
    if membership.is_ended:
        raise Refused(gettext("This membership has ended."))
    if not scope_of(by).everywhere(CONFIRMS):
        raise Refused(gettext("You may not confirm this role."))
    if membership.person_id == by.pk:
        raise Refused(gettext("Nobody gives themselves a role. Ask another administrator."))
    if membership.proposed_by_id is None or membership.proposed_by_id == by.pk:
        raise Refused(gettext("Another administrator than the one who proposed it confirms it."))


def confirm(membership_id: int, *, by: User, client: str = "") -> Membership:
    """From this moment the membership holds. Raises `Refused`; then nothing changed."""
    with transaction.atomic():
        membership = Membership.objects.select_for_update().get(pk=membership_id)
        check_confirmation(by, membership)
        membership.confirmed_by = by
        membership.confirmed_at = timezone.now()
        membership.save(update_fields=["confirmed_by", "confirmed_at"])
        audit.record(
            "membership_confirmed",
            actor=by,
            subject=f"membership:{membership.pk}",
            data={"label": str(membership), "proposed_by": membership.proposed_by_id},
            client=client,
        )
    return membership
