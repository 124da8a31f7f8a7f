"""Signed addresses of files: for five minutes, for one reader, who is asked again when it is opened.

What a telephone's downloader or a program follows carries no cookie. The signature names the file and who
asked; whether they may read it is decided at every request, so a link outlives no right.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.urls import reverse

from permissions.models import User

from ..actors import Actor, EntitySender, SenderActor, StaffActor
from ..models import Attachment, Sender

LIVES = timedelta(minutes=5)
SALT = "sawt.files"


@dataclass(frozen=True)
class Opened:
    """What a link asks for, and as whom."""

    public_id: uuid.UUID
    actor: Actor
    small: bool


def sign(row: Attachment, actor: Actor, *, small: bool = False) -> str:
    """The path of a link. `small`: the thumbnail."""
    if isinstance(actor, StaffActor):
        who: list[object] = ["u", actor.user.pk]
    elif isinstance(actor, EntitySender):
        who = ["e", actor.user.pk]
    elif isinstance(actor, SenderActor):
        who = ["s", actor.report_id, actor.sender_id]
    else:
        raise TypeError("the system follows no links")
    token = signing.dumps([row.public_id.hex, who, int(small)], salt=SALT)
    return reverse("files:signed", args=[token])


def opened(token: str) -> Opened | None:
    """None where it is not ours, too old, or its reader is gone."""
    try:
        given, who, small = signing.loads(token, salt=SALT, max_age=LIVES)
        public_id = uuid.UUID(given)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    actor: Actor | None
    if who[0] == "s":
        actor = _sender(who[1], who[2])
    else:
        person = User.objects.filter(pk=who[1], is_active=True).first()
        part = StaffActor if who[0] == "u" else EntitySender
        actor = part(person) if person is not None else None
    return Opened(public_id, actor, bool(small)) if actor is not None else None


def _sender(report_id: int | None, sender_id: int | None) -> SenderActor:
    """A number that came to a new owner retires the row that its old one signed in with."""
    known = sender_id is not None and Sender.objects.filter(pk=sender_id, phone_verified_at__isnull=False)
    return SenderActor(report_id=report_id, sender_id=sender_id if known and known.exists() else None)
