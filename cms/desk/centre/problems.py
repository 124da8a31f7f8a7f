"""What the core refuses, at the fields of the one screen."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cms.content.counting import counted
from cms.entities.models import Service
from cms.reports.errors import Code, DomainError, Invalid

# The API's names of fields → the ids of ours. What is not here is named by its path.
FIELDS: dict[tuple[str, ...], str] = {
    ("addressText",): "address",
    # There is no map on this screen: words are enough.
    ("location",): "address",
    ("sender",): "phone",
    ("sender", "phone"): "phone",
    ("sender", "name"): "name",
    ("sender", "category"): "category",
    ("sender", "nationalId"): "national_id",
    ("idempotencyKey",): "",
}


def sentence(error: DomainError) -> str:
    if error.retry_after:
        wait = counted(max(1, -(-error.retry_after // 60)), "minute")
        return f"{error.message} " + _("You can try again after %(wait)s.") % {"wait": wait}
    return error.message


def problems_of(error: DomainError, default: str = "", service: Service | None = None) -> dict[str, str]:
    """Field id → sentence, in order; '' is the whole screen. `default` takes what names no field."""
    found: dict[str, str] = {}
    for one in error.errors if isinstance(error, Invalid) else [error]:
        path = tuple(one.field or ())
        name = (FIELDS.get(path, "-".join(path)) if path else "") or default
        found.setdefault(name, _missing(name, service) if one.code == Code.REQUIRED else sentence(one))
    return found


def _missing(name: str, service: Service | None) -> str:
    """'This is needed' says little in a list of problems away from its field."""
    if name.startswith("answers-") and service is not None:
        for question in service.questions:  # type: ignore[attr-defined]
            if name == f"answers-{question.code}":
                return _("Answer this: %(question)s") % {"question": question.label}
    return {
        "service": _("Choose what it is about."),
        "place": _("Choose the place."),
        "address": _("Describe in words where exactly it is."),
        "text": _("Describe what the caller tells."),
        "phone": _("Write the caller's mobile number."),
        "national_id": _("Write the caller's national ID or residence number."),
        "code": _("Write the code that the caller reads out."),
    }.get(name, sentence(DomainError(Code.REQUIRED)))
