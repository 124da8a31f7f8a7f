"""The sender as the desk shows them: masked, and in full for who gave a reason."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from cms.reports.facts import sender_is_reachable
from cms.reports.models import Report
from cms.reports.policies import may_view_sender
from permissions.policy import Scope

DOT = "•"


@dataclass(frozen=True)
class SenderCard:
    """`hidden`: this person may not see even the masked name and number. `entity`: one sent it, which is no
    secret to who sees its report.
    """

    hidden: bool
    anonymous: bool
    reachable: bool
    name: str = ""
    phone: str = ""
    email: str = ""
    verified: bool = False
    category: str = ""
    contact: str = ""
    revealed: bool = False
    entity: str = ""


def masked_name(name: str) -> str:
    """`محمد العنزي` → `م•••• ا••••`: as many dots for every word, so that its length tells nothing."""
    return " ".join(word[0] + DOT * 4 for word in name.split())


def masked_phone(phone: str) -> str:
    """`+966550000018` → `05•• ••• •18`; other countries keep their code and the last two digits."""
    if phone.startswith("+966") and len(phone) == 13:
        return f"05{DOT * 2} {DOT * 3} {DOT}{phone[-2:]}"
    return f"{phone[:4]} {DOT * 5} {phone[-2:]}" if phone else ""


def masked_email(email: str) -> str:
    local, _, domain = email.partition("@")
    return f"{local[:1]}{DOT * 3}@{domain}" if domain else ""


def sender_card(report: Report, scope: Scope, *, revealed: bool = False) -> SenderCard:
    """`revealed`: a reason was given, and stands in the audit trail."""
    if report.sender_entity is not None:
        name = report.sender_entity.name
        return SenderCard(hidden=False, anonymous=False, reachable=True, entity=name)
    sender = report.sender
    anonymous = sender is None
    reachable = sender_is_reachable(report)
    if sender is None or not may_view_sender(scope, report):
        return SenderCard(hidden=not anonymous, anonymous=anonymous, reachable=reachable)
    contact = report.get_contact_preference_display() if report.contact_preference else ""
    if contact and report.contact_hours:
        contact = gettext("%(preference)s: %(hours)s") % {
            "preference": contact,
            "hours": report.contact_hours,
        }
    return SenderCard(
        hidden=False,
        anonymous=False,
        reachable=reachable,
        name=sender.name if revealed else masked_name(sender.name),
        phone=sender.phone if revealed else masked_phone(sender.phone),
        email=sender.email if revealed else masked_email(sender.email),
        verified=sender.is_reachable,
        category=sender.get_category_display() if sender.category else "",
        contact=contact,
        revealed=revealed,
    )
