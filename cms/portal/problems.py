"""Domain errors as a page shows them: each at its field, with the status a program can read."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from cms.content.counting import counted
from cms.reports.errors import Code, DomainError, Invalid

# The API's names of fields → the ids in our forms.
FIELDS: dict[tuple[str, ...], str] = {
    ("addressText",): "address",
    ("location",): "address",
    ("sender",): "phone",
    ("sender", "phone"): "phone",
    ("phone",): "phone",
    ("code",): "code",
    ("sender", "name"): "name",
    ("sender", "category"): "category",
    ("sender", "nationalId"): "national_id",
    ("nationalId",): "national_id",
    ("contactPreference",): "contact_preference",
}

# What a list of errors calls the fields whose errors may say nothing but "this is needed".
NAMES = {
    "address": pgettext_lazy("field", "Description of the place"),
    "phone": pgettext_lazy("field", "Mobile number"),
    "name": pgettext_lazy("field", "Name"),
    "write-text": pgettext_lazy("field", "Your message"),
    "reopen-reason": pgettext_lazy("field", "What is left"),
    "reopen-text": pgettext_lazy("field", "Explanation"),
    "withdraw-text": pgettext_lazy("field", "Why you withdraw it"),
}

STATUS = {
    Code.NOT_FOUND: 404,
    Code.DENIED: 403,
    Code.SIGN_IN_REQUIRED: 403,
    Code.CONFLICT: 409,
    Code.IDEMPOTENCY_CONFLICT: 409,
    Code.WRONG_STATE: 409,
    Code.NOT_AVAILABLE: 409,
    Code.ALREADY_RATED: 409,
    Code.WINDOW_PASSED: 409,
    Code.TOO_MANY_ATTEMPTS: 429,
}


def field_id(error: DomainError) -> str:
    path = tuple(error.field or ())
    if path in FIELDS:
        return FIELDS[path]
    return "-".join(path)


def sentence(error: DomainError) -> str:
    if error.retry_after:
        wait = counted(max(1, -(-error.retry_after // 60)), "minute")
        return f"{error.message} " + _("You can try again after %(wait)s.") % {"wait": wait}
    return error.message


def named(message: str, name: str) -> str:
    """The sentence away from its field: two fields that are both needed must not read alike."""
    if name in NAMES and message == DomainError(Code.REQUIRED).message:
        return _("%(field)s: %(problem)s") % {"field": NAMES[name], "problem": message}
    return message


@dataclass
class Problems:
    """What is wrong with what was sent: field id → sentence, in order. '' is the whole page."""

    found: dict[str, str] = field(default_factory=dict)
    status: int = 422
    retry_after: int | None = None

    def __bool__(self) -> bool:
        return bool(self.found)

    def add(self, name: str, message: str) -> None:
        self.found.setdefault(name, message)

    def take(self, error: DomainError, default: str = "") -> None:
        """`default`: the field an error belongs to that names none."""
        for one in error.errors if isinstance(error, Invalid) else [error]:
            self.add(field_id(one) or default, sentence(one))
            self.status = STATUS.get(one.code, self.status) if not isinstance(error, Invalid) else 422
            self.retry_after = one.retry_after or self.retry_after

    def mark(self, response: HttpResponse) -> HttpResponse:
        if self.found:
            response.status_code = self.status
            if self.retry_after:
                response.headers["Retry-After"] = str(self.retry_after)
        return response


def problems_of(error: DomainError, default: str = "") -> Problems:
    problems = Problems()
    problems.take(error, default)
    return problems
