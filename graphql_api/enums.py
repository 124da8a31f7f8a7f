"""The domain's choices as GraphQL enums, each derived from the one list that the domain keeps."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Any

import strawberry

from cms.entities import models as entities
from cms.reports import models as reports
from cms.reports.workflow import TRANSITIONS, Who
from cms.reports.workflow import SenderState as SenderStates
from cms.reports.workflow import State as States


def _made(name: str, values: Iterable[str]) -> Any:
    # Any: mypy knows no enum that is made from data.
    cls: Any = enum.Enum(name, {value.upper(): value for value in values})  # type: ignore[misc]
    return strawberry.enum(cls)


def _from_choices(name: str, choices: Any) -> Any:
    return _made(name, (value for value in choices.values if value))


ReportKind = _from_choices("ReportKind", entities.ReportKind)
PlaceKind = _from_choices("PlaceKind", entities.Place.Kind)
EntityKind = _from_choices("EntityKind", entities.Entity.Kind)
QuestionType = _from_choices("QuestionType", entities.IntakeQuestion.Type)
PromiseUnit = _from_choices("PromiseUnit", entities.PromiseUnit)
Privacy = _from_choices("Privacy", entities.Privacy)
SenderCategory = _from_choices("SenderCategory", reports.SenderCategory)
ContactPreference = _from_choices("ContactPreference", reports.ContactPreference)
SenderState = _from_choices("SenderState", SenderStates)
# What staff read: every state there is.
ReportState = _from_choices("ReportState", States)
Priority = _from_choices("Priority", entities.Priority)

# What a sender may do to a report that exists, as far as it is built: derived from the transition table.
SenderAction = _made(
    "SenderAction",
    (
        action
        for action, row in TRANSITIONS.items()
        if row.built and action != "submit" and any(way.who is Who.SENDER for way in row.ways)
    ),
)


@strawberry.enum(description="The languages of the site.")
class Locale(enum.Enum):
    AR = "ar"
    EN = "en"
