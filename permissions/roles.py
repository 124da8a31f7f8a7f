"""Roles as data: each is a set of codenames. Code checks codenames, never a role's name.

Source: domain.md, 'Who may do what'. Entity codenames are object permissions on an `Entity` row and hold on
its children; region codenames hold for every entity and for reports that have none yet.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Codenames that can be held on one Entity (they are Meta.permissions of that model).
ENTITY_CODENAMES: dict[str, Promise] = {
    "view_reports": _("See the entity's reports"),
    "view_assigned_reports": _("See the reports assigned to them"),
    "view_sender": _("See the sender's identity and contact"),
    "assign_reports": _("Assign reports, set priority, place and service"),
    "handle_reports": _("Work on any report of the entity"),
    "handle_assigned_reports": _("Work on the reports assigned to them"),
    "reply_to_sender": _("Send the official reply"),
    "return_reports": _("Return reports to triage"),
    "reject_reports": _("Reject reports"),
    "triage_reports": _("Route and transfer reports"),
    "direct_reports": _("Write directives"),
    "view_confidential": _("See confidential reports"),
    "submit_on_behalf": _("Submit on the entity's behalf"),
    "view_statistics": _("See statistics"),
    "manage_projects": _("Keep the entity's projects"),
    "view_audit": _("See the audit trail"),
}

# Region-wide only, outside the table (also Meta.permissions of Entity, so that one content type holds all).
REGION_CODENAMES: dict[str, Promise] = {
    "take_reports": _("Enter reports for callers and visitors"),
    "manage_catalogue": _("Manage the catalogue, places, routing and templates"),
    "manage_calendars": _("Manage working calendars"),
    "manage_people": _("Manage people and memberships"),
    "manage_configuration": _("Manage the configuration"),
    "grant_access": _("Propose and confirm access to confidential reports"),
    "erase_reports": _("Erase reports"),
}


CODENAMES: dict[str, Promise] = ENTITY_CODENAMES | REGION_CODENAMES

# What is given to single people beside their role, by one administrator: domain.md's "if granted".
GRANTED_BY_NAME = frozenset({"submit_on_behalf"})
# What one proposes and another confirms: to read confidential reports; breaking the glass, which has an end.
PROPOSED_BY_NAME = frozenset({"view_confidential", "view_reports"})
BREAKS_GLASS = "view_reports"

# What one person alone gives to nobody, or they would read confidential reports, or make somebody who does.
TWO_PEOPLE = frozenset({"view_confidential", "grant_access"})


@dataclass(frozen=True)
class Role:
    """A named set of codenames. `region` roles are memberships without an entity."""

    code: str
    label: Promise
    codenames: frozenset[str]
    region: bool = False

    @property
    def needs_confirmation(self) -> bool:
        """One proposes a membership in it, and it holds nothing until another one confirms it."""
        return bool(self.codenames & TWO_PEOPLE)


def _role(code: str, label: Promise, codenames: str, *, region: bool = False) -> Role:
    return Role(code, label, frozenset(codenames.split()), region)


COORDINATOR = "coordinator"
SPECIALIST = "specialist"
LEADER = "leader"
SUPERVISOR = "supervisor"

ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        _role(
            COORDINATOR,
            _("Coordinator"),
            "view_reports view_sender assign_reports handle_reports reply_to_sender return_reports "
            "reject_reports submit_on_behalf view_statistics",
        ),
        _role(SPECIALIST, _("Specialist"), "view_assigned_reports view_sender handle_assigned_reports"),
        _role(LEADER, _("Entity leader"), "view_reports direct_reports submit_on_behalf view_statistics"),
        _role(
            SUPERVISOR,
            _("Supervisor"),
            "view_reports view_sender assign_reports handle_reports reply_to_sender return_reports "
            "reject_reports triage_reports view_statistics manage_projects manage_catalogue manage_calendars",
            region=True,
        ),
        _role("emirate", _("Emirate leader"), "view_reports direct_reports view_statistics", region=True),
        _role("auditor", _("Auditor"), "view_reports view_statistics view_audit", region=True),
        _role("agent", _("Contact-centre agent"), "take_reports", region=True),
        _role("editor", _("Editor"), "", region=True),
        _role(
            "admin",
            _("Administrator"),
            "manage_catalogue manage_calendars manage_people manage_configuration grant_access erase_reports",
            region=True,
        ),
        _role(
            "triage-confidential",
            _("Confidential triage"),
            "view_reports view_sender assign_reports handle_reports reply_to_sender return_reports "
            "reject_reports triage_reports view_confidential",
            region=True,
        ),
    )
}

NEED_CONFIRMATION = frozenset(role.code for role in ROLES.values() if role.needs_confirmation)

# An entity's settings add these to its specialists' group; code never reads the setting when it decides.
SPECIALISTS_SEE_ALL = "view_reports"
SPECIALISTS_REPLY = "reply_to_sender"
