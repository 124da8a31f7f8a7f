from .attachment import Attachment, Upload
from .erasing import Erasure, LegalHold
from .follower import Follower
from .history import Event, EventText, HeadSignature
from .postponing import Postponement, PostponementStep
from .report import AccessLink, Channel, ContactPreference, IdempotencyKey, Rating, Report
from .sender import Sender, SenderCategory, SenderToken
from .work import (
    Assignment,
    Custody,
    Deadline,
    DigestRun,
    DigestTold,
    Directive,
    Reason,
    ReplyTemplate,
    Rescheduling,
    StepTaken,
)

__all__ = [
    "AccessLink",
    "Assignment",
    "Attachment",
    "Channel",
    "ContactPreference",
    "Custody",
    "Deadline",
    "DigestRun",
    "DigestTold",
    "Directive",
    "Erasure",
    "Event",
    "EventText",
    "Follower",
    "HeadSignature",
    "IdempotencyKey",
    "LegalHold",
    "Postponement",
    "PostponementStep",
    "Rating",
    "Reason",
    "ReplyTemplate",
    "Report",
    "Rescheduling",
    "Sender",
    "SenderCategory",
    "SenderToken",
    "StepTaken",
    "Upload",
]
