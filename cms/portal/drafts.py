"""What someone has begun to write, kept with the session until it is sent or given up.

It holds what was typed, valid or not, so that a reload, a change of language or a step back loses nothing.
Two windows of one browser share a session, and may write about two things: every form names its draft by its
key, and every address by the key's beginning, so that a reload shows what the window showed. The one that was
written in last is at hand for whatever names none; the others lie aside.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.urls import reverse

from cms.entities.snapshot import catalogue
from cms.reports.actions import Contact, SubmitInput
from cms.reports.encryption import Undecipherable, decrypt, encrypt

SESSION_KEY, ASIDE = "report_draft", "report_drafts_aside"
# More windows than anybody fills in at once; the one that was left longest goes.
MOST_ASIDE = 4
# In the address of every step: the beginning of its key.
PARAMETER, NAME_LENGTH = "draft", 8
MOBILE, ANONYMOUS = "mobile", "anonymous"
# Far more than is accepted, so that a text that is too long comes back whole to be shortened.
LONGEST_KEPT = 20_000
LEFT_FOR_SECONDS = 60 * 60


@dataclass
class Draft:
    # Names the sender of this submission; the session's own key changes at sign-in.
    id: str = field(default_factory=lambda: secrets.token_hex(12))
    # Fixed for the draft's life: a form that is sent twice makes one report.
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    # The first step is done: another service is another report from now on.
    gone_on: bool = False
    # The key of the draft that it was before another service was chosen.
    begun_from: str = ""
    query: str = ""
    # The same in the person's own words, kept when they go on by a category or a suggested search.
    sentence: str = ""
    # The sentence that stands in the text because it was typed before, until they write there themselves.
    carried: str = ""
    service: str = ""
    place: str = ""
    latitude: str = ""
    longitude: str = ""
    address: str = ""
    # The page's script showed the map; without it nobody is told to use one.
    has_map: bool = False
    # A pin and a place far from each other, of which somebody said that both are right.
    confirmed: str = ""
    text: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    # The questions that stood on the page when it was last sent.
    seen: list[str] = field(default_factory=list)
    who: str = ""
    phone: str = ""
    # The number (E.164) that a code was sent to.
    code_sent_to: str = ""
    name: str = ""
    category: str = ""
    # Encrypted: a session is a row in the database like any other.
    national_id: str = ""

    @property
    def client(self) -> str:
        """Whose idempotency key it is."""
        return f"web:{self.id}"

    @property
    def is_anonymous(self) -> bool:
        return self.who == ANONYMOUS

    @property
    def is_begun(self) -> bool:
        """More was written than what the first step asks."""
        typed = bool(self.text.strip()) and not self.is_text_carried
        return typed or any((self.place, self.address, self.latitude, self.answers, self.who, self.name))

    @property
    def is_text_carried(self) -> bool:
        return bool(self.carried) and self.text == self.carried

    @property
    def pin_with_place(self) -> str:
        """This pin with this place: what somebody confirms who says that both are right."""
        return f"{self.place} {self.latitude} {self.longitude}"

    @property
    def is_location_confirmed(self) -> bool:
        return self.confirmed == self.pin_with_place

    def carry_sentence(self) -> None:
        """Nobody types twice what they searched with; what they wrote as the text is left alone."""
        if self.sentence and (not self.text.strip() or self.is_text_carried):
            self.text = self.carried = self.sentence

    def keep_national_id(self, typed: str) -> None:
        self.national_id = encrypt(typed[:40])

    def shown_national_id(self) -> str:
        try:
            return decrypt(self.national_id)
        except Undecipherable:
            return ""

    def number(self, name: str) -> float | None:
        """A coordinate as typed. What is no number becomes NaN, which the action refuses by name."""
        text = getattr(self, name).strip()
        if not text:
            return None
        try:
            return float(text)
        except ValueError:
            return float("nan")

    def as_input(self, *, sender_id: int | None, language: str) -> SubmitInput:
        service = catalogue().service(self.service)
        rows = service.questions if service else []  # type: ignore[attr-defined]
        asked = {question.code for question in rows}
        contact = None
        if not self.is_anonymous:
            contact = Contact(
                name=self.name,
                category=self.category,
                national_id=self.shown_national_id() if service and service.requires_national_id else "",
            )
        return SubmitInput(
            service=self.service,
            place=self.place,
            text=self.text,
            answers={code: value for code, value in self.answers.items() if value and code in asked},
            latitude=self.number("latitude"),
            longitude=self.number("longitude"),
            location_confirmed=self.is_location_confirmed,
            address_text=self.address,
            channel="web",
            language=language,
            inherits_language=True,
            sender_id=None if self.is_anonymous else sender_id,
            contact=contact,
            idempotency_key=self.key,
            client=self.client,
        )


def _known(kept: object) -> Draft | None:
    if not isinstance(kept, dict):
        return None
    known = {item.name for item in fields(Draft)}
    return Draft(**{name: value for name, value in kept.items() if name in known})


def drafts_of(request: HttpRequest) -> list[Draft]:
    """All of this browser, the one at hand first."""
    rows: list[Any] = [request.session.get(SESSION_KEY), *reversed(request.session.get(ASIDE, []))]
    return [draft for draft in map(_known, rows) if draft is not None]


def draft_of(request: HttpRequest) -> Draft | None:
    """The draft that the form names, or else the address, and no other; the one at hand where neither does.

    It is at hand from now on.
    """
    key, name = request.POST.get("key", ""), request.GET.get(PARAMETER, "")
    found = at_hand = _known(request.session.get(SESSION_KEY))
    if key:
        found = next((draft for draft in drafts_of(request) if draft.key == key), None)
    elif name:
        found = next((draft for draft in drafts_of(request) if name_of(draft.key) == name), None)
    if found is not None and (at_hand is None or found.key != at_hand.key):
        keep(request, found)
    return found


def keep(request: HttpRequest, draft: Draft) -> None:
    """It is at hand from now on."""
    aside = [one for one in reversed(drafts_of(request)) if one.key != draft.key][-MOST_ASIDE:]
    if aside or ASIDE in request.session:
        request.session[ASIDE] = [asdict(one) for one in aside]
    request.session[SESSION_KEY] = asdict(draft)


def name_of(key: str) -> str:
    return key[:NAME_LENGTH]


def named(address: str, key: str) -> str:
    """The address, saying which draft it shows."""
    return f"{address}{'&' if '?' in address else '?'}{PARAMETER}={name_of(key)}"


def address_of(request: HttpRequest, url: str) -> str:
    """A step's address, with the draft at hand."""
    draft = _known(request.session.get(SESSION_KEY))
    return named(reverse(url), draft.key) if draft else reverse(url)


def is_unnamed(request: HttpRequest) -> bool:
    """Whether a reload of this address would show whatever is at hand by then."""
    return request.method != "POST" and PARAMETER not in request.GET


def leave_at(engine: type[SessionBase], session_key: str, draft: Draft) -> None:
    """The draft alone, at the key that a session has just given up.

    Where the answer with the new key is lost, the browser comes back with the old one: it finds what was
    written, and none of the rights that the new session has.
    """
    left = engine(session_key)
    left.clear()
    left[SESSION_KEY] = asdict(draft)
    left.set_expiry(LEFT_FOR_SECONDS)
    left.save(must_create=True)


def discard(request: HttpRequest, draft: Draft | None) -> None:
    """What another window writes stays, and is at hand for none but that one."""
    if draft is None:
        return
    if (kept := _known(request.session.get(SESSION_KEY))) and kept.key == draft.key:
        request.session.pop(SESSION_KEY)
    if ASIDE in request.session:
        request.session[ASIDE] = [row for row in request.session[ASIDE] if row.get("key") != draft.key]
