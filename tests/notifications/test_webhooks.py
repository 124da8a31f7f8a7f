"""Other systems are told of steps: signed, once, at public addresses alone, and of no person."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from cms.gateways import reaching, webhooks
from cms.gateways.models import Circuit, Webhook, WebhookDelivery
from cms.notifications import senders
from cms.notifications.webhooks import replay
from cms.outbox.models import Effect
from cms.outbox.relay import run
from cms.reports.models import Report
from tests import factories
from tests.gateways.unruly import Unruly, status

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(autouse=True)
def _the_receivers_clock():
    """A signature holds for five minutes of it, and a whole run takes longer."""
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def receiver(monkeypatch, settings):
    settings.SAWT_WEBHOOK_PRIVATE_NETWORK = True
    monkeypatch.setattr(reaching, "_thread", threading.local())
    made = Unruly()
    yield made
    made.stop()


@pytest.fixture
def webhook(receiver, people):
    row = Webhook.objects.create(name="CRM", url=receiver.url, events=["submit", "answer"], is_active=True)
    row.secret_now = webhooks.new_secret(row, at=NOW)
    return row


@pytest.fixture
def sent(monkeypatch):
    """`sent(at)`: the relay does what is due of webhooks."""

    def go(at=NOW):
        monkeypatch.setattr(senders, "clock", lambda: at)
        Effect.objects.exclude(kind="webhook").delete()
        return run(now=lambda: at)

    return go


def verified(receiver, secret, number=-1):
    headers, body = receiver.got[number]
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Verifier(secret).verify(text, {name.lower(): value for name, value in headers.items()})


def test_a_step_is_told_once_and_signed_and_names_nobody(receiver, webhook, sent, sender):
    report = factories.submitted_report(at=NOW, sender=sender)
    sent()
    sent()
    ((headers, body),) = receiver.got
    report.refresh_from_db()
    assert verified(receiver, webhook.secret_now) == body
    assert body == {
        "type": "report.submit",
        "timestamp": NOW.isoformat(),
        "data": {
            "reference": report.reference,
            "sequence": 1,
            "state": body["data"]["state"],
            "service": report.service.code,
            "entity": report.entity.code,
        },
    }
    said = json.dumps([headers, body], ensure_ascii=False)
    assert not [word for word in (sender.name, sender.phone, sender.phone[4:], report.text) if word in said]
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.event, headers["webhook-id"]) == (
        "delivered",
        "submit",
        delivery.message_id,
    )


def test_what_is_not_subscribed_or_confidential_is_not_told(receiver, webhook, sent):
    factories.submitted_report(at=NOW, service="abuse", answers={})
    Webhook.objects.update(events=["answer"])
    webhooks.forget()
    factories.submitted_report(at=NOW)
    assert not Effect.objects.filter(kind="webhook").exists()
    sent()
    assert receiver.got == []


def test_what_became_confidential_or_was_erased_meanwhile_is_not_told(receiver, webhook, sent):
    for number, change in enumerate(({"privacy": "confidential"}, {"erased_at": NOW})):
        report = factories.submitted_report(at=NOW + timedelta(seconds=number))
        Report.objects.filter(pk=report.pk).update(**change)
    sent(NOW + timedelta(seconds=5))
    assert receiver.got == []
    assert not WebhookDelivery.objects.exists()


def test_both_secrets_sign_for_a_day(receiver, webhook, sent):
    old, new = webhook.secret_now, webhooks.new_secret(webhook, at=NOW)
    factories.submitted_report(at=NOW)
    sent()
    assert verified(receiver, old) == verified(receiver, new)
    later = NOW + webhooks.BOTH_SIGN
    stored = Webhook.objects.get()
    headers = webhooks.signed(stored, "msg_1", "{}", at=later)
    assert len(headers["webhook-signature"].split()) == 1
    headers["webhook-timestamp"] = str(int(NOW.timestamp()))
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify("{}", headers)
    assert old not in str(Webhook.objects.values().get())


@pytest.mark.parametrize("does", [status(500), status(429, Retry_After="300"), "close"])
def test_what_may_pass_is_told_later_under_the_same_id(receiver, webhook, sent, does):
    receiver.does.append(does)
    factories.submitted_report(at=NOW)
    sent()
    effect = Effect.objects.get(kind="webhook")
    assert (effect.state, effect.via) == ("pending", webhook.key)
    asked = 300 if does != "close" and does[0] == 429 else 60
    assert effect.not_before >= NOW + timedelta(seconds=asked)
    sent(effect.not_before)
    (first, body), (second, again) = receiver.got
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert WebhookDelivery.objects.get().state == "delivered"


@pytest.mark.parametrize("code", [301, 307, 400, 404])
def test_what_cannot_pass_is_given_up_and_a_redirect_not_followed(receiver, webhook, sent, code):
    elsewhere = Unruly()
    receiver.always = status(code, Location=elsewhere.url)
    factories.submitted_report(at=NOW)
    sent()
    elsewhere.stop()
    assert elsewhere.got == []
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.error) == ("failed", f"webhook answered {code}")
    assert Effect.objects.get(kind="webhook").state == "failed"


def test_who_answers_gone_is_told_nothing_more(receiver, webhook, sent):
    receiver.always = status(410)
    factories.submitted_report(at=NOW)
    sent()
    assert Webhook.objects.get().is_active is False
    factories.submitted_report(at=NOW + timedelta(minutes=2))
    assert Effect.objects.filter(kind="webhook").count() == 1


@pytest.mark.parametrize("url", ["https://10.0.0.5/", "https://localhost/", "http://8.8.8.8/"])
def test_private_addresses_and_plain_http_are_refused(receiver, webhook, sent, settings, monkeypatch, url):
    settings.SAWT_WEBHOOK_PRIVATE_NETWORK = False
    monkeypatch.setattr("socket.create_connection", lambda *_, **__: pytest.fail("it was asked"))
    Webhook.objects.update(url=url)
    factories.submitted_report(at=NOW)
    sent()
    assert WebhookDelivery.objects.get().state == "failed"


def test_a_receiver_that_fails_rests_and_the_others_do_not_wait_for_it(receiver, webhook, sent):
    receiver.always = status(503)
    for number in range(5):
        factories.submitted_report(at=NOW - timedelta(seconds=number))
    sent()
    assert len(receiver.got) == 3
    assert Circuit.objects.get(key=webhook.key).state == "open"
    held = Effect.objects.filter(kind="webhook", held_reason="gateway_rests", attempts=0)
    assert held.count() == 2


def test_a_replay_is_the_same_message_once_more(receiver, webhook, sent):
    factories.submitted_report(at=NOW)
    sent()
    delivery = WebhookDelivery.objects.get()
    assert replay(delivery, at=NOW)
    sent()
    (first, body), (second, again) = receiver.got
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert verified(receiver, webhook.secret_now) == body
    Report.objects.update(privacy="confidential")
    assert replay(delivery, at=NOW)
    sent()
    assert len(receiver.got) == 2
    WebhookDelivery.objects.update(body="")
    assert not replay(delivery, at=NOW)
