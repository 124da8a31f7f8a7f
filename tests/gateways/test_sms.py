"""Which gateway a message goes to, what its answer means, and who takes over where one fails."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from cms.gateways import circuits, configured, reaching, sms
from cms.gateways.models import Circuit, SenderName, SmsGateway
from cms.gateways.ready_made import READY_MADE
from cms.gateways.sms import OutgoingSms, asked_pause
from cms.outbox.handlers import Hold, Permanent, Retry

from .unruly import OK, status

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MESSAGE = OutgoingSms(to="+966500000123", text='مرحبًا "بك" {key}', key="sms:1:1")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_connections(monkeypatch):
    monkeypatch.setattr(reaching, "_thread", threading.local())
    monkeypatch.setattr(sms, "SECONDS", 0.5)


def send(at=NOW, message=MESSAGE):
    configured.forget()
    return sms.send(message, at=at)


def circuit(code="first"):
    return Circuit.objects.get(key=f"sms:{code}")


# --- what is sent -----------------------------------------------------------------------------


def test_json_is_filled_in_and_stays_json(gateway, unruly):
    gateway(unruly)
    assert send() == sms.Sent("gateway-7", "sms:first")
    ((headers, body),) = unruly.got
    assert body == {"to": MESSAGE.to, "text": MESSAGE.text, "from": "Sawt", "id": MESSAGE.key}
    assert headers["Authorization"] == "Bearer s3cret-of-the-gateway"
    assert headers["Idempotency-Key"] == MESSAGE.key


def test_a_form_is_filled_in_and_stays_a_form(gateway, unruly):
    gateway(unruly, body_kind="form", body="to={digits}\ntext={text}\nfixed=a&b=c")
    send()
    assert unruly.got[0][1] == {"to": ["966500000123"], "text": [MESSAGE.text], "fixed": ["a&b=c"]}


def test_no_value_begins_another_header(gateway, unruly):
    gateway(unruly, headers="X-Text: {key}", idempotency_header="")
    send(message=OutgoingSms(MESSAGE.to, "x", "a\r\nEvil: yes"))
    headers, _ = unruly.got[0]
    assert headers["X-Text"] == "a  Evil: yes"
    assert "Evil" not in headers


def test_an_entity_s_messages_show_its_own_name(gateway, unruly, people):
    gateway(unruly)
    entity = people.coordinator.memberships.first().entity
    SenderName.objects.create(entity=entity, name="Buraydah")
    send(message=OutgoingSms(MESSAGE.to, "x", "k1", entity.pk))
    send(message=OutgoingSms(MESSAGE.to, "x", "k2", None))
    assert [body["from"] for _, body in unruly.got] == ["Buraydah", "Sawt"]


def test_the_environment_s_gateway_is_asked_after_the_others(gateway, unruly, second, settings):
    settings.SAWT_SMS_URL, settings.SAWT_SMS_TOKEN = second.url, "token"
    settings.SAWT_SMS_PRIVATE_NETWORK, settings.SAWT_SMS_SENDER = True, "Emirate"
    assert send().via == "sms:environment"
    ((headers, body),) = second.got
    assert body == {"to": MESSAGE.to, "text": MESSAGE.text, "from": "Emirate", "id": MESSAGE.key}
    assert headers["Authorization"] == "Bearer token"
    gateway(unruly)
    assert send().via == "sms:first"


# --- what an answer means ---------------------------------------------------------------------


@pytest.mark.parametrize("code", [408, 429, 500, 503])
def test_what_may_pass_is_for_later(gateway, unruly, code):
    gateway(unruly)
    unruly.always = status(code)
    with pytest.raises(Retry, match=str(code)) as caught:
        send()
    assert caught.value.via == "sms:first"


@pytest.mark.parametrize("does", ["hang", "close", "garbage"])
def test_an_answer_that_is_lost_is_for_later(gateway, unruly, does):
    gateway(unruly)
    unruly.always = does
    with pytest.raises(Retry):
        send()
    assert unruly.keys == {MESSAGE.key: 1}


@pytest.mark.parametrize("code", [302, 400, 401, 404, 422])
def test_what_cannot_pass_is_given_up(gateway, unruly, code):
    gateway(unruly)
    unruly.always = status(code)
    with pytest.raises(Permanent, match=str(code)):
        send()
    assert len(unruly.got) == 1


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        (b'{"success": true, "data": {"MessageID": 42}}', "42"),
        (b'{"success": false, "errorCode": "ER-04"}', Permanent),
        (b'{"success": false, "errorCode": "ER-99"}', Retry),
        (b'{"success": "maybe"}', Permanent),
        (b"<html>Bad gateway</html>", Retry),
        (b"[" * 100_000, Retry),
        (b"", Retry),
    ],
)
def test_a_gateway_s_own_rules_are_asked(gateway, unruly, body, meant):
    gateway(
        unruly,
        success="success=true",
        id_path="data.MessageID",
        error_path="errorCode",
        passing_errors="ER-99, ER-98",
    )
    unruly.always = 200, {}, body
    if isinstance(meant, str):
        assert send().id == meant
    else:
        with pytest.raises(meant):
            send()


def test_of_an_error_only_a_code_is_kept(gateway, unruly):
    gateway(unruly, success="success=true", error_path="message")
    unruly.always = 200, {}, b'{"success": false, "message": "0500000123 <b>is too short</b> \\u0645"}'
    with pytest.raises(Permanent) as caught:
        send()
    assert str(caught.value) == "gateway refused (0500000123bistooshortb)"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("90", 90), ("0", 0), ("999999999", 6 * 3600), ("Sun, 22 Nov 2026 09:02:00 GMT", 120), ("soon", None)],
)
def test_the_pause_that_a_gateway_asks_for_is_read(header, seconds):
    wanted = None if seconds is None else timedelta(seconds=seconds)
    assert asked_pause(header, NOW) == wanted


# --- who takes over ---------------------------------------------------------------------------


@pytest.mark.parametrize("does", [status(503), status(429), status(401)])
def test_what_one_did_not_take_goes_to_the_next_at_once_under_the_same_key(gateway, unruly, second, does):
    gateway(unruly)
    gateway(second, "second")
    unruly.always = does
    assert send().via == "sms:second"
    assert (unruly.keys, second.keys) == ({MESSAGE.key: 1}, {MESSAGE.key: 1})


def test_what_one_may_have_taken_is_not_given_to_another_in_the_same_breath(gateway, unruly, second):
    gateway(unruly)
    gateway(second, "second")
    unruly.always = "close"
    with pytest.raises(Retry):
        send()
    assert second.got == []


def test_three_failures_open_the_circuit_and_the_next_takes_over(gateway, unruly, second):
    gateway(unruly)
    gateway(second, "second")
    unruly.always = "close"
    for _ in range(3):
        with pytest.raises(Retry):
            send()
    assert send().via == "sms:second"
    assert len(unruly.got) == 3
    row = circuit()
    assert (row.state, row.rests_until, row.retried) == ("open", NOW + timedelta(seconds=30), 3)


def test_a_circuit_tries_one_message_when_it_has_rested_and_closes_by_itself(gateway, unruly):
    gateway(unruly)
    unruly.does.extend(["close"] * 3)
    for _ in range(3):
        with pytest.raises(Retry):
            send()
    with pytest.raises(Hold) as held:
        send()
    assert held.value.until == NOW + timedelta(seconds=30)
    assert len(unruly.got) == 3
    later = NOW + timedelta(seconds=30)
    assert circuits.take("sms:first", later)
    configured.forget()
    # while that one is under way, no other is sent
    with pytest.raises(Hold) as held:
        send(later)
    assert held.value.until == later + circuits.SOON
    circuits.succeeded("sms:first", later)
    assert send(later).id == "gateway-7"
    assert (circuit().state, circuit().failures) == ("closed", 0)


def test_a_trial_that_fails_rests_twice_as_long_and_at_most_ten_minutes(gateway, unruly):
    gateway(unruly)
    unruly.always = status(500)
    moment, rests = NOW, []
    for _ in range(3):
        with pytest.raises(Retry):
            send(moment)
    for _ in range(7):
        rests.append(int((circuit().rests_until - moment).total_seconds()))
        moment = circuit().rests_until
        with pytest.raises(Retry):
            send(moment)
    assert rests == [30, 60, 120, 240, 480, 600, 600]
    # one request each time
    assert len(unruly.got) == 3 + 7


def test_a_worker_that_died_over_its_trial_blocks_for_a_minute(gateway, unruly):
    gateway(unruly)
    Circuit.objects.create(key="sms:first", state="open", rests_until=NOW, changed_at=NOW)
    assert circuits.take("sms:first", NOW)
    assert not circuits.take("sms:first", NOW + timedelta(seconds=59))
    assert circuits.take("sms:first", NOW + timedelta(seconds=60))


def test_a_gateway_that_asks_for_a_pause_is_left_alone_for_it(gateway, unruly):
    gateway(unruly)
    unruly.does.append(status(429, Retry_After="90"))
    with pytest.raises(Retry) as caught:
        send()
    assert caught.value.after == timedelta(seconds=90)
    with pytest.raises(Hold) as held:
        send(NOW + timedelta(seconds=89))
    assert held.value.until == NOW + timedelta(seconds=90)
    assert send(NOW + timedelta(seconds=90)).id == "gateway-7"
    assert len(unruly.got) == 2


def test_a_success_ends_a_row_of_failures(gateway, unruly):
    gateway(unruly)
    unruly.does.extend(["close", "close", OK, "close", "close"])
    for _ in range(5):
        try:
            send()
        except Retry:
            continue
    assert (circuit().state, circuit().failures, circuit().retried) == ("closed", 2, 4)


def test_a_message_that_is_refused_says_nothing_against_the_gateway(gateway, unruly):
    gateway(unruly)
    unruly.always = status(400)
    for _ in range(5):
        with pytest.raises(Permanent):
            send()
    assert (circuit().state, circuit().refused) == ("closed", 5)


def test_a_gateway_that_has_had_its_messages_of_a_minute_leaves_the_rest_to_the_next(
    gateway, unruly, second, monkeypatch
):
    monkeypatch.setattr("permissions.rates.time.time", NOW.timestamp)
    gateway(unruly, per_minute=2)
    gateway(second, "second", per_minute=1)
    assert [send().via for _ in range(3)] == ["sms:first", "sms:first", "sms:second"]
    with pytest.raises(Hold) as held:
        send()
    assert (held.value.until, str(held.value)) == (NOW + timedelta(seconds=60), "gateway_busy")


# --- configuration ----------------------------------------------------------------------------


def test_a_secret_is_not_in_the_database_as_it_is(gateway, unruly):
    row = gateway(unruly, secret="hidden-0123456789")
    stored = SmsGateway.objects.filter(pk=row.pk).values().get()
    assert "hidden-0123456789" not in str(stored)
    assert SmsGateway.objects.get(pk=row.pk).secret == "hidden-0123456789"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"body": '{"a": "{password}"}'}, "body"),
        ({"body": '{"a": '}, "body"),
        ({"headers": "no colon"}, "headers"),
        ({"success": "no equals"}, "success"),
        ({"url": "http://sms.example/send", "private_network": False}, "url"),
        ({"url": "ftp://sms.example/"}, "url"),
        ({"sender": "اسم"}, "sender"),
    ],
)
def test_what_could_not_work_is_refused_on_save(gateway, unruly, fields, field):
    with pytest.raises(ValidationError) as caught:
        gateway(fields.pop("url", unruly), **fields)
    assert field in caught.value.message_dict


@pytest.mark.parametrize(
    ("code", "sent", "answer", "number"),
    [
        (
            "unifonic",
            {
                "AppSid": ["s3cret-of-the-gateway"],
                "SenderID": ["Sawt"],
                "Recipient": ["966500000123"],
                "Body": [MESSAGE.text],
                "responseType": ["JSON"],
                "CorrelationID": ["sms:1:1"],
                "async": ["false"],
            },
            b'{"success": true, "errorCode": "ER-00", "data": {"MessageID": 42000348806924}}',
            "42000348806924",
        ),
        (
            "taqnyat",
            {"recipients": ["966500000123"], "body": MESSAGE.text, "sender": "Sawt"},
            b'{"statusCode": 201, "messageId": 5452899970, "accepted": "[966500000123,]"}',
            "5452899970",
        ),
    ],
)
def test_a_ready_made_gateway_sends_and_reads_as_its_documentation_says(
    gateway, unruly, code, sent, answer, number
):
    made = {name: value for name, value in READY_MADE[code].items() if name not in ("code", "name", "url")}
    gateway(unruly, code, **made, idempotency_header="")
    unruly.always = 201, {}, answer
    assert send() == sms.Sent(number, f"sms:{code}")
    assert unruly.got[0][1] == sent
    SmsGateway.objects.all().delete()
    SmsGateway(**READY_MADE[code]).full_clean()
