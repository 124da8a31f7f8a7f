"""A factory per aggregate. Reports are made by the real actions alone."""

from .files import files_of, photo, upload
from .letters import letter
from .messages import rule, staff_text
from .people import LONG_AGO, PASSWORD, MembershipFactory, UserFactory, grant, person
from .reports import (
    ReasonFactory,
    ReplyTemplateFactory,
    SenderFactory,
    as_sender,
    report_in,
    split_report,
    submission,
    submit,
    submitted_report,
)
from .tenant import (
    AROUND_THE_CLOCK,
    OFFICE_HOURS,
    CalendarFactory,
    CategoryFactory,
    EntityFactory,
    IntakeQuestionFactory,
    PlaceFactory,
    RoutingRuleFactory,
    ServiceFactory,
)
from .world import People, SmallCatalogue, small_catalogue, small_staff

__all__ = [
    "AROUND_THE_CLOCK",
    "LONG_AGO",
    "OFFICE_HOURS",
    "PASSWORD",
    "CalendarFactory",
    "CategoryFactory",
    "EntityFactory",
    "IntakeQuestionFactory",
    "MembershipFactory",
    "People",
    "PlaceFactory",
    "ReasonFactory",
    "ReplyTemplateFactory",
    "RoutingRuleFactory",
    "SenderFactory",
    "ServiceFactory",
    "SmallCatalogue",
    "UserFactory",
    "as_sender",
    "files_of",
    "grant",
    "letter",
    "person",
    "photo",
    "report_in",
    "rule",
    "small_catalogue",
    "small_staff",
    "split_report",
    "staff_text",
    "submission",
    "submit",
    "submitted_report",
    "upload",
]
