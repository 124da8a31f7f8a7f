"""The audit trail: read only, for who holds view_audit."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from permissions.models import AuditEvent

from .. import words
from ..policies import READ
from .guarded import DeskIndexView, DeskViewSet, column

LABELS = {
    "sign_in": _("Signed in"),
    "sign_in_failed": _("Failed to sign in"),
    "sign_out": _("Signed out"),
    "confidential_view": _("Opened a confidential report"),
    "configuration_changed": _("Changed the configuration"),
    "person_changed": _("Changed a person"),
    "membership_granted": _("Granted a membership"),
    "membership_proposed": _("Proposed a membership"),
    "membership_confirmed": _("Confirmed a membership"),
    "membership_changed": _("Changed a membership"),
    "membership_revoked": _("Ended a membership"),
}


def label(event: AuditEvent) -> str:
    return str(LABELS.get(event.code, event.code))


def who(event: AuditEvent) -> str:
    return event.actor.name if event.actor else event.actor_label


def details(event: AuditEvent) -> str:
    return json.dumps(event.data, ensure_ascii=False)[:300] if event.data else ""


class AuditIndexView(DeskIndexView):
    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("actor")


class AuditViewSet(DeskViewSet):
    model = AuditEvent
    codename = "view_audit"
    actions = READ
    name = "audit"
    icon = "lock"
    menu_label = _("Audit trail")
    menu_order = 26
    add_to_admin_menu = True
    index_view_class = AuditIndexView
    list_per_page = 100
    list_display: list[Any] = [
        column("at", _("at"), lambda event: words.moment(event.at, timezone.now())),
        column("code", _("what"), label),
        column("actor", _("who"), who),
        column("subject", _("about")),
        column("data", _("details"), details),
        column("client", _("address")),
    ]
    search_fields = ["code", "actor_label", "subject", "client"]
    list_filter = {"code": ["exact"], "at": ["gte", "lte"]}
