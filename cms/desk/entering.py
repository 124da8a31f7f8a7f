"""What the core refuses of a report that staff enter, at the fields of their screen: all in one answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cms.content.counting import counted
from cms.entities.models import Service
from cms.reports import actions
from cms.reports.actions import SubmitInput
from cms.reports.errors import Code, DomainError, Invalid

ANSWERS = "answers-"
# There is no map on these screens: words are enough.
FIELDS: dict[tuple[str, ...], str] = {
    ("addressText",): "address",
    ("location",): "address",
    ("idempotencyKey",): "",
}


@dataclass(frozen=True)
class Screen:
    """`fields`: the API's names of fields → the ids of ours. What is not there is named by its path.

    `missing`: what 'this is needed' is called away from its field; `order`: the ids as they stand there.
    """

    fields: Mapping[tuple[str, ...], str]
    missing: Mapping[str, Promise]
    order: tuple[str, ...] = field(default=())

    def problems_of(
        self, error: DomainError, *, service: Service | None = None, default: str = ""
    ) -> dict[str, str]:
        """Field id → sentence; '' is the whole screen. `default` takes what names no field."""
        found: dict[str, str] = {}
        for one in error.errors if isinstance(error, Invalid) else [error]:
            path = tuple(one.field or ())
            name = ({**FIELDS, **self.fields}.get(path, "-".join(path)) if path else "") or default
            said = self._missing(name, service, one) if one.code == Code.REQUIRED else sentence(one)
            found.setdefault(name, said)
        return found

    def with_all(
        self,
        known: Mapping[str, str],
        given: Callable[[], SubmitInput],
        *,
        service: Service | None,
        unseen: Collection[str] = (),
    ) -> dict[str, str]:
        """What is `known` to be wrong, with all that the core would refuse after it, in the screen's order.

        Of `unseen` questions nothing is said yet.
        """
        found: dict[str, str] = {}
        try:
            actions.prepare(given())
        except DomainError as error:
            found = self.problems_of(error, service=service)
        found = {name: said for name, said in found.items() if name.removeprefix(ANSWERS) not in unseen}
        return dict(sorted({**found, **known}.items(), key=lambda pair: self._place_of(pair[0])))

    def _place_of(self, name: str) -> int:
        part = ANSWERS if name.startswith(ANSWERS) else name
        return self.order.index(part) if part in self.order else -1

    def _missing(self, name: str, service: Service | None, error: DomainError) -> str:
        """'This is needed' says little in a list of problems away from its field."""
        for question in service.questions if service is not None else ():  # type: ignore[attr-defined]
            if name == f"{ANSWERS}{question.code}":
                return _("Answer this: %(question)s") % {"question": question.label}
        return str(self.missing.get(name, sentence(error)))


def sentence(error: DomainError) -> str:
    if error.retry_after:
        wait = counted(max(1, -(-error.retry_after // 60)), "minute")
        return f"{error.message} " + _("You can try again after %(wait)s.") % {"wait": wait}
    return error.message
