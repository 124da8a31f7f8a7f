"""What the audit trail keeps as codes, in the reader's words.

It is written once and read in two languages. What people typed is shown as typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db.models import CharField
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from cms.content.dates import gregorian
from cms.entities.models import EscalationStep, Handover, HandoverStep
from cms.entities.snapshot import catalogue
from cms.notifications.models import Audience
from cms.notifications.titles import event_title
from cms.reports.models import Erasure, PostponementStep, Reason
from cms.reports.reach import CODENAMES
from permissions.models import AuditEvent
from permissions.roles import ROLES

from ..failing.wording import kind_title, why
from ..ladders.picture import when
from ..sheets.workbooks import workbooks

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
    "kinds": _("which"),
    "text": _("explanation"),
    "audience": _("to whom"),
    "entity": _("entity"),
    "first": _("first day"),
    "last": _("last day"),
    "format": _("format"),
    "query": _("search"),
    "parent": _("parent"),
    "groups": _("groups of page editors"),
    "url": _("web address"),
    "events": _("events"),
    "begins": _("begins"),
    "ends": _("ends"),
    "place": _("place"),
    "privacy_reason": _("reason"),
    "handover": _("handover"),
    **{outcome.value: outcome.label for outcome in (*PostponementStep.Outcome, *HandoverStep.Outcome)},
}
# How a form's values are kept, in words.
PLAIN = {"": "–", "None": "–", None: "–", "True": _("Yes"), "False": _("No")}
# The product's own words for what allauth calls otherwise.
FACTORS = {
    Authenticator.Type.TOTP.value: _("Authenticator app"),
    Authenticator.Type.WEBAUTHN.value: _("Passkey or security key"),
    Authenticator.Type.RECOVERY_CODES.value: _("Recovery codes"),
}
# Subjects that are no model's name.
SUBJECTS = {"ladder": _("ladder of escalation"), "gateway": _("SMS gateway")}
# What stands between the parts of a label.
BETWEEN = re.compile(r"( · | × )")
# Where a model's rows are kept, if it is a screen of ours; the rest is told without a link.
APPS = ("entities", "reports", "notifications", "gateways", "permissions", "content", "search")


def label(event: AuditEvent) -> str:
    return str(LABELS.get(event.code, event.code))


def model_of(event: AuditEvent) -> Any:
    """The model that the subject names, where there is one."""
    name = event.subject.partition(":")[0]
    for app in APPS:
        try:
            return apps.get_model(app, name)
        except LookupError:
            continue
    return None


def subject_words(event: AuditEvent) -> str:
    """What kind of thing it is about."""
    model, name = model_of(event), event.subject.partition(":")[0]
    return str(capfirst(model._meta.verbose_name if model else SUBJECTS.get(name, name)))


class Words:
    """The details of one page's events. `people`: id → how a person is called."""

    def __init__(self, people: Mapping[int, str]) -> None:
        self.people = people
        self.known = catalogue()

    def plainly(self, written: Any) -> str:
        """Codes of entities, services, places and roles by their names; anything else as it is."""
        return "".join(self._named(part) for part in BETWEEN.split(str(written)))

    def _named(self, part: str) -> str:
        if part in ROLES:
            return str(ROLES[part].label)
        found = self.known.entity(part) or self.known.service(part) or self.known.place(part)
        return str(found.name) if found else part

    @cached_property
    def _reasons(self) -> dict[str, str]:
        """Why a sender's identity was shown."""
        return {row.code: row.label for row in Reason.objects.filter(used_for="reveal")}

    def details(self, event: AuditEvent) -> Any:
        """One line for each thing the event says, with its label."""
        lines = []
        for key, value in (event.data or {}).items():
            if key == "changes" and isinstance(value, dict):
                lines += [
                    (_field_label(event, name), self._change(event, name, pair))
                    for name, pair in value.items()
                ]
            elif key != "label" and value not in (None, ""):
                lines.append((KEYS.get(key, key), self.value(event, key, value)))
        return format_html_join("", '<div><b>{}:</b> <bdi dir="auto">{}</bdi></div>', lines)

    def _change(self, event: AuditEvent, name: str, pair: Any) -> Any:
        if not isinstance(pair, list) or len(pair) != 2:
            return pair
        field = _field(event, name)
        labels = (
            {str(code): words for code, words in field.flatchoices} if isinstance(field, CharField) else {}
        )
        before, after = (str(labels.get(part) or PLAIN.get(part) or self.plainly(part)) for part in pair)
        return format_html("<bdi>{}</bdi> ⇐ <bdi>{}</bdi>", after, before)

    def value(self, event: AuditEvent, key: str, value: Any) -> Any:
        if isinstance(value, list):
            return gettext(", ").join(str(self.value(event, key, one)) for one in value)
        if key in ("user", "proposed_by"):
            return self.people.get(value, value)
        if key == "entity":
            entity = self.known.entity_ever(value) if isinstance(value, int) else None
            return entity.name if entity else value
        if not isinstance(value, str):
            return value
        return self._of_code(event, key, value)

    def _of_code(self, event: AuditEvent, key: str, code: str) -> Any:
        match key:
            case "ground":
                return dict(Erasure.Ground.choices).get(code, code)
            case "of":
                return event_title(code)
            case "table" if code in workbooks():
                return workbooks()[code].title
            case "kind" | "kinds":
                return FACTORS.get(code) or dict(Handover.Kind.choices).get(code) or kind_title(code)
            case "codename":
                return CODENAMES.get(code, code)
            case "audience":
                return dict(Audience.choices).get(code, code)
            case "reason" if event.code == "sender_revealed":
                return self._reasons.get(code, code)
            case "reason" if event.code == "messages_retried":
                return why(code)
            case "steps":
                return _step(code)
            case "first" | "last" | "until":
                return _day(code)
            case "target":
                return self.plainly(code)
            case "what":
                return WHAT.get(code, code)
        return code


def _step(code: str) -> str:
    """`90:coordinator:sms:at_once`, as a ladder's rung says it."""
    parts = code.split(":")
    if len(parts) != 4 or not parts[0].isdigit():
        return code
    named = (EscalationStep.Audience, EscalationStep.Channel, EscalationStep.Mode)
    words = (str(dict(kept.choices).get(part, part)) for kept, part in zip(named, parts[1:], strict=True))
    return f"{when(int(parts[0]))}: {' – '.join(words)}"


def _day(written: str) -> str:
    try:
        return gregorian(date.fromisoformat(written), get_language() or "ar")
    except ValueError:
        return written


def _field(event: AuditEvent, name: str) -> Any:
    model = model_of(event)
    try:
        return model._meta.get_field(name)
    except Exception:  # a field that is no longer there, or one of the form alone
        return None


def _field_label(event: AuditEvent, name: str) -> str:
    field = _field(event, name)
    if field is not None and hasattr(field, "verbose_name"):
        return str(field.verbose_name)
    return gettext("password") if "password" in name else str(KEYS.get(name, name))
