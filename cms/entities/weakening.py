"""A confidential service never loses privacy by one person: one proposes it, another one confirms it.

Else whoever keeps the catalogue would open the next victim's report to everybody who works on ordinary ones.
Reports that were sent keep the privacy that was promised to them, whatever becomes of their service.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from permissions import audit
from permissions.models import User
from permissions.policy import scope_of

from .grants import CONFIRMS, Refused
from .models import PrivacyProposal, Service
from .models.catalogue import Privacy

KEEPS = "manage_catalogue"
# Field → (what it is, what would be weaker).
WEAKER: dict[str, tuple[Any, Any]] = {
    "privacy": (Privacy.CONFIDENTIAL.value, Privacy.NORMAL.value),
    "allows_anonymous": (True, False),
    "requires_national_id": (False, True),
}
State = PrivacyProposal.State


def weakened(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What of the change makes a confidential service less so, as field → value."""
    if before.get("privacy") != Privacy.CONFIDENTIAL:
        return {}
    return {
        name: weaker
        for name, (kept, weaker) in WEAKER.items()
        if before.get(name) == kept and after.get(name, kept) == weaker
    }


def waiting(service: Service) -> PrivacyProposal | None:
    rows = PrivacyProposal.objects.filter(service=service, state=State.WAITING)
    return rows.select_related("proposed_by").first()


def propose(
    service: Service, changes: Mapping[str, Any], *, by: User, reason: str, client: str = ""
) -> PrivacyProposal:
    """Nothing changes yet. Raises `Refused`."""
    if not scope_of(by).everywhere(KEEPS):
        raise Refused(gettext("You may not propose this."))
    try:
        with transaction.atomic():
            proposal = PrivacyProposal.objects.create(
                service=service, changes=dict(changes), reason=reason, proposed_by=by
            )
            _record("privacy_proposed", proposal, by, client)
    except IntegrityError:
        raise Refused(gettext("A proposal for this service waits already: it comes first.")) from None
    return proposal


def check_confirmation(by: User, proposal: PrivacyProposal) -> None:
    if not proposal.is_pending:
        raise Refused(gettext("This was confirmed or taken back already."))
    if not scope_of(by).everywhere(CONFIRMS):
        raise Refused(gettext("You may not confirm this."))
    if proposal.proposed_by_id == by.pk:
        raise Refused(gettext("Another administrator than the one who proposed it confirms it."))
    service = proposal.service
    if weakened(vars(service), proposal.changes) != proposal.changes:
        raise Refused(gettext("The service has changed since: take this back, and propose it anew."))


def confirm(proposal_id: int, *, by: User, client: str = "") -> PrivacyProposal:
    """From this moment new reports of the service have what was proposed. Raises `Refused`."""
    with transaction.atomic():
        proposal = _locked(proposal_id)
        check_confirmation(by, proposal)
        service = proposal.service
        for name, value in proposal.changes.items():
            setattr(service, name, value)
        try:
            service.clean()
        except ValidationError as error:
            raise Refused(error.messages[0]) from None
        service.save(update_fields=list(proposal.changes))
        _end(proposal, State.CONFIRMED, by)
        _record("privacy_confirmed", proposal, by, client, proposed_by=proposal.proposed_by_id)
    return proposal


def withdraw(proposal_id: int, *, by: User, client: str = "") -> PrivacyProposal:
    """By whoever keeps the catalogue: what is taken back leaves the service as safe as it is."""
    with transaction.atomic():
        proposal = _locked(proposal_id)
        if not proposal.is_pending:
            raise Refused(gettext("This was confirmed or taken back already."))
        if not scope_of(by).everywhere(KEEPS):
            raise Refused(gettext("You may not take this back."))
        _end(proposal, State.WITHDRAWN, by)
        _record("privacy_withdrawn", proposal, by, client, proposed_by=proposal.proposed_by_id)
    return proposal


def _locked(pk: int) -> PrivacyProposal:
    proposal = PrivacyProposal.objects.select_for_update().get(pk=pk)
    proposal.service = Service.objects.select_for_update().get(pk=proposal.service_id)
    return proposal


def _end(proposal: PrivacyProposal, state: str, by: User) -> None:
    proposal.state, proposal.ended_by, proposal.ended_at = state, by, timezone.now()
    proposal.save(update_fields=["state", "ended_by", "ended_at"])


def _record(code: str, proposal: PrivacyProposal, by: User, client: str, **more: Any) -> None:
    audit.record(
        code,
        actor=by,
        subject=f"service:{proposal.service_id}",
        data={
            "label": proposal.service.code,
            "reason": proposal.reason,
            "changes": {name: [str(WEAKER[name][0]), str(to)] for name, to in proposal.changes.items()},
            **more,
        },
        client=client,
    )
