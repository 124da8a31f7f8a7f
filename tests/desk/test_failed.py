"""The screen of failed messages and of gateways: who sees it, who tries again, and what is kept hidden."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from cms.desk.failing import pages
from cms.desk.failing.wording import why
from cms.gateways.models import Circuit, SenderName, SmsGateway
from cms.outbox.models import Effect
from permissions.models import AuditEvent

pytestmark = pytest.mark.django_db
PAGE = "/admin/failed/"


def given_up(key, error="gateway answered 503", via="sms:first", payload=None, kind="sender_sms", **more):
    now = timezone.now()
    return Effect.objects.create(
        kind=kind,
        key=key,
        state="failed",
        attempts=8,
        last_error=error,
        via=via,
        payload={"report": 1} if payload is None else payload,
        not_before=now,
        created_at=now,
        done_at=now,
        **more,
    )


@pytest.fixture
def failures(people):
    SmsGateway.objects.create(code="first", name="Unifonic", url="https://sms.example/", body="{}")
    now = timezone.now()
    Circuit.objects.create(
        key="sms:first",
        state="open",
        rests_until=now + timedelta(minutes=2),
        changed_at=now,
        last_error="gateway answered 503",
        sent=41,
        retried=12,
    )
    return [
        given_up("a"),
        given_up("b"),
        given_up("c", "gateway answered 400"),
        given_up("d", "mail: SMTPRecipientsRefused 550", "mail", kind="sender_email"),
        given_up("e", kind="one_time_code", payload={}),
    ]


def states():
    return dict(Effect.objects.values_list("key", "state"))


def test_reasons_are_counted_by_gateway_and_said_in_words(client_of, people, failures):
    answer = client_of(people.admin).get(PAGE)
    counted = {
        (what, str(why), gateway): (one.count, one.again)
        for what, gateway, why, one in answer.context["reasons"]
    }
    assert counted == {
        ("رسالة إلى مقدم البلاغ", "البوابة مضطربة (503).", "Unifonic"): (2, 2),
        ("رسالة إلى مقدم البلاغ", "رفضت البوابة الرسالة (400).", "Unifonic"): (1, 1),
        ("بريد إلى مقدم البلاغ", "رفضها خادم البريد (550).", "خادم البريد"): (1, 1),
        ("رمز تحقق", "البوابة مضطربة (503).", "Unifonic"): (1, 0),
    }
    assert answer.context["total"] == 5
    (gateway,) = answer.context["gateways"]
    assert (gateway.name, gateway.circuit.state, gateway.failed) == ("Unifonic", "open", 4)


def test_what_is_not_known_is_shown_as_it_was_noted_and_is_no_markup():
    with translation.override("en"):
        assert why("gateway answered 503") == "The gateway is disturbed (503)."
        assert why("ValueError: a bug <b>") == '<code dir="ltr">ValueError: a bug &lt;b&gt;</code>'


@pytest.mark.parametrize(
    ("data", "revived"),
    [
        ({"do": "all"}, {"a", "b", "c", "d"}),
        (
            {"do": "alike", "kind": "sender_sms", "via": "sms:first", "last_error": "gateway answered 503"},
            {"a", "b"},
        ),
        ({"do": "one", "message": "c"}, {"c"}),
    ],
)
def test_who_keeps_the_configuration_tries_again_and_it_is_audited(
    client_of, people, failures, data, revived
):
    if "message" in data:
        data = {**data, "message": Effect.objects.get(key=data["message"]).pk}
    answer = client_of(people.admin).post(PAGE, data)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert {key for key, state in states().items() if state == "pending"} == revived
    assert set(Effect.objects.filter(state="pending").values_list("attempts", flat=True)) == {0}
    event = AuditEvent.objects.get(code="messages_retried")
    assert (event.actor, event.data["count"]) == (people.admin, len(revived))


def test_who_reads_the_audit_trail_sees_and_does_nothing(client_of, people, failures):
    client = client_of(people.auditor)
    answer = client.get(PAGE)
    assert answer.status_code == 200
    assert b'name="do"' not in answer.content
    refused = client.post(PAGE, {"do": "all"})
    assert refused.status_code in (302, 403)
    assert set(states().values()) == {"failed"}
    assert not AuditEvent.objects.filter(code="messages_retried").exists()


@pytest.mark.parametrize("login", ["coordinator", "specialist", "leader", "supervisor", "agent", "emirate"])
def test_to_others_the_screen_is_not_there(client_of, people, failures, login):
    client = client_of(getattr(people, login))
    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, {"do": "all"}).status_code == 404
    assert set(states().values()) == {"failed"}


def test_a_resting_gateway_is_asked_again_at_once(client_of, people, failures):
    waiting = given_up("held")
    later = timezone.now() + timedelta(minutes=2)
    Effect.objects.filter(pk=waiting.pk).update(
        state="pending", held_reason="gateway_rests", not_before=later
    )
    client = client_of(people.admin)
    assert client.post(PAGE, {"do": "ask_now", "gateway": "sms:first"}).status_code == 302
    assert Circuit.objects.get().state == "closed"
    assert Effect.objects.get(key="held").not_before < later
    assert AuditEvent.objects.get(code="gateway_closed").subject == "gateway:sms:first"
    client.post(PAGE, {"do": "ask_now", "gateway": "sms:first"})
    assert AuditEvent.objects.filter(code="gateway_closed").count() == 1


def test_pages_follow_each_other_without_gaps(client_of, people, monkeypatch):
    monkeypatch.setattr(pages, "AT_ONCE", 2)
    keys = [given_up(str(number)).key for number in range(5)]
    client, seen, address = client_of(people.admin), [], PAGE
    while address:
        context = client.get(address).context
        seen += [row.key for *_, row in context["rows"]]
        address = f"{PAGE}?before={context['older']}" if context["older"] else ""
    assert seen == keys[::-1]


# --- gateways as data -------------------------------------------------------------------------


def form(**changes):
    return {
        "code": "first",
        "name": "First",
        "position": "1",
        "is_active": "on",
        "url": "https://sms.example/send",
        "body_kind": "json",
        "body": '{"to": "{to}"}',
        "id_path": "id",
        "per_minute": "0",
        "secret": "hidden-0123456789",
        **changes,
    }


def test_a_gateway_s_secret_is_kept_and_never_shown_again(client_of, people):
    client = client_of(people.admin)
    assert client.post(reverse("sms-gateways:add"), form()).status_code == 302
    row = SmsGateway.objects.get()
    assert row.secret == "hidden-0123456789"
    edit = reverse("sms-gateways:edit", args=[row.pk])
    assert "hidden-0123456789" not in client.get(edit).content.decode()
    # left empty it stays; written again it changes
    client.post(edit, form(secret="", name="Renamed"))
    row.refresh_from_db()
    assert (row.name, row.secret) == ("Renamed", "hidden-0123456789")
    client.post(edit, form(secret="another-0123456789"))
    row.refresh_from_db()
    assert row.secret == "another-0123456789"
    kept = str(list(AuditEvent.objects.filter(code="configuration_changed").values_list("data", flat=True)))
    assert "0123456789" not in kept
    assert "'secret': ['', '…']" in kept


def test_what_could_not_work_is_said_at_its_field_and_not_saved(client_of, people):
    answer = client_of(people.admin).post(reverse("sms-gateways:add"), form(body="{", headers="x"))
    assert answer.status_code == 200
    assert "ليس JSON" in answer.content.decode()
    assert not SmsGateway.objects.exists()


@pytest.mark.parametrize("ready", ["unifonic", "taqnyat"])
def test_a_ready_made_one_is_filled_in_and_says_that_it_is_untested(client_of, people, ready):
    body = client_of(people.admin).get(f"{reverse('sms-gateways:add')}?ready={ready}").content.decode()
    assert f'value="{ready}"' in body
    assert "لم تُجرَّب قط" in body
    listed = client_of(people.admin).get(reverse("sms-gateways:index")).content.decode()
    assert f"?ready={ready}" in listed


def test_an_entity_has_a_sender_s_name_of_its_own(client_of, people):
    entity = people.coordinator.memberships.get().entity
    client = client_of(people.admin)
    client.post(reverse("sender-names:add"), {"entity": entity.pk, "name": "Buraydah"})
    assert SenderName.objects.get().name == "Buraydah"
    assert client.post(reverse("sender-names:add"), {"entity": entity.pk, "name": "بريدة"}).status_code == 200
    assert SenderName.objects.count() == 1
