"""What an agent has typed into the one screen, and the submission that it makes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Service
from cms.entities.snapshot import catalogue
from cms.reports.actions import Contact, SubmitInput
from cms.reports.models import Channel

from .calls import client

# The doors of the contact centre; the others are not an agent's.
CHANNELS: dict[str, Promise] = {
    Channel.PHONE.value: _("A call"),
    Channel.COUNTER.value: _("A visit to the counter"),
    Channel.KIOSK.value: _("At the kiosk"),
}
LANGUAGES = ("ar", "en")
# Far more than is accepted, so that a text that is too long comes back whole to be shortened.
LONGEST = 20_000
KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Typed:
    key: str = ""
    channel: str = Channel.PHONE.value
    query: str = ""
    service_code: str = ""
    # The service whose questions stood on the screen when it was sent, and which of them were seen.
    asked_for: str = ""
    seen: frozenset[str] = frozenset()
    answers: dict[str, str] = field(default_factory=dict)
    place: str = ""
    address: str = ""
    text: str = ""
    phone: str = ""
    # The screen showed the number as confirmed.
    is_confirmed: bool = False
    name: str = ""
    category: str = ""
    national_id: str = ""
    is_anonymous: bool = False
    language: str = "ar"

    @classmethod
    def of(cls, data: QueryDict) -> Typed:
        def said(name: str, limit: int = 300) -> str:
            return data.get(name, "").replace("\x00", "")[:limit]

        given = [name for name in data if name.startswith("answers-")][:100]
        answers = {name.removeprefix("answers-")[:60]: said(name, 1000) for name in given}
        return cls(
            key=said("key", 64),
            channel=said("channel", 8) if said("channel", 8) in CHANNELS else Channel.PHONE.value,
            query=said("q", 200).strip(),
            service_code=said("service", 60),
            asked_for=said("asked_for", 60),
            seen=frozenset(code[:60] for code in data.getlist("seen")[:100]),
            answers=answers,
            place=said("place", 80),
            address=said("address", 1000),
            text=said("text", LONGEST),
            phone=said("phone", 40).strip(),
            is_confirmed=said("confirmed", 1) == "1",
            name=said("name"),
            category=said("category", 20),
            national_id=said("national_id", 40).strip(),
            is_anonymous=said("anonymous", 1) == "1",
            language=said("language", 2) if said("language", 2) in LANGUAGES else "ar",
        )

    @property
    def has_key(self) -> bool:
        """Every screen of ours brings one."""
        return bool(KEY.fullmatch(self.key))

    @property
    def service(self) -> Service | None:
        return catalogue().service(self.service_code)

    @property
    def stays_anonymous(self) -> bool:
        """The tick counts where the service allows it; on another service it was left from before."""
        return bool(self.is_anonymous and self.service and self.service.allows_anonymous)

    def as_input(self, *, user_id: int, sender_id: int | None) -> SubmitInput:
        """`sender_id`: the caller who confirmed their number; None takes the number as it was told."""
        service = self.service
        known = {row.code for row in service.questions} if service else set()  # type: ignore[attr-defined]
        contact = None
        if not self.stays_anonymous:
            contact = Contact(
                name=self.name,
                phone="" if sender_id is not None else self.phone,
                category=self.category,
                national_id=self.national_id if service and service.requires_national_id else "",
            )
        return SubmitInput(
            service=self.service_code,
            place=self.place,
            text=self.text,
            answers={code: value for code, value in self.answers.items() if value and code in known},
            address_text=self.address,
            channel=self.channel,
            language=self.language,
            sender_id=None if self.stays_anonymous else sender_id,
            contact=contact,
            idempotency_key=self.key,
            client=client(user_id),
        )
