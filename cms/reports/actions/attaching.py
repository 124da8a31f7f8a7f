"""The entity's own files on a report: neither the sender nor the leaders see them."""

from __future__ import annotations

from datetime import datetime

from ..actors import Actor
from ..errors import Code, DomainError
from ..files.intake import Files, attach_to, check_count, claim, in_event
from ..models import Report
from ..texts import clean_text
from .acting import acting


def attach(
    report_id: int,
    *,
    actor: Actor,
    files: Files,
    text: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> Report:
    """Attach files that were taken in before, with a word about them or without."""
    words = clean_text(text, field="text", maximum=2000)
    check_count(files)
    with acting(report_id, "attach", actor=actor, at=at, version=version) as act:
        if not files:
            raise DomainError(Code.REQUIRED, field="attachments")
        rows = claim(files)
        event = act.record(words, data={"round": act.report.round, **in_event(rows)})
        attach_to(event, act.report, rows)
    return act.report
