"""What was typed into the form of a letter, and the submission that it makes."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import date

from django.http import QueryDict
from django.utils.translation import get_language

from cms.entities.models import Service
from cms.entities.snapshot import catalogue
from cms.reports.actions import Letter, SubmitInput
from cms.reports.files.intake import Files
from cms.reports.models import Channel

# Far more than is accepted, so that a text that is too long comes back whole to be shortened.
LONGEST = 20_000
KEY = re.compile(r"[0-9a-f]{32}")
_DIGITS = {ord("٠") + step: str(step) for step in range(10)}


def new_key() -> str:
    return secrets.token_hex(16)


def client(user_id: int) -> str:
    """Whose idempotency key it is: one person's, so that nobody's key leads to another's report."""
    return f"entity:{user_id}"


@dataclass(frozen=True)
class Typed:
    key: str = ""
    sender: str = ""
    to: str = ""
    service_code: str = ""
    # The service whose questions stood on the screen when it was sent.
    asked_for: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    place: str = ""
    address: str = ""
    title: str = ""
    number: str = ""
    day: str = ""
    text: str = ""

    @classmethod
    def of(cls, data: QueryDict) -> Typed:
        def said(name: str, limit: int = 300) -> str:
            return data.get(name, "").replace("\x00", "")[:limit]

        given = [name for name in data if name.startswith("answers-")][:100]
        key = said("key", 64)
        return cls(
            key=key if KEY.fullmatch(key) else new_key(),
            sender=said("sender", 80),
            to=said("to", 80),
            service_code=said("service", 60),
            asked_for=said("asked_for", 60),
            answers={name.removeprefix("answers-")[:60]: said(name, 1000) for name in given},
            place=said("place", 80),
            address=said("address", 1000),
            title=said("title", 1000),
            number=said("number"),
            day=said("day", 20).strip(),
            text=said("text", LONGEST),
        )

    @property
    def service(self) -> Service | None:
        return catalogue().service(self.service_code)

    @property
    def date(self) -> date | None:
        """None where there is none, or it is none."""
        try:
            return date.fromisoformat(self.day.translate(_DIGITS))
        except ValueError:
            return None

    def as_input(self, *, user_id: int, files: Files) -> SubmitInput:
        service = self.service
        known = {row.code for row in service.questions} if service else set()  # type: ignore[attr-defined]
        return SubmitInput(
            service=self.service_code,
            place=self.place,
            text=self.text,
            title=self.title,
            answers={code: value for code, value in self.answers.items() if value and code in known},
            address_text=self.address,
            channel=Channel.LETTER,
            language="en" if (get_language() or "ar").startswith("en") else "ar",
            idempotency_key=self.key,
            client=client(user_id),
            files=files,
            letter=Letter(sender=self.sender, to=self.to, number=self.number, date=self.date),
        )
