"""A report as its sender reads it. Staff's fields have types of their own, so that none can slip in here."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode

from cms.entities import models
from cms.reports import timeline as history
from cms.reports.actors import SenderActor
from cms.reports.files import links
from cms.reports.files import reading as files
from cms.reports.merging import primary_of, state_for_sender
from cms.reports.models import Report
from cms.reports.policies import available_actions
from cms.reports.splitting import known_as, parts_of

from ..context import Info
from ..enums import ReportKind, SenderAction, SenderState
from ..ids import global_id
from ..public.catalogue import Entity, Place, Service
from ..reading import reads


@strawberry.enum(description="Who wrote a message.")
class Author(enum.Enum):
    SENDER = "sender"
    ENTITY = "entity"


@strawberry.enum(description="Who took a step.")
class Actor(enum.Enum):
    SENDER = "sender"
    STAFF = "staff"
    SYSTEM = "system"


@strawberry.type(description="One step of the report's life, in words for its sender.")
class TimelineEntry:
    entry: strawberry.Private[history.Entry]

    @reads
    def at(self) -> datetime:
        return self.entry.at

    @reads(description="The step's code; the codes are a contract.")
    def code(self) -> str:
        return self.entry.code

    @reads
    def label(self) -> str:
        return self.entry.label

    @reads
    def state(self) -> SenderState:
        return SenderState(self.entry.state.value)

    @reads(description="What was written with it, as it was written.")
    def text(self) -> str | None:
        return self.entry.text or None

    @reads
    def by(self) -> Actor:
        return Actor(self.entry.actor_kind)

    @reads(description="The name of the entity that had the report.")
    def entity_name(self) -> str | None:
        return self.entry.entity_name or None

    @reads(description="It happened to the similar report that this one is merged with.")
    def common(self) -> bool:
        return self.entry.common


@strawberry.type(description="One text between the sender and the entity.")
class Message:
    at: datetime
    author: Author
    text: str
    entity_name: str | None
    common: bool = strawberry.field(
        default=False, description="Said to the senders of all reports that were merged."
    )


@strawberry.type(description="The official reply.")
class Answer:
    at: datetime
    text: str
    entity_name: str | None
    common: bool = strawberry.field(
        default=False, description="Said to the senders of all reports that were merged."
    )


@strawberry.type(description="A photo or file of the sender's.")
class Attachment:
    row: strawberry.Private[files.Attachment]
    actor: strawberry.Private[SenderActor]

    @reads
    def id(self) -> strawberry.ID:
        return global_id("Attachment", str(self.row.public_id))

    @reads
    def name(self) -> str:
        return self.row.name

    @reads(description="image/jpeg, image/png, image/webp, application/pdf or video/mp4.")
    def content_type(self) -> str:
        return self.row.content_type

    @reads(description="In bytes.")
    def size(self) -> int:
        return self.row.size

    @reads(description="clean, unscanned, waiting or infected.")
    def scan(self) -> str:
        return self.row.scan

    @reads(description="The code of the step that it came with; the codes are a contract.")
    def sent_with(self) -> str:
        return self.row.event.code if self.row.event is not None else ""

    @reads
    def sent_at(self) -> datetime:
        return self.row.event.at if self.row.event is not None else self.row.created_at

    @reads(description="Where it is downloaded, for five minutes. Null while it waits for its virus scan.")
    def url(self) -> str | None:
        return self._link(small=False)

    @reads(description="A small JPEG of a picture; as long as `url`.")
    def thumbnail_url(self) -> str | None:
        return self._link(small=True) if self.row.thumbnail else None

    def _link(self, *, small: bool) -> str | None:
        if not self.row.is_readable:
            return None
        return f"{settings.SAWT_BASE_URL.rstrip('/')}{links.sign(self.row, self.actor, small=small)}"


def _related(report: Report, name: str) -> Any:
    """The row beside the report if it was read with it; None where reading it would cost a query."""
    field: Any = Report._meta.get_field(name)
    return getattr(report, name) if field.is_cached(report) else None


def track_url(report: Report) -> str:
    """Where the sender follows the report on the site, in the report's language. Holds no secret."""
    with translation.override(report.language):
        path = reverse("portal:track")
    return f"{settings.SAWT_BASE_URL.rstrip('/')}{path}?{urlencode({'reference': known_as(report)})}"


@strawberry.type
class ReportOfSender:
    """What both of the sender's own types have."""

    report: strawberry.Private[Report]
    actor: strawberry.Private[SenderActor]
    # The reports that are answered together: their histories are read in one query, when one is asked for.
    together: strawberry.Private[Sequence[Report]] = ()

    def _with_history(self) -> Report:
        if self.together and not hasattr(self.report, "_senders_events"):
            history.read_for_senders(self.together)
        return self.report

    @reads
    def reference(self) -> str:
        return known_as(self.report)

    @reads
    def kind(self) -> ReportKind:
        return ReportKind(self.report.kind)

    @reads
    def state(self) -> SenderState:
        return SenderState(state_for_sender(self.report).value)

    @reads(description="The state in words, in the request's language.")
    def state_label(self) -> str:
        return str(state_for_sender(self.report).label)

    @reads(description="As its sender wrote it; empty where they wrote none: then show the `heading`.")
    def title(self) -> str:
        return self.report.title

    @strawberry.field(description="What the site shows it as: the title, else the service and the place.")
    def heading(self, info: Info) -> str:
        return history.heading(self.report, self._service(info), self._place(info))

    def _service(self, info: Info) -> models.Service:
        row = _related(self.report, "service")
        return row or info.context.catalogue.service_by_id(self.report.service_id) or self.report.service

    def _place(self, info: Info) -> models.Place:
        row = _related(self.report, "place")
        return row or info.context.catalogue.place_by_id(self.report.place_id) or self.report.place

    @strawberry.field
    def service(self, info: Info) -> Service:
        return Service(row=self._service(info))

    @strawberry.field
    def place(self, info: Info) -> Place:
        return Place(row=self._place(info))

    @strawberry.field(description="Who has the report; null while a supervisor decides.")
    def entity(self, info: Info) -> Entity | None:
        holder = primary_of(self.report) or self.report
        if holder.entity_id is None:
            return None
        row: Any = _related(holder, "entity")
        row = row or info.context.catalogue.entity_by_id(holder.entity_id) or holder.entity
        return Entity(row=row)

    @reads
    def submitted_at(self) -> datetime:
        return self.report.submitted_at

    @reads(description="By when the resolution is promised; null where nothing is running.")
    def due_at(self) -> datetime | None:
        return self.report.next_due_at

    @reads(description="Until when the sender may reopen it.")
    def reopen_until(self) -> datetime | None:
        return (primary_of(self.report) or self.report).reopen_until

    @reads
    def track_url(self) -> str:
        return track_url(self.report)

    @reads
    def timeline(self) -> list[TimelineEntry]:
        return [TimelineEntry(entry=entry) for entry in history.sender_timeline(self._with_history())]

    @reads(
        description="Questions, interim replies and what the sender wrote; the official reply is `answer`."
    )
    def conversation(self) -> list[Message]:
        return [
            Message(
                at=message.at,
                author=Author(message.author),
                # Who reopened with a reason alone said that.
                text=message.text or message.reason,
                entity_name=message.entity_name or None,
                common=message.common,
            )
            for message in history.conversation(self._with_history())
        ]

    @reads(description="Photos and files that its sender sent with it, oldest first.")
    def attachments(self) -> list[Attachment]:
        rows = files.of_sender_among(self.report, self.together)
        return [Attachment(row=row, actor=self.actor) for row in rows]

    @reads
    def answer(self) -> Answer | None:
        answer = history.answer_of(self._with_history())
        if answer is None:
            return None
        return Answer(
            at=answer.at, text=answer.text, entity_name=answer.entity_name or None, common=answer.common
        )

    @reads(description="The report was merged with a similar one and follows it.")
    def merged(self) -> bool:
        return self.report.merged_into_id is not None

    @reads(description="What the sender may do now, from the workflow table.")
    def available_actions(self) -> list[SenderAction]:
        return [SenderAction(action) for action in available_actions(self.actor, self.report)]


@strawberry.type(
    description="A part of a report that was split; it goes by the report's reference and its number."
)
class ReportPart(ReportOfSender):
    number: int


@strawberry.type
class WholeReport(ReportOfSender):
    """A report that is no part of another one."""

    @strawberry.field(description="What the report was split into; empty where it was not.")
    def parts(self) -> list[ReportPart]:
        return [
            ReportPart(report=part, actor=self.actor, number=number)
            for number, part in enumerate(parts_of(self._with_history()), start=1)
        ]


@strawberry.type(description="A report as the holder of its secret reads it.")
class TrackedReport(WholeReport):
    pass


@strawberry.type(description="A report of the signed-in sender.")
class MyReport(WholeReport):
    pass
