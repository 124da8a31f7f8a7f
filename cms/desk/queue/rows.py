"""One row of the queue, from one query: report, running promise, service and responsible person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.translation import gettext

from cms.entities.models import Membership, Place
from cms.entities.snapshot import Catalogue
from cms.reports.happened import happened
from cms.reports.models import Deadline, Report
from cms.reports.workflow import State

from .. import words
from ..promises import Due, due_of, no_promise
from ..states import icon_of

COLUMNS = (
    "public_id",
    "reference",
    "kind",
    "state",
    "priority",
    "title",
    "entity_id",
    "sender_entity_id",
    "place_id",
    "submitted_at",
    "next_due_at",
    "returned_count",
    "reopened_count",
    "round",
    "version",
    "revision",
    "privacy",
    "service__name_ar",
    "service__name_en",
    "responsible__name_ar",
    "responsible__name_en",
    "responsible__username",
)
DEADLINE = (
    "value",
    "unit",
    "starts_at",
    "minutes",
    "due_at",
    "pauses",
    "paused_since",
    "outcome",
    "ended_at",
)
# What comes back to somebody who had done their part.
NEWS = frozenset(
    {"send_back", "sender_reply", "add_information", "reopen", "appeal", "return", "withdraw_question"}
)
NO_REPORT = str(UUID(int=0))
# Enough for two lines of a subject that has no title.
EXCERPT = 110


@dataclass(frozen=True)
class Row:
    report: Report
    subject: str
    place: str
    due: Due | None
    age: str
    icon: str
    # What happened last, where it is news to who works on it.
    news: str = ""
    # The bulk actions that are open to it, and whether it is ticked.
    may: str = ""
    ticked: bool = False
    # The entity that sent it.
    sender: str = ""

    @property
    def address(self) -> str:
        return _report_address().replace(NO_REPORT, str(self.report.public_id))

    @property
    def state(self) -> str:
        """As `get_state_display`, which makes a dictionary of all states for each row."""
        return str(State(self.report.state).label)

    @property
    def who(self) -> str:
        return self.report.responsible.name if self.report.responsible else ""

    @property
    def is_away(self) -> bool:
        """Who is responsible is recorded absent: somebody has to take it over."""
        return bool(self.report.away)  # type: ignore[attr-defined]


@cache
def _report_address() -> str:
    return reverse("desk:report", args=[NO_REPORT])


def with_promise(rows: Any, now: datetime) -> Any:
    """Joins the resolution promise of the round, the last event, and whether who is responsible is absent."""
    promise = FilteredRelation(
        "deadlines",
        condition=Q(deadlines__promise=Deadline.Promise.RESOLUTION, deadlines__round=F("round")),
    )
    away = Membership.objects.absent(now).filter(person=OuterRef("responsible"), entity=OuterRef("entity"))
    joined = rows.annotate(promise=promise, excerpt=Left("text", EXCERPT), away=Exists(away))
    last = FilteredRelation("events", condition=Q(events__sequence=F("event_count")))
    joined = joined.annotate(last=last, last_code=F("last__code"))
    joined = joined.annotate(**{f"p_{name}": F(f"promise__{name}") for name in DEADLINE})
    joined = joined.annotate(
        p_calendar_id=F("promise__calendar_id"), p_calendar_version=F("promise__calendar_version")
    )
    return joined.select_related("service", "responsible").only(*COLUMNS)


def in_place(rows: Any, references: list[str]) -> list[Any]:
    """Those of these reports that `rows` still holds, in the order in which they were on the screen."""
    found = {report.reference: report for report in rows.filter(reference__in=references)}
    return [found[reference] for reference in references if reference in found]


def place_name(place_id: int, catalogue: Catalogue) -> str:
    """`Unayzah, Al Faisaliyah`: the governorate and the place, without the region."""
    place: Place | None = catalogue.place_by_id(place_id)
    if place is None:
        return ""
    above = [parent.name for parent in catalogue.ancestors(place)[1:]]
    return gettext(", ").join([*above[:1], place.name])


def present(report: Any, now: datetime, catalogue: Catalogue, *, may: str = "", ticked: bool = False) -> Row:
    deadline = None
    if report.p_due_at is not None:
        deadline = SimpleNamespace(
            calendar_id=report.p_calendar_id,
            calendar_version=report.p_calendar_version,
            **{name: getattr(report, f"p_{name}") for name in DEADLINE},
        )
    due = due_of(deadline, now, catalogue) or no_promise(report)
    return Row(
        report=report,
        subject=subject_of(report.title, report.excerpt),
        place=place_name(report.place_id, catalogue),
        due=due,
        age=words.ago(report.submitted_at, now),
        icon=icon_of(report.state),
        news=happened(report.last_code) if report.last_code in NEWS else "",
        may=may,
        ticked=ticked,
        sender=sender_name(report.sender_entity_id, catalogue),
    )


def sender_name(entity_id: int | None, catalogue: Catalogue) -> str:
    """The entity that sent it; '' for people."""
    entity = catalogue.entity_ever(entity_id)
    return entity.name if entity else ""


def subject_of(title: str, text: str) -> str:
    """The title, or how the text begins; an erased one has neither."""
    if title:
        return title
    line = " ".join(text.split())
    if not line:
        return gettext("Erased report")
    return line if len(line) < EXCERPT else line[: EXCERPT - 20].rsplit(" ", 1)[0] + "…"
