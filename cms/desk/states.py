"""A glyph for each state and event, so that nothing is told by colour alone."""

from __future__ import annotations

STATES = {
    "received": "sawt-inbox",
    "with_entity": "login",
    "assigned": "user",
    "in_progress": "cog",
    "awaiting_sender": "sawt-pause",
    "reply_drafted": "edit",
    "answered": "circle-check",
    "closed": "check",
    "rejected": "sawt-ban",
    "merged": "sawt-merge",
    "withdrawn": "cross",
}
EVENTS = {
    "submit": "sawt-inbox",
    "route": "login",
    "return": "redirect",
    "assign": "user",
    "transfer": "redirect",
    "reassign": "user",
    "take_over": "user",
    "direct": "sawt-flag",
    "directive_done": "check",
    "directive_decline": "cross",
    "set_priority": "sawt-flag",
    "set_place": "site",
    "set_service": "tag",
    "set_privacy": "lock",
    "start": "cog",
    "ask_sender": "sawt-pause",
    "withdraw_question": "cross",
    "sender_reply": "comment",
    "add_information": "comment",
    "update_sender": "mail",
    "draft_reply": "edit",
    "send_back": "resubmit",
    "answer": "circle-check",
    "acknowledge": "check",
    "accept": "check",
    "rate": "sawt-star",
    "reopen": "rotate",
    "appeal": "rotate",
    "auto_close": "time",
    "auto_expire": "time",
    "reject": "sawt-ban",
    "withdraw": "cross",
    "merge": "sawt-merge",
    "unmerge": "rotate",
    "split": "sawt-split",
    "erase": "bin",
    "promote": "sawt-merge",
    "note": "comment",
    "attach": "upload",
}


def icon_of(state: str) -> str:
    return STATES.get(state, "circle-check")


def event_icon(code: str) -> str:
    return EVENTS.get(code, "info-circle")
