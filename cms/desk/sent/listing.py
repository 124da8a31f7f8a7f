"""What one's entities have sent: what waits for them, what was answered, and everything; newest first.

Its counts come from the same rule as its rows, and neither from the queue's, which is what was received.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Left
from django.http import QueryDict
from django.utils.translation import gettext, pgettext_lazy

from cms.entities.models import Entity, Service
from cms.entities.snapshot import Catalogue
from cms.reports import reference
from cms.reports.actors import EntitySender
from cms.reports.errors import DomainError
from cms.reports.merging import state_for_sender
from cms.reports.models import Report
from cms.reports.workflow import ENDED, OPEN, State
from permissions.policy import Scope

from ..queue.rows import EXCERPT, subject_of
from ..queue.tabs import Tab, Times
from ..states import icon_of

COLUMNS = (
    *("public_id", "reference", "state", "title", "entity_id", "sender_entity_id", "letter_number"),
    *("letter_date", "submitted_at", "next_due_at", "service__name_ar", "service__name_en"),
    *("merged_into__state", "merged_into__entity_id"),
)
LONGEST = 60


def _waiting(rows: Any, scope: Scope, times: Times) -> Any:
    """A question was asked, about it or about one of its parts."""
    parts = Report.objects.filter(parent=OuterRef("pk"), state=State.AWAITING_SENDER)
    return rows.filter(Q(state=State.AWAITING_SENDER) | Q(Exists(parts)))


def _anyone(scope: Scope) -> bool:
    return True


# The sender knows a report with parts by one number.
def _wholes(narrow: Any) -> Any:
    return lambda rows, scope, times: narrow(rows.filter(parent=None), scope, times)


TABS: tuple[Tab, ...] = tuple(
    Tab(code, label, _anyone, _wholes(narrow), tone)
    for code, label, narrow, tone in (
        ("all", pgettext_lazy("sent", "Everything sent"), lambda rows, scope, times: rows, ""),
        ("reply", pgettext_lazy("sent", "Waiting for our reply"), _waiting, "soon"),
        (
            "answered",
            pgettext_lazy("sent", "Answered"),
            lambda rows, scope, times: rows.filter(state=State.ANSWERED),
            "",
        ),
        (
            "open",
            pgettext_lazy("sent", "Still open"),
            lambda rows, scope, times: rows.filter(state__in=OPEN),
            "",
        ),
        ("late", pgettext_lazy("sent", "Late"), lambda rows, scope, times: rows.overdue(times.now), "late"),
        (
            "ended",
            pgettext_lazy("sent", "Ended"),
            lambda rows, scope, times: rows.filter(state__in=ENDED),
            "",
        ),
    )
)


@dataclass(frozen=True)
class Filters:
    """What the address asks for; what names nothing is dropped, so that an old link still opens a list."""

    typed: str = ""
    entity: Entity | None = None
    sender: Entity | None = None
    service: Service | None = None

    @classmethod
    def of(cls, query: QueryDict, known: Catalogue) -> Filters:
        return cls(
            typed=query.get("q", "").replace("\x00", "").strip()[:LONGEST],
            entity=known.entity(query.get("entity", "")),
            sender=known.entity(query.get("sender", "")),
            service=known.service(query.get("service", "")),
        )

    @property
    def any(self) -> bool:
        return bool(self.typed or self.entity or self.sender or self.service)

    def narrow(self, rows: Any) -> Any:
        if self.entity is not None:
            rows = rows.filter(entity_id=self.entity.pk)
        if self.sender is not None:
            rows = rows.filter(sender_entity_id=self.sender.pk)
        if self.service is not None:
            rows = rows.filter(service_id=self.service.pk)
        if self.typed:
            rows = rows.filter(_named(self.typed))
        return rows


def _named(typed: str) -> Q:
    """By the report's number in any spelling, or by the letter's, from its beginning."""
    letter = Q(letter_number__istartswith=" ".join(typed.split()))
    try:
        return letter | Q(reference=reference.parse(typed, settings.SAWT_REFERENCE_PREFIX))
    except DomainError:
        return letter


@dataclass(frozen=True)
class Row:
    report: Report
    subject: str
    # Who has it; '' while the emirate decides.
    holder: str
    sender: str
    state: str
    label: str
    icon: str
    late: bool


def rows_of(actor: EntitySender, scope: Scope) -> Any:
    found = Report.objects.visible_to(actor, scope).annotate(excerpt=Left("text", EXCERPT))
    return found.select_related("service", "merged_into").only(*COLUMNS)


def present(report: Any, known: Catalogue, now: datetime) -> Row:
    word = state_for_sender(report)
    at = report.merged_into if report.state == State.MERGED else report
    holder, sender = known.entity_ever(at.entity_id), known.entity_ever(report.sender_entity_id)
    return Row(
        report=report,
        subject=subject_of(report.title, report.excerpt),
        holder=holder.name if holder else gettext("The emirate decides"),
        sender=sender.name if sender else "",
        state=word.value,
        label=str(word.label),
        icon=icon_of(word.value),
        late=report.state in OPEN and report.next_due_at is not None and report.next_due_at < now,
    )


def own_entities(known: Catalogue, scope: Scope) -> list[Entity]:
    """Those in whose name this person may send, in the tree's order."""
    return [entity for entity in known.entities if entity.pk in scope.at("submit_on_behalf")]
