"""Receipts: who knows a gateway's signed address tells of that gateway's messages, and of nothing else."""

import json

import pytest
from django.utils import timezone

from cms.gateways.models import SmsGateway
from cms.notifications.models import SentMessage
from cms.notifications.receipts import address_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway():
    return SmsGateway.objects.create(
        code="first",
        name="First",
        url="https://sms.example/",
        body="{}",
        receipt_id_path="data.MessageID",
        receipt_state_path="data.Status",
        receipt_delivered="Delivered",
        receipt_failed="Rejected,Failed",
        receipt_answer="phrase",
    )


@pytest.fixture
def message():
    given = {"channel": "sms", "to": "+966551234567", "language": "ar", "text": "نص"}
    now = timezone.now()
    return SentMessage.objects.create(
        effect_key="a", created_at=now, via="sms:first", gateway_id="42", **given
    )


def path_of(gateway):
    return "/receipts/" + address_of(gateway).partition("/receipts/")[2]


def tell(client, path, state="Delivered", number=42, **more):
    body = json.dumps({"data": {"MessageID": number, "Status": state}})
    return client.post(path, body, content_type="application/json", **more)


def known(message):
    message.refresh_from_db()
    return message.delivery


@pytest.mark.parametrize(
    ("state", "delivery"),
    [("Delivered", "delivered"), ("REJECTED", "undelivered"), ("Queued", ""), ("", "")],
)
def test_a_receipt_says_what_became_of_a_message(client, gateway, message, state, delivery):
    answer = tell(client, path_of(gateway), state)
    assert (answer.status_code, answer.content) == (200, b"phrase")
    assert known(message) == delivery
    assert (message.delivery_at is not None) == bool(delivery)


def test_delivered_stays_delivered(client, gateway, message):
    path = path_of(gateway)
    for state in ("Failed", "Delivered", "Failed"):
        tell(client, path, state)
    assert known(message) == "delivered"


def test_a_form_and_an_address_tell_as_well(client, gateway, message):
    SmsGateway.objects.update(receipt_id_path="id", receipt_state_path="status")
    client.post(path_of(gateway), {"id": "42", "status": "Failed"})
    assert known(message) == "undelivered"
    client.get(path_of(gateway), {"id": "42", "status": "Delivered"})
    assert known(message) == "delivered"


def test_of_another_gateway_s_message_it_tells_nothing(client, gateway, message):
    SentMessage.objects.update(via="sms:second")
    assert tell(client, path_of(gateway)).status_code == 200
    assert known(message) == ""


@pytest.mark.parametrize("body", ["", "{", "[1, null]", "null", "[" * 50_000, '{"data": [1]}'])
def test_garbage_changes_nothing(client, gateway, message, body):
    SentMessage.objects.create(
        effect_key="b", created_at=timezone.now(), via="sms:first", gateway_id="", channel="sms", text="x"
    )
    answer = client.post(path_of(gateway), body, content_type="application/json")
    assert answer.status_code == 200
    assert set(SentMessage.objects.values_list("delivery", flat=True)) == {""}


def test_a_wrong_signature_is_not_there_and_an_older_key_s_still_is(client, gateway, message, settings):
    path = path_of(gateway)
    wrong = path[:-2] + ("0/" if path[-2] != "0" else "1/")
    assert tell(client, wrong).status_code == 404
    assert tell(client, path.replace("/first/", "/second/")).status_code == 404
    assert known(message) == ""
    settings.SAWT_SECRET_KEYS = {**settings.SAWT_SECRET_KEYS, 2: "another-key-0123456789"}
    assert path_of(gateway) != path
    assert tell(client, path).status_code == 200
    assert known(message) == "delivered"


def test_a_signature_of_strange_signs_is_not_there(client, gateway):
    assert client.post("/receipts/sms/first/ع٤٢/").status_code == 404


def test_a_gateway_without_receipts_has_no_door(client, gateway):
    path = path_of(gateway)
    SmsGateway.objects.update(receipt_id_path="")
    assert tell(client, path).status_code == 404
