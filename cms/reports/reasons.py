"""The reason an action asks for, with its sentence where the reason needs one."""

from __future__ import annotations

from .errors import Code, DomainError
from .models import Reason
from .texts import clean_text


def reason_with_text(used_for: str, code: str, text: str) -> tuple[Reason, str]:
    """The reason row and the cleaned text; `required` or `not_found` on the field that is wrong."""
    if not code:
        raise DomainError(Code.REQUIRED, field="reason")
    reason = Reason.objects.filter(used_for=used_for, code=code).first()
    if reason is None:
        raise DomainError(Code.NOT_FOUND, field="reason")
    cleaned = clean_text(text, field="text", minimum=3 if reason.needs_text else 0, maximum=2000)
    return reason, cleaned
