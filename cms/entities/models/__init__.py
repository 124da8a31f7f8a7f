from .calendars import DAYS, Calendar, CalendarVersion, Occasion
from .catalogue import (
    CatalogueVersion,
    Category,
    IntakeQuestion,
    Priority,
    Privacy,
    PromiseUnit,
    ReportKind,
    RoutingRule,
    Service,
)
from .entities import (
    Entity,
    EntityGroupObjectPermission,
    EntityUserObjectPermission,
    Membership,
)
from .escalation import Escalation, EscalationStep
from .handovers import Handover, HandoverStep
from .places import Place
from .proposals import PrivacyProposal

__all__ = [
    "DAYS",
    "Calendar",
    "CalendarVersion",
    "CatalogueVersion",
    "Category",
    "Entity",
    "EntityGroupObjectPermission",
    "EntityUserObjectPermission",
    "Escalation",
    "EscalationStep",
    "Handover",
    "HandoverStep",
    "IntakeQuestion",
    "Membership",
    "Occasion",
    "Place",
    "Priority",
    "Privacy",
    "PrivacyProposal",
    "PromiseUnit",
    "ReportKind",
    "RoutingRule",
    "Service",
]
