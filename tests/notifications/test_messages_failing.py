"""Messages to a sender that do not leave at the first try: tried again, once each, and seen when given up."""

from datetime import timedelta

import pytest

from cms.notifications import gateways, senders
from cms.notifications.models import SentMessage
from cms.outbox import relay
from cms.outbox.handlers import Permanent, Retry
from cms.outbox.models import Effect
from cms.reports.models import Report

from .conftest import riyadh
from .test_messages import submitted

pytestmark = pytest.mark.usefixtures("texts", "people")


def test_a_message_of_a_killed_worker_is_sent_once_more_and_recorded_once(relayed, monkeypatch):
    submitted()
    handed = []
    monkeypatch.setattr(
        gateways.ScreenGateway, "send", lambda self, message: handed.append(message.key) or "id"
    )
    # killed between the gateway and the record
    effect = next(each for each in relay.claim("killed", at=riyadh("10:00")) if each.kind == "sender_sms")
    monkeypatch.setattr(senders, "clock", lambda: riyadh("10:00"))
    senders.send_to_sender(effect).do()
    assert not SentMessage.objects.exists()
    relayed(riyadh("10:10"))
    relayed(riyadh("10:20"))
    # a gateway that knows the key sends it once
    assert handed == [effect.key, effect.key]
    assert SentMessage.objects.count() == 1


def test_a_gateway_that_is_away_is_asked_again(relayed, monkeypatch):
    submitted()

    def away(self, message):
        raise Retry("503")

    with monkeypatch.context() as patch:
        patch.setattr(gateways.ScreenGateway, "send", away)
        relayed(riyadh("10:00"))
    assert not SentMessage.objects.exists()
    relayed(Effect.objects.get(kind="sender_sms").not_before)
    assert SentMessage.objects.get().state == "sent"


def test_a_message_is_tried_eight_times_and_then_seen_as_failed(relayed, monkeypatch, settings):
    settings.SAWT_SENDING_HOURS = ("00:00", "23:59")
    handed = []

    def away(self, message):
        handed.append(message.key)
        raise Retry("gateway answered 503", via="sms:first")

    monkeypatch.setattr(gateways.ScreenGateway, "send", away)
    submitted(at=riyadh("06:00"))
    moment, pauses = riyadh("06:00"), []
    relayed(moment)
    while (effect := Effect.objects.get(kind="sender_sms")).state == "pending":
        assert not SentMessage.objects.exists()
        pauses.append((effect.not_before - moment) / timedelta(minutes=1))
        moment = effect.not_before
        relayed(moment)
    for least, pause in zip([1, 2.667, 7.11, 19, 50.6, 135, 360], pauses, strict=True):
        assert 0.99 * least <= pause <= 1.26 * least
    assert (len(handed), len(set(handed)), effect.attempts) == (8, 1, 8)
    assert (effect.state, effect.via, effect.last_error) == ("failed", "sms:first", "gateway answered 503")
    message = SentMessage.objects.get()
    assert (message.state, message.via, message.error) == ("failed", "sms:first", "gateway answered 503")


def test_a_number_gets_so_many_an_hour_and_the_rest_when_it_is_over(relayed, sender, settings):
    settings.SAWT_SMS_PER_NUMBER = 3
    for _ in range(5):
        submitted(sender=sender)
    relayed(riyadh("10:00"))
    assert SentMessage.objects.filter(state="sent").count() == 3
    held = Effect.objects.filter(state="pending", held_reason="number_crowded", attempts=0)
    assert set(held.values_list("not_before", flat=True)) == {riyadh("11:00")}
    relayed(riyadh("10:59"))
    assert SentMessage.objects.filter(state="sent").count() == 3
    relayed(riyadh("11:00"))
    assert SentMessage.objects.filter(state="sent").count() == 5


def test_a_message_that_is_refused_is_seen_as_failed(relayed, monkeypatch):
    submitted()

    def refuse(self, message):
        raise Permanent("gateway answered 400")

    monkeypatch.setattr(gateways.ScreenGateway, "send", refuse)
    relayed(riyadh("10:00"))
    message = SentMessage.objects.get()
    assert (message.state, message.error) == ("failed", "gateway answered 400")
    assert Effect.objects.get(kind="sender_sms").state == "failed"


def test_an_erased_report_tells_nobody(relayed):
    report = submitted()
    Report.objects.filter(pk=report.pk).update(erased_at=riyadh("10:00") + timedelta(minutes=1))
    relayed(riyadh("10:05"))
    assert not SentMessage.objects.exists()
