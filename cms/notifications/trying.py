"""A text as it will read: on a real report by the real renderer, or with values as long as real ones get.

And a test to oneself, over the same outbox, gateway and mail server as everything else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, override

from cms.entities.naming import in_language
from cms.outbox import effects
from cms.outbox.effects import NewEffect
from cms.outbox.handlers import Cancel, Send, prepares, register
from cms.outbox.models import Effect
from cms.reports.models import Report
from cms.reports.secrets import TOKEN_LENGTH
from permissions.models import User

from . import senders
from .composing import Composed, values_for
from .models import Audience, SmsTemplate
from .people import sees_now
from .placeholders import BROUGHT, available, in_words
from .rendering import fill, placeholders_of
from .segments import Size, measure
from .staff import closing, language_of, link_to, one_line, template_of, values_for_staff

TEST_SMS, TEST_EMAIL, TEST = "test_sms", "test_email", "test"

# What an event brings, as long as it gets: numbers of four digits, names as the tenant's longest.
LONGEST_VALUES: dict[str, dict[str, Any]] = {
    "ar": {
        "code": "482913",
        "primary": "بلاغ مشابه",
        "holiday": "إجازة عيد الأضحى المبارك",
        "project": "محطة معالجة سوسة النخيل المتنقلة",
        # A saved search's name is of 60 letters at most.
        "search": "حفر وتسربات مياه في الأحياء الشمالية من بريدة منذ أول العام",
    },
    "en": {
        "code": "482913",
        "primary": "a similar report",
        "holiday": "Eid al-Adha holiday",
        "project": "Renewing the water network, As Salam district",
        "search": "Potholes and water leaks in the north of Buraydah this year",
    },
}
NUMBERS = {"count": 1200, "oldest": 480, "new": 120, "triage": 120, "age": 48, "percent": 100}
# Of a month whose name is the longest in both languages, in the morning.
LONGEST_DAY = "2026-09-30T10:30:00+03:00"
LONGEST_ENTITY = {"ar": "بلدية رياض الخبراء", "en": "Human Resources and Social Development Branch in Qassim"}


@dataclass(frozen=True)
class Tried:
    """What one language of a text becomes, and of how many parts it is as an SMS."""

    language: str
    text: str
    size: Size


def longest(template: SmsTemplate, language: str, reference: str = "") -> Tried:
    """With values as long as they get; `reference` and the address are this product's own."""
    text = in_language(template, "text", language)
    made_up = reference or f"{settings.SAWT_REFERENCE_PREFIX}-26-7K4MQ2P-0"
    sender = template.audience == Audience.SENDER
    link = f"/t/{'X' * TOKEN_LENGTH}" if sender else f"/s/{made_up}/"
    words = {
        "reference": made_up,
        "entity": LONGEST_ENTITY[language],
        "link": settings.SAWT_BASE_URL + link,
        **LONGEST_VALUES[language],
        **{name: in_words(name, number, language) for name, number in NUMBERS.items()},
        "due": in_words("due", LONGEST_DAY, language),
    }
    filled = fill(text, {name: words[name] for name in placeholders_of(text)})
    return Tried(language, filled, measure(filled))


def on_report(template: SmsTemplate, report: Report, language: str) -> Tried:
    """By what really sends; what only an event brings is as long as it gets. The language is asked for: a
    message goes in the report's, or in the person's own."""
    brought = {
        name: NUMBERS.get(name, LONGEST_VALUES[language].get(name, LONGEST_DAY))
        for name in BROUGHT.get(template.event, ())
    }
    if template.audience == Audience.SENDER:
        kept, report.language = report.language, language
        try:
            words = values_for(
                template, report, report.entity, said={name: str(value) for name, value in brought.items()}
            )
        finally:
            report.language = kept
        text = fill(in_language(template, "text", language), {"code": "482913", **words})
    else:
        # Of a confidential one the neutral words, whatever text was chosen.
        told = template_of(report, template.event, template.audience, template.pk) or template
        pattern = in_language(told, "text", language)
        link = link_to(report)
        text = fill(pattern, values_for_staff(pattern, report, report.entity, brought, language, link))
    return Tried(language, text, measure(text))


def names_for(event: str) -> list[str]:
    """What a text of this event may ask for, in a stable order."""
    return sorted(available(event))


def send_test(
    template: SmsTemplate, user: User, channel: str, report: Report | None, *, at: datetime
) -> None:
    """One row in the outbox for who asked, in their own language; each asking is one message."""
    kind = TEST_SMS if channel == "sms" else TEST_EMAIL
    payload = {
        "event": TEST,
        "person": user.pk,
        "template": template.pk,
        "report": report.pk if report is not None else None,
    }
    key = f"{kind}:{template.pk}:{user.pk}:{int(at.timestamp() * 1000)}"
    effects.enqueue_many([NewEffect(kind, payload, key)], at=at)


def _test(effect: Effect) -> tuple[User, str, str]:
    """Who asked, their language and the text; Cancel where one of them is gone."""
    payload = effect.payload
    person = User.objects.select_related("wagtail_userprofile").filter(pk=payload["person"]).first()
    template = SmsTemplate.objects.filter(pk=payload["template"]).first()
    if person is None or not person.is_active or template is None:
        raise Cancel("gone")
    language = language_of(person)
    report = Report.objects.select_related("entity", "parent").filter(pk=payload["report"]).first()
    if report is not None and not sees_now(person, report, senders.clock()):
        raise Cancel("does not see it any more")
    tried = longest(template, language) if report is None else on_report(template, report, language)
    with override(language):
        return person, language, gettext("Test: %(text)s") % {"text": tried.text}


@prepares(TEST_SMS)
def send_test_sms(effect: Effect) -> Send:
    person, language, text = _test(effect)
    if not person.phone:
        raise Cancel("no number")
    row = senders.sms_row(
        to=person.phone,
        language=language,
        event=TEST,
        report_id=None,
        person_id=person.pk,
        composed=Composed(text, text),
        at=effect.created_at,
    )
    return Send(lambda: senders.send_sms(effect.key, effect, row, Composed(text, text)))


@register(TEST_EMAIL)
def send_test_email(effect: Effect) -> Callable[[], None]:
    person, language, text = _test(effect)
    if not person.email:
        raise Cancel("no address")
    said = one_line(text)
    body = f"{said}\n\n{closing(language)}\n"
    return senders.mailed(
        effect, person.email, said, body, language=language, report_id=None, person_id=person.pk
    )
