"""Files that come with the citizen's forms: taken in one by one, each refusal told by the file's name."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cms.entities.snapshot import catalogue
from cms.reports.errors import Code, DomainError, Invalid
from cms.reports.files import intake, reading
from cms.reports.files.intake import Files
from cms.reports.files.kinds import ACCEPT, plain_name, too_large, too_many
from cms.reports.models import Attachment, Report
from cms.uploads import refused_files
from permissions import rates

from . import access
from .drafts import Draft
from .problems import Problems, sentence

FIELD = "files"
HOUR = 3600
# Begins as all of a report's keys do, and goes with them when one signs out.
VISIT = "report_files"
CUT_OFF = {"too_many_files": too_many, "file_too_large": too_large}


def as_long_as_the_draft() -> timedelta:
    """A session keeps what was typed for so long, and the files with it."""
    return timedelta(seconds=settings.SESSION_COOKIE_AGE)


def taken(request: HttpRequest, owner: str) -> tuple[list[Attachment], Problems]:
    """The files of this form, stored for `owner`, and what was wrong with the others."""
    rows: list[Attachment] = []
    said: list[str] = []
    for sent in request.FILES.getlist(FIELD):
        try:
            _count(request)
            rows.append(intake.take(_bytes(sent), sent.name, owner=owner, waits=as_long_as_the_draft()))
        except DomainError as error:
            said.append(_about(sent.name, error))
            if error.code in (Code.TOO_MANY_FILES, Code.TOO_MANY_ATTEMPTS, Code.STORAGE_UNAVAILABLE):
                break
    for code, name in refused_files(request):
        said.append(_about(name, CUT_OFF[code]()))
        if code == "too_many_files":
            break
    problems = Problems()
    if said:
        problems.add(FIELD, " ".join(dict.fromkeys(said)))
    return rows, problems


def _bytes(sent: Any) -> bytes:
    content: bytes = sent.read()
    return content


def _about(name: object, error: DomainError) -> str:
    if error.code == Code.TOO_MANY_ATTEMPTS:
        return sentence(error)
    named = {"file": f"\u2068{plain_name(name)}\u2069", "problem": sentence(error)}
    return _("%(file)s: %(problem)s") % named


def _count(request: HttpRequest) -> None:
    """Drawing a photo anew costs a second of work: a client has so many an hour, here and in the API."""
    sender = access.sender_of(request)
    client = f"sender:{sender.pk}" if sender is not None else access.client_of(request)
    allowance = rates.count("upload", client, limit=settings.SAWT_UPLOADS_PER_HOUR, window=HOUR)
    if allowance.is_used_up:
        raise DomainError(Code.TOO_MANY_ATTEMPTS, retry_after=allowance.seconds)


def of_draft(draft: Draft | None) -> list[Attachment]:
    """What was uploaded for this draft; looking at it keeps it."""
    if draft is None:
        return []
    rows = list(intake.waiting(draft.client))
    if rows:
        intake.keep_alive(draft.client, waits=as_long_as_the_draft())
    return rows


def shown(draft: Draft | None, step: str) -> dict[str, Any]:
    """What a step's page shows of them: the list, and where one of them says that it was taken.

    The first step's form cannot answer that offer; the second one's does.
    """
    rows = of_draft(draft)
    point = point_of(draft, rows) if step != "what" else None
    return {"uploads": rows, "photo_point": point, "step_name": step, "accept": ACCEPT}


def with_draft(draft: Draft, arrived: Report | None) -> Files:
    """The files to send with it; when it has arrived already, those that went with it count again."""
    rows = list(arrived.attachments.filter(event__code="submit")) if arrived is not None else []
    rows += list(intake.waiting(draft.client))
    return Files(tuple(str(row.public_id) for row in sorted(rows, key=lambda row: row.pk)), draft.client)


def point_of(draft: Draft | None, rows: list[Attachment]) -> tuple[float, float] | None:
    """Where a photo of the draft was taken, if that lies in the region and no point is chosen yet."""
    if draft is None or draft.latitude:
        return None
    bounds = catalogue().bounds
    for row in rows:
        if row.latitude is None or row.longitude is None:
            continue
        if bounds is None or bounds.contains(row.latitude, row.longitude):
            return row.latitude, row.longitude
    return None


def forget_points(draft: Draft) -> None:
    """The offer was taken up or declined: where the photos were taken is known no longer."""
    intake.waiting(draft.client).update(latitude=None, longitude=None)


def decided(draft: Draft, pressed: str) -> bool:
    """Whether one of the two buttons of the offer was pressed, and what it says is done."""
    if pressed not in ("photo_point", "no_photo_point"):
        return False
    point = point_of(draft, of_draft(draft)) if pressed == "photo_point" else None
    if point is not None:
        draft.latitude, draft.longitude = (str(part) for part in point)
    forget_points(draft)
    return True


def of_conversation(report: Report) -> dict[int | None, list[Attachment]]:
    """What the sender reads of a report's files, by event; those of the submission by None."""
    grouped: dict[int | None, list[Attachment]] = {}
    for row in reading.of_sender(report):
        begins = row.event is not None and row.event.code == "submit"
        grouped.setdefault(None if begins else row.event_id, []).append(row)
    return grouped


class Refused(Exception):
    """Files that cannot be sent; `said` names each with its reason."""

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__(said)


def _owner(request: HttpRequest, report: Report) -> str:
    """Whose the files of a message are while it is written: those of this visit to this report."""
    token = request.session.get(VISIT)
    if token is None:
        token = request.session[VISIT] = secrets.token_hex(8)
    return f"report:{report.pk}:{token}"


def of_message(request: HttpRequest, report: Report) -> list[Attachment]:
    """What came with a message that was refused, and waits for it to be mended."""
    return list(intake.waiting(_owner(request, report))) if VISIT in request.session else []


@contextmanager
def sent_with(request: HttpRequest, report: Report) -> Iterator[Files]:
    """The files of a message, for the action inside, with those that waited for it.

    Raises Refused where one of them cannot be sent: then nothing of the message is, and the others wait.
    """
    owner = _owner(request, report)
    left_out = set(request.POST.getlist("drop")[:20])
    intake.drop([row for row in intake.waiting(owner) if str(row.public_id) in left_out])
    _rows, problems = taken(request, owner)
    rows = list(intake.waiting(owner))
    if problems:
        said = str(problems.found[FIELD])
        if rows:
            kept = ngettext("The other file is kept.", "The other %(n)d files are kept.", len(rows))
            said = f"{said} {kept % {'n': len(rows)}}"
        raise Refused(said)
    try:
        yield Files(tuple(str(row.public_id) for row in rows), owner)
    except DomainError as error:
        # What can be mended is sent again; what is not allowed leaves nothing behind.
        if error.field is None and not isinstance(error, Invalid):
            intake.drop(rows)
        raise
    intake.drop(rows)


def discard(draft: Draft) -> None:
    intake.drop(intake.waiting(draft.client))
