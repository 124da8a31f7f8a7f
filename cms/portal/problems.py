"""Domain errors as a page shows them: each at its field, in the language of who reads the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise, lazy
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from cms.content.counting import counted
from cms.reports.errors import MESSAGES, Code, DomainError, Invalid

# The API's names of fields → the ids in our forms.
FIELDS: dict[tuple[str, ...], str] = {
    ("addressText",): "address",
    ("location",): "location",
    ("sender",): "phone",
    ("sender", "phone"): "phone",
    ("phone",): "phone",
    ("code",): "code",
    ("sender", "name"): "name",
    ("sender", "category"): "category",
    ("sender", "nationalId"): "national_id",
    ("nationalId",): "national_id",
    ("attachments",): "files",
}

# What a list of errors calls the fields whose errors may say nothing but "this is needed".
NAMES = {
    "text": pgettext_lazy("field", "Description"),
    "location": pgettext_lazy("field", "Point on the map"),
    "address": pgettext_lazy("field", "Description of the place"),
    "phone": pgettext_lazy("field", "Mobile number"),
    "name": pgettext_lazy("field", "Name"),
    "write-text": pgettext_lazy("field", "Your message"),
    "reopen-reason": pgettext_lazy("field", "What is left"),
    "reopen-text": pgettext_lazy("field", "Explanation"),
    "appeal-reason": pgettext_lazy("field", "Why it should be looked at again"),
    "withdraw-text": pgettext_lazy("field", "Why you withdraw it"),
}


# Their sentences fit every field, and so name none.
GENERAL = {Code.INVALID, Code.REQUIRED, Code.TOO_SHORT, Code.TOO_LONG, Code.BAD_CHARACTERS, Code.NOT_FOUND}


def field_id(error: DomainError) -> str:
    path = tuple(error.field or ())
    if path == ("location",) and error.code == Code.REQUIRED:
        # The words can be given by everyone, the point by who can use the map.
        return "address"
    if path in FIELDS:
        return FIELDS[path]
    return "-".join(path)


def sentence(error: DomainError) -> str:
    if error.retry_after:
        wait = counted(max(1, -(-error.retry_after // 60)), "minute")
        return f"{error.message} " + _("You can try again after %(wait)s.") % {"wait": wait}
    return error.message


_lazily: Any = lazy(lambda made: made(), str)


def said(error: DomainError) -> Promise:
    """The sentence, said again in the language of whoever asks; in general words where it cannot be."""
    language, first = get_language(), sentence(error)

    def again() -> str:
        now = sentence(error)
        return str(MESSAGES[error.code]) if now == first and get_language() != language else now

    return _lazily(again)


@dataclass
class Problems:
    """What is wrong with what was sent: field id → sentence, in order. '' is the whole page."""

    found: dict[str, str | Promise] = field(default_factory=dict)
    # Two fields that are both needed must not read alike in the list above the form.
    names: dict[str, str | Promise] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.found)

    def add(self, name: str, message: str | Promise) -> None:
        self.found.setdefault(name, message)

    def take(self, error: DomainError, default: str = "", form: str = "") -> None:
        """`default`: the field an error belongs to that names none. `form` begins the ids of its fields."""
        for one in error.errors if isinstance(error, Invalid) else [error]:
            name = field_id(one) or default
            name = f"{form}-{name}" if form and name else name
            self.add(name, said(one))
            if name in NAMES and one.code in GENERAL and one.message == str(MESSAGES[one.code]):
                self.names.setdefault(name, NAMES[name])

    def joined(self, others: Problems) -> Problems:
        """These, and the others' after them."""
        for name, message in others.found.items():
            self.add(name, message)
        return self

    def better(self, name: str, message: str | Promise) -> None:
        """A sentence that names its field."""
        self.found[name] = message
        self.names.pop(name, None)

    @property
    def listed(self) -> list[tuple[str, str]]:
        """Field id and sentence, as they stand above the form."""
        return [
            (name, _("%(field)s: %(problem)s") % {"field": self.names[name], "problem": message})
            if name in self.names
            else (name, str(message))
            for name, message in self.found.items()
        ]


def problems_of(error: DomainError, default: str = "") -> Problems:
    problems = Problems()
    problems.take(error, default)
    return problems
