"""A report as a stranger may know of it, and the key that names it to us alone."""

from __future__ import annotations

import uuid

from django.core import signing
from django.utils.timezone import localdate

from cms.reports.merging import state_for_sender
from cms.reports.models import Report

from .results import PublicCase

SALT = "search.case"
LONGEST = 200


def public_case(report: Report) -> PublicCase:
    """With its service and place."""
    point = None
    if report.latitude is not None and report.longitude is not None:
        point = (_roughly(report.latitude), _roughly(report.longitude))
    return PublicCase(
        service=report.service,
        state=str(state_for_sender(report)),
        place=report.place,
        month=localdate(report.submitted_at).replace(day=1),
        point=point,
        key=signing.dumps(report.public_id.hex, salt=SALT),
    )


def id_of(key: str) -> uuid.UUID | None:
    """The report's public id; None for a key that we have not given."""
    try:
        return uuid.UUID(hex=signing.loads(key, salt=SALT)) if len(key) <= LONGEST else None
    except (signing.BadSignature, ValueError):
        return None


def _roughly(degrees: float) -> float:
    """To a fifth of a kilometre."""
    return round(round(degrees / 0.002) * 0.002, 3)
