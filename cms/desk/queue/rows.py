"""One row of the queue: report, running promise, last event and responsible person, from one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.db.models import DateTimeField, Exists, F, FilteredRelation, OuterRef, Q
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.translation import gettext

from cms.entities.models import Membership, Place
from cms.entities.snapshot import Catalogue
from cms.reports.compiled import Among, Compiled, Numbers, Parameter
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
    "service_id",
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
    """What a row says, in the words of the present language. `report` has COLUMNS and no others."""

    report: Report
    address: str
    subject: str
    service: str
    place: str
    state: str
    icon: str
    due: Due | None
    age: str
    # Who is responsible; '' for nobody.
    who: str
    # They are recorded absent: somebody has to take it over.
    is_away: bool
    # What happened last, where it is news to who works on it.
    news: str
    # The entity that sent it; '' for people.
    sender: str
    # The bulk actions that are open to it, and whether it is ticked.
    may: str = ""
    ticked: bool = False


@cache
def _report_address() -> str:
    return reverse("desk:report", args=[NO_REPORT])


def with_promise(rows: Any, now: datetime | Parameter) -> Any:
    """Joins the resolution promise of the round, the last event, and whether who is responsible is absent.

    The service is the catalogue's.
    """
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
    return joined.select_related("responsible").only(*COLUMNS)


def _of_a_page() -> Any:
    return with_promise(
        Report.objects.filter(Among(F("pk"), Numbers("ids"))), Parameter("now", DateTimeField())
    )


_READ: Compiled[Report] = Compiled(_of_a_page)


def read(keys: list[Any], now: datetime) -> list[Report]:
    """What is shown of the rows with these keys, in their order: one statement, whatever one may see.

    Somebody has just found that they may see these. One that changed since then is left for the next look.
    """
    found = {report.pk: report for report in _READ(ids=[key.pk for key in keys], now=now)}
    there = [(found.get(key.pk), key.revision) for key in keys]
    return [report for report, revision in there if report is not None and report.revision == revision]


def in_place(rows: Any, references: list[str]) -> list[Any]:
    """The keys of those of these reports that `rows` still holds, in the order in which they were shown."""
    keys = rows.filter(reference__in=references).values_list("pk", "revision", "reference", named=True)
    found = {key.reference: key for key in keys}
    return [found[reference] for reference in references if reference in found]


def place_name(place_id: int, catalogue: Catalogue) -> str:
    """`Unayzah, Al Faisaliyah`: the governorate and the place, without the region."""
    place: Place | None = catalogue.place_by_id(place_id)
    if place is None:
        return ""
    above = [parent.name for parent in catalogue.ancestors(place)[1:]]
    return gettext(", ").join([*above[:1], place.name])


class Presenter:
    """Puts the rows of one page in words; what recurs among them is put in words once."""

    def __init__(self, now: datetime, catalogue: Catalogue) -> None:
        self.now = now
        self.catalogue = catalogue
        self.place = cache(partial(place_name, catalogue=catalogue))
        self.service = cache(partial(service_name, catalogue=catalogue))
        self.sender = cache(partial(sender_name, catalogue=catalogue))
        self.state = cache(lambda state: str(State(state).label))
        self.news = cache(lambda code: happened(code) if code in NEWS else "")

    def __call__(self, report: Any, *, may: str = "", ticked: bool = False) -> Row:
        return Row(
            report=report,
            address=_report_address().replace(NO_REPORT, str(report.public_id)),
            subject=subject_of(report.title, report.excerpt),
            service=self.service(report.service_id),
            place=self.place(report.place_id),
            state=self.state(report.state),
            icon=icon_of(report.state),
            due=due_of(_promise(report), self.now, self.catalogue) or no_promise(report),
            age=words.ago(report.submitted_at, self.now),
            who=report.responsible.name if report.responsible else "",
            is_away=report.away,
            news=self.news(report.last_code),
            sender=self.sender(report.sender_entity_id),
            may=may,
            ticked=ticked,
        )


def _promise(report: Any) -> Any:
    """The joined deadline, as `due_of` reads it."""
    if report.p_due_at is None:
        return None
    return SimpleNamespace(
        calendar_id=report.p_calendar_id,
        calendar_version=report.p_calendar_version,
        **{name: getattr(report, f"p_{name}") for name in DEADLINE},
    )


def service_name(service_id: int, catalogue: Catalogue) -> str:
    service = catalogue.service_ever(service_id)
    return service.name if service else ""


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
