"""The first thing an administrator sees: what waits for them, or an honest sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from wagtail.admin.ui.components import Component

from cms.entities.models import (
    Entity,
    EntityUserObjectPermission,
    Membership,
    PrivacyProposal,
    RoutingRule,
    Service,
)
from cms.notifications.models import SentMessage
from cms.outbox.models import Effect
from cms.reports import erasing
from permissions.policy import Scope
from permissions.roles import COORDINATOR

from . import words

# A membership that ends this soon is told, so that nobody is locked out by surprise.
ENDS_WITHIN = timedelta(days=30)
# As many rows of a card as one reads at a glance.
SHOWN = 8


@dataclass(frozen=True)
class Row:
    text: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Card:
    """What waits of one kind: how many, the first ones, and the list that holds them all."""

    code: str
    title: str
    count: int
    url: str
    rows: list[Row]


def _failed() -> Card:
    found = SentMessage.objects.filter(state=SentMessage.State.FAILED).order_by("-id")
    url = reverse("outbox:index") + "?state=failed"
    rows = [
        Row(
            row.get_channel_display(),
            url,
            f"{words.moment(row.created_at, timezone.now())} · {row.error[:90]}",
        )
        for row in found[:SHOWN]
    ]
    return Card("failed", gettext("Messages that failed"), found.count(), url, rows)


def _given_up() -> Card:
    found = Effect.objects.filter(state=Effect.State.FAILED).order_by("-id")
    url = reverse("pending:index") + "?state=failed"
    rows = [
        Row(words.moment(row.created_at, timezone.now()), url, f"{row.kind} · {row.last_error[:90]}")
        for row in found[:SHOWN]
    ]
    return Card("given_up", gettext("Work that was given up"), found.count(), url, rows)


def _memberships(code: str, title: str, found: Any, view: str) -> Card:
    rows = [
        Row(str(row), reverse(f"memberships:{view}", args=[row.pk]))
        for row in found.select_related("person", "entity")[:SHOWN]
    ]
    return Card(code, title, found.count(), reverse("memberships:index"), rows)


def _unconfirmed() -> Card:
    found = Membership.objects.awaiting_confirmation().order_by("pk")
    return _memberships("unconfirmed", gettext("Memberships that wait for a confirmation"), found, "confirm")


def _unconfirmed_grants() -> Card:
    found = EntityUserObjectPermission.objects.awaiting_confirmation().order_by("pk")
    rows = [
        Row(str(row), reverse("grants:confirm", args=[row.pk]))
        for row in found.select_related("user", "permission", "content_object")[:SHOWN]
    ]
    title = gettext("Personal grants that wait for a confirmation")
    return Card("unconfirmed_grants", title, found.count(), reverse("grants:index"), rows)


def _weaker() -> Card:
    found = PrivacyProposal.objects.filter(state=PrivacyProposal.State.WAITING).order_by("pk")
    rows = [
        Row(row.service.name, reverse("services:confirm", args=[row.pk]), row.proposed_by.name)
        for row in found.select_related("service", "proposed_by")[:SHOWN]
    ]
    title = gettext("Confidential services that shall lose privacy")
    return Card("weaker", title, found.count(), reverse("services:index"), rows)


def _ending() -> Card:
    now = timezone.now()
    found = Membership.objects.valid(now).filter(valid_until__lte=now + ENDS_WITHIN).order_by("valid_until")
    return _memberships("ending", gettext("Memberships that end within 30 days"), found, "edit")


def _erasures() -> Card:
    found = list(erasing.waiting())
    url = reverse("desk:erasing")
    rows = [Row(row.report.reference, url, row.proposed_by.name) for row in found[:SHOWN]]
    return Card("erasures", gettext("Erasures that wait for a second person"), len(found), url, rows)


def _headless() -> Card:
    there = Membership.objects.valid().filter(entity=OuterRef("pk"), role=COORDINATOR, person__is_active=True)
    found = Entity.objects.filter(~Exists(there), is_active=True).order_by("path")
    rows = [Row(entity.name, reverse("entities:edit", args=[entity.pk])) for entity in found[:SHOWN]]
    return Card(
        "headless", gettext("Entities without a coordinator"), found.count(), reverse("entities:index"), rows
    )


def _unrouted() -> Card:
    """A service whose reports find no entity by any rule, and which is not meant for triage."""
    rule = RoutingRule.objects.filter(
        Q(service=OuterRef("pk"))
        | Q(service=None, category=OuterRef("category"))
        | Q(service=None, category=OuterRef("category__parent"))
    )
    found = Service.objects.filter(~Exists(rule), is_active=True, goes_to_triage=False).order_by("code")
    rows = [Row(service.name, reverse("services:edit", args=[service.pk])) for service in found[:SHOWN]]
    return Card(
        "unrouted", gettext("Services without a routing rule"), found.count(), reverse("routing:index"), rows
    )


class KeeperPanel(Component):
    """For who keeps people and configuration: what is broken or about to be."""

    name = "keeper"
    order = 20
    template_name = "desk/keeper_panel.html"

    def __init__(self, request: Any, scope: Scope) -> None:
        self.request = request
        self.scope = scope

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        cards = []
        if self.scope.everywhere("manage_configuration"):
            cards += [_failed(), _given_up()]
        if self.scope.everywhere("manage_people"):
            cards += [_unconfirmed(), _unconfirmed_grants(), _ending()]
        if self.scope.everywhere("grant_access"):
            cards.append(_weaker())
        if self.scope.everywhere("erase_reports"):
            cards.append(_erasures())
        if self.scope.everywhere("manage_catalogue"):
            cards += [_headless(), _unrouted()]
        return {"user": self.request.user, "cards": cards, "quiet": not any(card.count for card in cards)}
