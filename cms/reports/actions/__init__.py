"""One function per use case; the only way to change a report."""

from collections.abc import Callable
from typing import Any

from .assignments import assign, reassign, start, take_over
from .attaching import attach
from .clock import auto_close, auto_expire
from .corrections import set_place, set_priority, set_service
from .directives import direct, directive_decline, directive_done
from .erasing import erase
from .giving_back import give_back
from .intake import Contact, SubmitInput
from .letters import Letter
from .merging import merge, unmerge
from .privacy import set_privacy
from .replies import (
    acknowledge,
    answer,
    ask_sender,
    draft_reply,
    note,
    send_back,
    update_sender,
    withdraw_question,
)
from .sending import accept, add_information, appeal, rate, reopen, sender_reply, withdraw, write
from .splitting import Part, split
from .submit import Prepared, Submitted, prepare, submissions_left, submit
from .triage import reject, return_, route, transfer

# Workflow action → function, for the screens and mutations that are derived from the table.
BY_NAME: dict[str, Callable[..., Any]] = {
    "submit": submit,
    "route": route,
    "return": return_,
    "transfer": transfer,
    "assign": assign,
    "reassign": reassign,
    "take_over": take_over,
    "start": start,
    "ask_sender": ask_sender,
    "withdraw_question": withdraw_question,
    "sender_reply": sender_reply,
    "add_information": add_information,
    "update_sender": update_sender,
    "draft_reply": draft_reply,
    "send_back": send_back,
    "answer": answer,
    "acknowledge": acknowledge,
    "accept": accept,
    "rate": rate,
    "reopen": reopen,
    "appeal": appeal,
    "auto_close": auto_close,
    "auto_expire": auto_expire,
    "reject": reject,
    "merge": merge,
    "unmerge": unmerge,
    "split": split,
    "withdraw": withdraw,
    "direct": direct,
    "directive_done": directive_done,
    "directive_decline": directive_decline,
    "note": note,
    "attach": attach,
    "set_priority": set_priority,
    "set_place": set_place,
    "set_service": set_service,
    "set_privacy": set_privacy,
    "erase": erase,
}

__all__ = [
    "BY_NAME",
    "Contact",
    "Letter",
    "Part",
    "Prepared",
    "SubmitInput",
    "Submitted",
    "accept",
    "acknowledge",
    "add_information",
    "answer",
    "appeal",
    "ask_sender",
    "assign",
    "attach",
    "auto_close",
    "auto_expire",
    "direct",
    "directive_decline",
    "directive_done",
    "draft_reply",
    "erase",
    "give_back",
    "merge",
    "note",
    "prepare",
    "rate",
    "reassign",
    "reject",
    "reopen",
    "return_",
    "route",
    "send_back",
    "sender_reply",
    "set_place",
    "set_priority",
    "set_privacy",
    "set_service",
    "split",
    "start",
    "submissions_left",
    "submit",
    "take_over",
    "transfer",
    "unmerge",
    "update_sender",
    "withdraw",
    "withdraw_question",
    "write",
]
