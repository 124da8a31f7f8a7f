"""Leaving optional mail by a signed link in it (RFC 8058): what may be left, and leaving it.

Optional is what the table of rules leaves to each person. What one asked for, a code or news of one's own
report, and what the rules always tell bring no such link. Whoever holds the link may turn this mail off and
learns nothing by it but what kind of mail that is.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext, override

from permissions.models import User

from .models import Channel, Choice, Rule
from .titles import event_title

SALT = "sawt.unsubscribe"
# The mail that gathers several kinds: leaving it leaves all of them.
ALL = ""


@dataclass(frozen=True)
class Offer:
    """What a link turns off: the mail of one kind of news, or of all kinds that are optional."""

    person: User
    event: str
    kinds: tuple[str, ...]

    @property
    def title(self) -> str:
        return event_title(self.event) if self.event else gettext("All news that is not compulsory")

    @property
    def is_off(self) -> bool:
        off = Choice.objects.filter(
            person=self.person, channel=Channel.EMAIL, event__in=self.kinds, wanted=False
        )
        return off.count() == len(self.kinds)


def address_for(person: User, event: str, language: str) -> str:
    """The page at which this person leaves this mail."""
    token = signing.dumps([person.pk, event], salt=SALT)
    with override(language):
        return settings.SAWT_BASE_URL + reverse("portal:unsubscribe", args=[token])


def headers_for(address: str) -> dict[str, str]:
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def in_words(address: str, language: str) -> str:
    with override(language):
        return gettext("Not to get such e-mails any more: %(address)s") % {"address": address}


def optional_kinds(event: str = ALL) -> tuple[str, ...]:
    """The kinds of news whose mail somebody may turn off; of one kind itself, or none where none may."""
    rules = Rule.objects.filter(channel=Channel.EMAIL, is_active=True).exclude(mode=Rule.Mode.ALWAYS)
    if event:
        rules = rules.filter(event=event)
    return tuple(sorted(set(rules.values_list("event", flat=True))))


def offered(token: str) -> Offer | None:
    """What this link turns off; None where it is not ours, or its person has gone."""
    try:
        pk, event = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    person = User.objects.filter(pk=pk, is_active=True).first()
    return None if person is None else Offer(person, event, optional_kinds(event))


def turn_off(offer: Offer) -> None:
    """However often: what is off stays off. What has become compulsory since is not touched."""
    Choice.objects.bulk_create(
        [
            Choice(person=offer.person, event=event, channel=Channel.EMAIL, wanted=False)
            for event in offer.kinds
        ],
        update_conflicts=True,
        unique_fields=["person", "event", "channel"],
        update_fields=["wanted"],
    )
