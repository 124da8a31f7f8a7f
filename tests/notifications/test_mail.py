"""Mail through a real server that refuses on demand, and mail on the screen."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import send_mail

from cms.notifications.models import SentMessage
from cms.outbox.models import Effect
from tests.gateways.unruly import Unruly, status

from .conftest import riyadh
from .test_messages import submitted


class Postman:
    """Answers `says`, or takes the mail; `took` are what it took."""

    def __init__(self) -> None:
        self.says = ""
        self.took: list[Any] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.says:
            return self.says
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.took.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 taken"


@pytest.fixture
def postman(settings: Any) -> Iterator[Postman]:
    made = Postman()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(made, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 5
    settings.EMAIL_PORT = port
    yield made
    controller.stop()


@pytest.fixture
def mail(texts: None, people: Any, sender: Any, relayed: Any) -> Effect:
    """An effect that waits: the mail that follows the text message about a report."""
    sender.email = "sara@example.org"
    sender.save()
    submitted(sender=sender)
    relayed(riyadh("10:00"))
    return Effect.objects.get(kind="sender_email")


def outcome(effect: Effect) -> tuple[str, str]:
    effect.refresh_from_db()
    return effect.state, effect.last_error


@pytest.mark.django_db
def test_a_mail_is_taken_by_a_real_server(postman: Postman, mail: Effect, relayed: Any) -> None:
    relayed(riyadh("10:00"))
    ((to, content),) = postman.took
    assert to == ["sara@example.org"]
    assert f"X-Sawt-Effect: {mail.key}" in content
    row = SentMessage.objects.get(channel="email")
    assert (row.state, row.via) == ("sent", "mail")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("says", "state", "error"),
    [
        ("550 no such mailbox sara@example.org", "failed", "mail: SMTPRecipientsRefused 550"),
        ("450 greylisted, come again", "pending", "mail: SMTPRecipientsRefused 450"),
    ],
)
def test_what_the_server_says_decides_whether_it_is_tried_again(
    postman: Postman, mail: Effect, relayed: Any, says: str, state: str, error: str
) -> None:
    postman.says = says
    relayed(riyadh("10:00"))
    assert outcome(mail) == (state, error)
    assert mail.via == "mail"
    rows = SentMessage.objects.filter(channel="email").values_list("state", "error")
    assert list(rows) == ([("failed", error)] if state == "failed" else [])
    postman.says = ""
    if state == "pending":
        relayed(mail.not_before)
        assert len(postman.took) == 1


@pytest.mark.django_db
def test_a_server_that_is_away_is_for_later(
    postman: Postman, mail: Effect, relayed: Any, settings: Any
) -> None:
    settings.EMAIL_PORT = 1
    relayed(riyadh("10:00"))
    assert outcome(mail) == ("pending", "mail: ConnectionRefusedError")


@pytest.fixture
def service(settings: Any) -> Iterator[Unruly]:
    """A mail service's API, as Mailgun's is."""
    made = Unruly()
    made.always = 200, {}, b'{"id": "<7@mg.example.org>", "message": "Queued."}'
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    settings.ANYMAIL = {
        "MAILGUN_API_KEY": "abcdefghijklmnop0123",
        "MAILGUN_SENDER_DOMAIN": "mg.example.org",
        "MAILGUN_API_URL": made.url,
        "REQUESTS_TIMEOUT": 2,
    }
    yield made
    made.stop()


@pytest.mark.django_db
def test_a_mail_goes_by_a_service_s_api(service: Unruly, mail: Effect, relayed: Any) -> None:
    relayed(riyadh("10:00"))
    ((_headers, form),) = service.got
    assert form["to"] == ["sara@example.org"]
    assert form["h:X-Sawt-Effect"] == [mail.key]
    row = SentMessage.objects.get(channel="email")
    assert (row.state, row.via) == ("sent", "mail")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("does", "state", "error", "pause"),
    [
        (status(400), "failed", "mail: the service answered 400", 0),
        (status(503), "pending", "mail: the service answered 503", 0),
        (status(429, Retry_After="3600"), "pending", "mail: the service answered 429", 3600),
        (status(401), "pending", "mail: the service answered 401", 0),
        ("close", "pending", "mail: AnymailRequestsAPIError", 0),
        ((200, {}, b"<html>"), "pending", "mail: the service answered 200", 0),
    ],
    ids=["400", "503", "429", "401", "closes", "no JSON"],
)
def test_what_the_service_says_decides_whether_it_is_tried_again(
    service: Unruly, mail: Effect, relayed: Any, does: Any, state: str, error: str, pause: int
) -> None:
    service.does.append(does)
    relayed(riyadh("10:00"))
    assert outcome(mail) == (state, error)
    assert list(SentMessage.objects.filter(channel="email").values_list("state", "error")) == (
        [("failed", error)] if state == "failed" else []
    )
    if state == "pending":
        assert mail.not_before >= riyadh("10:00") + timedelta(seconds=pause)
        relayed(mail.not_before)
        assert outcome(mail)[0] == "done"


@pytest.mark.django_db
def test_other_mail_is_seen_on_the_screen(settings: Any) -> None:
    settings.EMAIL_BACKEND = "cms.notifications.gateways.ScreenEmailBackend"
    assert send_mail("Subject", "Body", None, ["editor@example.org"]) == 1
    message = SentMessage.objects.get()
    assert (message.channel, message.to, message.subject) == ("email", "editor@example.org", "Subject")
