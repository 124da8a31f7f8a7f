"""The audit trail: read only, for who holds view_audit; subjects and details in words (`audit_words`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_filters
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.widgets import AdminDateInput
from wagtail.permissions import policy_registry

from cms.reports.models import Report
from permissions.models import AuditEvent, User

from .. import words
from ..access import actor_of_request, scope_of_request
from ..policies import READ
from .audit_words import LABELS, Words, label, model_of, subject_words
from .guarded import DeskIndexView, DeskViewSet, column


def who(event: AuditEvent) -> str:
    return event.actor.name if event.actor else event.actor_label


def pk_of(event: AuditEvent) -> int:
    pk = event.subject.partition(":")[2]
    return int(pk) if pk.isdigit() else 0


class AuditFilterSet(WagtailFilterSet):
    code = django_filters.ChoiceFilter(label=_("what"), choices=list(LABELS.items()))
    since = django_filters.DateFilter(
        label=_("from the day"), field_name="at", lookup_expr="date__gte", widget=AdminDateInput
    )
    until = django_filters.DateFilter(
        label=_("to the day"), field_name="at", lookup_expr="date__lte", widget=AdminDateInput
    )

    class Meta:
        model = AuditEvent
        fields: list[str] = []


class AuditIndexView(DeskIndexView):
    filterset_class = AuditFilterSet

    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("actor")

    def get_table(self, object_list: Iterable[AuditEvent]) -> Any:
        """Looks up what the rows of this page are about, at once."""
        rows = list(object_list)
        reports = {pk_of(row) for row in rows if row.subject.startswith("report:")}
        seen = Report.objects.visible_to(actor_of_request(self.request), scope_of_request(self.request))
        self.seen = set(seen.filter(pk__in=reports).values_list("pk", flat=True))
        self.reports = Report.objects.only("reference", "public_id").in_bulk(reports)
        ids: set[Any] = {pk_of(row) for row in rows if row.subject.startswith("user:")}
        ids |= {(row.data or {}).get(key) for row in rows for key in ("user", "proposed_by")}
        people = User.objects.filter(pk__in=[pk for pk in ids if isinstance(pk, int)])
        self.people = {person.pk: f"{person.name} ({person.get_username()})" for person in people}
        self.words = Words(self.people)
        return super().get_table(rows)

    def subject(self, event: AuditEvent) -> Any:
        """In words, with a link where one may see it.

        A report that one may not see has its reference alone: the trail says which one it was, and no more.
        """
        if not event.subject:
            return ""
        model, pk = model_of(event), pk_of(event)
        kind = subject_words(event)
        if model is Report:
            report = self.reports.get(pk)
            if report is None:
                return kind
            if pk not in self.seen:
                return format_html('{} <bdi dir="ltr">{}</bdi>', kind, report.reference)
            return format_html(
                '{} <a href="{}"><bdi dir="ltr">{}</bdi></a>',
                kind,
                reverse("desk:report", args=[report.public_id]),
                report.reference,
            )
        name = (
            self.people.get(pk, "")
            if model is User
            else self.words.plainly((event.data or {}).get("label", ""))
        )
        url = self._screen(model, pk)
        if url and name:
            return format_html('{}: <a href="{}"><bdi>{}</bdi></a>', kind, url, name)
        return format_html("{}: <bdi>{}</bdi>", kind, name) if name else kind

    def _screen(self, model: Any, pk: int) -> str:
        viewset = self.screens.get(model)
        if viewset is None or not pk or model is User:
            return ""
        allowed = policy_registry.get_by_type(model).user_has_permission(self.request.user, "change")
        return reverse(f"{viewset.name}:edit", args=[pk]) if allowed and "change" in viewset.actions else ""

    @cached_property
    def screens(self) -> dict[Any, Any]:
        from ..wagtail_hooks import GROUPS, SINGLE

        return {one.model: one for group in GROUPS for one in group.items} | {
            one.model: one for one in SINGLE
        }

    @cached_property
    def columns(self) -> list[Any]:
        return [
            column("at", _("at"), lambda event: words.moment(event.at, timezone.now())),
            column("code", _("what"), label),
            column("actor", _("who"), who),
            column("subject", _("about"), self.subject),
            column("data", _("details"), lambda event: self.words.details(event)),
            column("client", _("network address")),
        ]


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
    search_fields = ["code", "actor_label", "subject", "client"]
