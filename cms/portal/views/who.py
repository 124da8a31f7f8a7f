"""The fourth step: a mobile number that is confirmed by a code, or nobody where the service allows it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cms.entities.phone import PhoneInvalid, to_e164
from cms.entities.snapshot import catalogue
from cms.notifications import codes
from cms.reports import senders
from cms.reports.errors import Code, DomainError
from cms.reports.models import SenderCategory

from .. import access
from ..drafts import ANONYMOUS, MOBILE, Draft, keep
from ..problems import Problems


def take(draft: Draft, data: QueryDict) -> None:
    if (who := data.get("who", "")) in (MOBILE, ANONYMOUS):
        draft.who = who
    for name, limit in (("phone", 40), ("name", 300), ("category", 20)):
        if name in data:
            setattr(draft, name, data.get(name, "")[:limit])
    if "national_id" in data:
        draft.keep_national_id(data.get("national_id", ""))


def phone_of(text: str) -> str:
    """E.164, or the coded error at the field."""
    if not text.strip():
        raise DomainError(Code.REQUIRED, _("Write your mobile number."), field="phone")
    try:
        return to_e164(text)
    except PhoneInvalid as error:
        raise DomainError(Code(error.code), field="phone") from None


def _pressed(data: QueryDict) -> str:
    """The button. The Enter key presses the first one, also where it asks for a code that nobody wants."""
    pressed = data.get("do", "next")
    return "next" if pressed == "send" and data.get("who") == ANONYMOUS else pressed


def is_step_done(data: QueryDict) -> bool:
    """Whether the button that was pressed goes on, or stays here."""
    return _pressed(data) == "next"


def handle(request: HttpRequest, draft: Draft, data: QueryDict) -> Problems:
    """Keep what was typed; then what the button says: send a code, try another number, confirm, go on."""
    take(draft, data)
    problems = Problems()
    pressed = _pressed(data)
    try:
        if pressed == "other":
            draft.code_sent_to = ""
            draft.phone = ""
            if access.sender_of(request):
                request.session.pop(access.SENDER, None)
        elif pressed == "send":
            draft.who = MOBILE
            send_code(request, draft)
        elif not draft.is_anonymous and access.sender_of(request) is None:
            _confirm(request, draft, data, problems)
        elif not draft.is_anonymous:
            draft.who = MOBILE
    except DomainError as error:
        problems.take(error, default="phone" if pressed == "send" else "code")
    keep(request, draft)
    return problems


def send_code(request: HttpRequest, draft: Draft) -> None:
    phone = phone_of(draft.phone)
    codes.request_code(
        phone, client=access.client_of(request), language=get_language() or "ar", at=timezone.now()
    )
    draft.code_sent_to = phone


def _confirm(request: HttpRequest, draft: Draft, data: QueryDict, problems: Problems) -> None:
    if not draft.code_sent_to:
        phone_of(draft.phone)
        problems.add("phone", _("Ask for the verification code first, then write it here."))
        return
    typed = data.get("code", "").strip()
    if not typed:
        problems.add("code", _("Write the verification code from the message."))
        return
    codes.verify_code(draft.code_sent_to, typed[:20], client=access.client_of(request), at=timezone.now())
    access.sign_in(request, senders.sign_in(draft.code_sent_to, language=get_language() or "ar"))
    draft.who, draft.code_sent_to, draft.phone = MOBILE, "", ""


def context(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    sender = access.sender_of(request)
    service = catalogue().service(draft.service)
    return {
        "sender": sender,
        "is_anonymous": bool(draft.is_anonymous and service and service.allows_anonymous),
        "confidential": bool(service and service.privacy == "confidential"),
        "categories": SenderCategory.choices,
        "name": draft.name or (sender.name if sender else ""),
        "category": draft.category or (sender.category if sender else ""),
        "national_id": draft.shown_national_id(),
        "is_demo": settings.SAWT_DEMO,
    }
