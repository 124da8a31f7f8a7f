"""Services, places and entities as types over rows of the process's catalogue: no field asks the database."""

from __future__ import annotations

from typing import Annotated

import strawberry

from cms.entities import models
from cms.entities.naming import in_language

from ..context import Info
from ..enums import EntityKind, PlaceKind, Privacy, PromiseUnit, QuestionType, ReportKind
from ..ids import global_id
from ..reading import reads


@strawberry.type(description="A point on the earth, WGS 84.")
class Point:
    latitude: float
    longitude: float


@strawberry.type(description="Groups services; at most two levels.")
class Category:
    row: strawberry.Private[models.Category]

    @reads
    def id(self) -> strawberry.ID:
        return global_id("Category", self.row.code)

    @reads
    def code(self) -> str:
        return self.row.code

    @reads
    def name(self) -> str:
        return self.row.name

    @strawberry.field
    def parent(self, info: Info) -> Annotated[Category, strawberry.lazy(".catalogue")] | None:
        parent = info.context.catalogue.category(self.row.parent_id)
        return Category(row=parent) if parent else None


@strawberry.type(description="Whom to call first, when it cannot wait.")
class Emergency:
    number: str
    note: str


@strawberry.type(description="What the sender is told: within so many working hours or working days.")
class Promise:
    value: int
    unit: PromiseUnit


@strawberry.type
class Choice:
    code: str
    name: str


@strawberry.type(description="The question is shown where another one was answered with this value.")
class ShowWhen:
    question: str
    equals: str


@strawberry.type(
    description="A question that the form asks. A yes-or-no answer is “yes” or “no”; a date is ISO 8601."
)
class IntakeQuestion:
    row: strawberry.Private[models.IntakeQuestion]

    @reads
    def code(self) -> str:
        return self.row.code

    @reads
    def label(self) -> str:
        return self.row.label

    @reads
    def type(self) -> QuestionType:
        return QuestionType(self.row.type)

    @reads
    def required(self) -> bool:
        return self.row.required

    @reads(description="The smallest number that is accepted; null where there is no such limit.")
    def minimum(self) -> float | None:
        return self.row.minimum if self.row.type == self.row.Type.NUMBER else None

    @reads(
        description="The largest number that is accepted; null where there is no such limit. Of a date, in"
        " days from today: 0 where it may not lie in the future."
    )
    def maximum(self) -> float | None:
        types = self.row.Type
        return self.row.maximum if self.row.type in (types.NUMBER, types.DATE) else None

    @reads
    def choices(self) -> list[Choice]:
        language = "en" if self.row.label == self.row.label_en else "ar"
        other = "ar" if language == "en" else "en"
        return [
            Choice(
                code=choice["code"], name=choice.get(f"name_{language}") or choice.get(f"name_{other}") or ""
            )
            for choice in self.row.choices
        ]

    @reads
    def show_when(self) -> ShowWhen | None:
        condition = self.row.show_when
        if not condition:
            return None
        return ShowWhen(question=str(condition["question"]), equals=str(condition["equals"]))


@strawberry.type(description="One line of the catalogue: what one can report on or ask for.")
class Service:
    row: strawberry.Private[models.Service]

    @reads
    def id(self) -> strawberry.ID:
        return global_id("Service", self.row.code)

    @reads
    def code(self) -> str:
        return self.row.code

    @reads
    def kind(self) -> ReportKind:
        return ReportKind(self.row.kind)

    @reads
    def name(self) -> str:
        return self.row.name

    @reads
    def description(self) -> str:
        return self.row.description

    @strawberry.field
    def category(self, info: Info) -> Category:
        category = info.context.catalogue.category(self.row.category_id)
        return Category(row=category or self.row.category)

    @reads
    def allows_anonymous(self) -> bool:
        return self.row.allows_anonymous

    @reads
    def needs_location(self) -> bool:
        return self.row.needs_location

    @reads(description="The sender has to give a national ID or residence number.")
    def requires_national_id(self) -> bool:
        return self.row.requires_national_id

    @reads(description="Reports on a confidential service are seen by named people alone.")
    def privacy(self) -> Privacy:
        return Privacy(self.row.privacy)

    @reads(description="To be shown before the form.")
    def emergency(self) -> Emergency | None:
        if not self.row.emergency_number:
            return None
        return Emergency(number=self.row.emergency_number, note=self.row.emergency)

    @reads
    def first_reply(self) -> Promise | None:
        return _promise(self.row.first_reply_value, self.row.first_reply_unit)

    @reads
    def resolution(self) -> Promise | None:
        return _promise(self.row.resolution_value, self.row.resolution_unit)

    @strawberry.field
    def intake_questions(self, info: Info) -> list[IntakeQuestion]:
        questions = getattr(self.row, "questions", None)
        if questions is None:
            # A row that came with a report; one that was retired since is in no catalogue.
            kept = info.context.catalogue.service_by_id(self.row.pk)
            questions = kept.questions if kept else self.row.intake_questions.order_by("order")  # type: ignore[attr-defined]
        return [IntakeQuestion(row=question) for question in questions]


def _promise(value: int | None, unit: str) -> Promise | None:
    return Promise(value=value, unit=PromiseUnit(unit)) if value is not None and unit else None


@strawberry.type(description="A place: region, governorate, centre, city or district.")
class Place:
    row: strawberry.Private[models.Place]

    @reads
    def id(self) -> strawberry.ID:
        return global_id("Place", self.row.code)

    @reads
    def code(self) -> str:
        return self.row.code

    @reads
    def name(self) -> str:
        return self.row.name

    @reads
    def kind(self) -> PlaceKind:
        return PlaceKind(self.row.kind)

    @reads
    def location(self) -> Point | None:
        if self.row.latitude is None or self.row.longitude is None:
            return None
        return Point(latitude=self.row.latitude, longitude=self.row.longitude)

    @strawberry.field
    def children(self, info: Info) -> list[Annotated[Place, strawberry.lazy(".catalogue")]]:
        return [Place(row=child) for child in info.context.catalogue.children(self.row)]


@strawberry.type(description="A government entity that answers reports.")
class Entity:
    row: strawberry.Private[models.Entity]

    @reads
    def id(self) -> strawberry.ID:
        return global_id("Entity", self.row.code)

    @reads
    def code(self) -> str:
        return self.row.code

    @reads
    def name(self) -> str:
        return self.row.name

    @reads
    def short_name(self) -> str:
        return in_language(self.row, "short_name")

    @reads
    def kind(self) -> EntityKind:
        return EntityKind(self.row.kind)
