"""The audit trail: read only, for who holds view_audit; subjects and details in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_filters
from django.apps import apps
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.widgets import AdminDateInput
from wagtail.permissions import policy_registry

from cms.entities.models import Handover, HandoverStep
from cms.notifications.titles import event_title
from cms.reports.models import Erasure, Report
from cms.reports.reach import CODENAMES
from permissions.models import AuditEvent, User

from .. import words
from ..access import actor_of_request, scope_of_request
from ..policies import READ
from ..sheets.workbooks import workbooks
from .guarded import DeskIndexView, DeskViewSet, column

LABELS = {
    "sign_in": _("Signed in"),
    "sign_in_failed": _("Failed to sign in"),
    "second_factor_added": _("Set up a second factor"),
    "second_factor_removed": _("Gave a second factor up"),
    "second_factor_renewed": _("Made new recovery codes"),
    "second_factor_failed": _("Failed at the second factor"),
    "second_factor_taken": _("Took somebody's second factor away"),
    "sign_out": _("Signed out"),
    "confidential_view": _("Opened a confidential report"),
    "confidential_file": _("Opened a file of a confidential report"),
    "sender_revealed": _("Had a sender's identity shown"),
    "caller_confirmed": _("Confirmed a caller by a code and read out where their reports stand"),
    "configuration_changed": _("Changed the configuration"),
    "table_exported": _("Exported a table"),
    "search_exported": _("Downloaded a file of reports found"),
    "table_imported": _("Imported a table"),
    "person_changed": _("Changed a person"),
    "membership_granted": _("Granted a membership"),
    "membership_proposed": _("Proposed a membership"),
    "membership_confirmed": _("Confirmed a membership"),
    "membership_changed": _("Changed a membership"),
    "membership_revoked": _("Ended a membership"),
    "grant_proposed": _("Proposed a personal grant"),
    "grant_confirmed": _("Confirmed a personal grant"),
    "grant_given": _("Named a person for an entity"),
    "grant_changed": _("Changed a personal grant"),
    "grant_ended": _("Ended a personal grant"),
    "privacy_proposed": _("Proposed weaker privacy of a service"),
    "privacy_confirmed": _("Confirmed weaker privacy of a service"),
    "privacy_withdrawn": _("Took back the proposal of weaker privacy"),
    "handover_planned": _("Planned an entity's handover"),
    "handover_withdrawn": _("Took back the plan of an entity's handover"),
    "handover_confirmed": _("Confirmed an entity's handover"),
    "handover_resumed": _("Let an entity's handover go on"),
    "handover_stopped": _("An entity's handover stopped"),
    "handover_done": _("An entity's handover was done"),
    "postponement_planned": _("Planned to apply days off to open promises"),
    "postponement_withdrawn": _("Took back the plan of days off for open promises"),
    "postponement_confirmed": _("Applied days off to open promises"),
    "postponement_resumed": _("Let days off for open promises go on"),
    "postponement_stopped": _("Days off for open promises stopped"),
    "postponement_done": _("Days off were applied to all open promises"),
    "erasure_proposed": _("Proposed to erase a report"),
    "erasure_withdrawn": _("Took back the proposal to erase a report"),
    "report_erased": _("Erased a report"),
    "legal_hold_placed": _("Placed a legal hold on a report"),
    "legal_hold_lifted": _("Lifted a legal hold"),
    "messages_retried": _("Had failed messages tried again"),
    "webhook_secret_made": _("Made a webhook's secret"),
    "webhook_replayed": _("Sent events to a webhook again"),
    "gateway_closed": _("Had a resting gateway asked again"),
    "ladder_made": _("Wrote a ladder of escalation"),
    "ladder_changed": _("Changed a ladder of escalation"),
    "ladder_deleted": _("Deleted a ladder of escalation"),
    "nobody_to_tell": _("Nobody was there to be told"),
}
WHAT = {"added": _("added"), "changed": _("changed"), "deleted": _("deleted")}
# What the data of an event calls something, in words.
KEYS = {
    "what": _("what"),
    "steps": _("steps"),
    "user": _("account"),
    "proposed_by": _("proposed by"),
    "reason": _("reason"),
    "count": _("how many"),
    "rows": _("rows"),
    "table": _("table"),
    "file": _("file"),
    "of": _("about"),
    "ground": _("ground"),
    "until": _("until"),
    "kind": _("what happens"),
    "codename": _("what it gave"),
    "target": _("to"),
    "reports": _("open reports"),
    "rules": _("routing rules"),
    "memberships": _("memberships"),
    "grants": _("personal grants"),
    "handover": _("handover"),
    **{outcome.value: outcome.label for outcome in HandoverStep.Outcome},
}
# How a form's values are kept, in words.
PLAIN = {"": "–", "None": "–", None: "–", "True": _("Yes"), "False": _("No")}
# Where a model's rows are kept, if it is a screen of ours; the rest is told without a link.
APPS = ("entities", "reports", "notifications", "gateways", "permissions", "content")


def label(event: AuditEvent) -> str:
    return str(LABELS.get(event.code, event.code))


def who(event: AuditEvent) -> str:
    return event.actor.name if event.actor else event.actor_label


def model_of(event: AuditEvent) -> Any:
    """The model that the subject names, where there is one."""
    name = event.subject.partition(":")[0]
    for app in APPS:
        try:
            return apps.get_model(app, name)
        except LookupError:
            continue
    return None


def pk_of(event: AuditEvent) -> int:
    pk = event.subject.partition(":")[2]
    return int(pk) if pk.isdigit() else 0


def details(event: AuditEvent, people: dict[int, str]) -> Any:
    """One line for each thing the event says, with its label."""
    lines = []
    for key, value in (event.data or {}).items():
        if key == "changes" and isinstance(value, dict):
            lines += [(_field_label(event, name), _change(pair)) for name, pair in value.items()]
        elif key != "label" and value not in (None, ""):
            lines.append((KEYS.get(key, key), _value(key, value, people)))
    return format_html_join("", '<div><b>{}:</b> <bdi dir="auto">{}</bdi></div>', lines)


def _value(key: str, value: Any, people: dict[int, str]) -> Any:
    if key == "ground":
        return dict(Erasure.Ground.choices).get(value, value)
    if key in ("user", "proposed_by"):
        return people.get(value, value)
    if key == "of":
        return event_title(str(value))
    if key == "table" and value in workbooks():
        return workbooks()[value].title
    if key == "kind":
        return dict(Handover.Kind.choices).get(value, value)
    if key == "codename":
        return CODENAMES.get(value, value)
    return WHAT.get(value, value) if isinstance(value, str) else value


def _field_label(event: AuditEvent, name: str) -> str:
    model = model_of(event)
    try:
        return str(model._meta.get_field(name).verbose_name)
    except Exception:  # a field that is no longer there, or one of the form alone
        return gettext("password") if "password" in name else name


def _change(pair: Any) -> Any:
    if not isinstance(pair, list) or len(pair) != 2:
        return pair
    before, after = (str(PLAIN.get(part, part)) for part in pair)
    return format_html("<bdi>{}</bdi> ⇐ <bdi>{}</bdi>", after, before)


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
        return super().get_table(rows)

    def subject(self, event: AuditEvent) -> Any:
        """In words, with a link where one may see it.

        A report that one may not see has its reference alone: the trail says which one it was, and no more.
        """
        if not event.subject:
            return ""
        model, pk = model_of(event), pk_of(event)
        kind = capfirst(model._meta.verbose_name) if model else event.subject.partition(":")[0]
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
        name = self.people.get(pk, "") if model is User else (event.data or {}).get("label", "")
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
            column("data", _("details"), lambda event: details(event, self.people)),
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
