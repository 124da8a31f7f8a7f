"""Photos of the demonstration: with a few reports, and of the work done, by the real upload and actions."""

from __future__ import annotations

from datetime import datetime, timedelta

from cms.reports.files import intake
from cms.reports.files.intake import NO_FILES, Files

from .drawn import PICTURES, jpeg
from .plans import Plan, Step

# Report → what its sender photographed. Some of their texts speak of it.
SENT = {
    "r0008": ("park",),
    "r0052": ("pothole", "pothole-far"),
    "r0074": ("tunnel",),
    "r0085": ("manhole",),
    "r0086": ("manhole",),
    "r0405": ("stump",),
    "r0526": ("dark",),
    "r0527": ("dark",),
    "r0531": ("bin-room",),
    "r0576": ("pothole",),
    "r0577": ("dark",),
    "r0602": ("full-bin",),
    "r0603": ("dark",),
    "r0604": ("pothole",),
}
# Report → what the entity photographed when the work was done, and wrote with it: its own people read it.
DONE = {
    "r0086": ("manhole-closed", "رُكّب غطاء جديد."),
    "r0577": ("lit", "بعد تبديل الكيبل."),
    "r0602": ("empty-bin", "بعد جولة الرفع."),
    "r0603": ("lit", "بعد إصلاح اللوحة."),
}
REPLIES = ("draft_reply", "answer")


def add_work_done(plan: Plan) -> None:
    """The entity attaches its photo just before it replies."""
    if plan.code not in DONE:
        return
    picture, text = DONE[plan.code]
    number, reply = next((n, step) for n, step in enumerate(plan.steps) if step.action in REPLIES)
    before = plan.steps[number - 1].at if number else plan.at
    at = reply.at - min(timedelta(minutes=20), (reply.at - before) / 2)
    plan.steps.insert(number, Step("attach", reply.by, at, text=text, picture=picture))


def of_sender(plan: Plan) -> Files:
    return taken(SENT.get(plan.code, ()), plan.language, plan.at, owner=f"demonstration:{plan.code}")


def taken(pictures: tuple[str, ...], language: str, at: datetime, *, owner: str) -> Files:
    """Cleaned, scanned and stored as whatever people send."""
    if not pictures:
        return NO_FILES
    rows = [
        intake.take(jpeg(name), PICTURES[name].name(language), owner=owner, at=at, waits=timedelta(days=1))
        for name in pictures
    ]
    return Files(tuple(str(row.public_id) for row in rows), owner)
