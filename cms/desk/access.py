"""Who may open what in the desk. Asks codenames, never roles."""

from __future__ import annotations

from typing import Any

from cms.reports.actors import EntitySender, StaffActor
from cms.reports.models import Report
from permissions.clients import client_address
from permissions.policy import Scope, scope_for_request

# Who answers for who may see what.
OVERSEES = ("view_audit", "triage_reports")
SEES = ("view_reports", "view_assigned_reports")
WORKS = ("assign_reports", "handle_reports", "handle_assigned_reports", "reply_to_sender", "triage_reports")


def scope_of_request(request: Any) -> Scope:
    """The scope that let the user into the admin, where it was asked already; one query otherwise."""
    scope: Scope | None = getattr(request.user, "_sawt_backend_scope", None)
    return scope if scope is not None else scope_for_request(request)


def actor_of_request(request: Any) -> StaffActor:
    return StaffActor(request.user)


def sees_reports(scope: Scope) -> bool:
    return any(scope.anywhere(codename) for codename in SEES)


def oversees_access(scope: Scope, report: Report) -> bool:
    return any(scope.has(codename, report.entity_id) for codename in OVERSEES)


def works_on_reports(scope: Scope) -> bool:
    return any(scope.anywhere(codename) for codename in WORKS)


def client_of(request: Any) -> str:
    return client_address(request)[:64]


def sends_for_an_entity(scope: Scope) -> bool:
    return bool(scope.at("submit_on_behalf"))


def sender_of_request(request: Any) -> EntitySender:
    """The same person, as a sender of what their entity sent."""
    return EntitySender(request.user)
