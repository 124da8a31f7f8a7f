"""A webhook's page: its secret is shown once, its deliveries can be sent again, and only who may comes in."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from cms.gateways.models import Webhook, WebhookDelivery
from cms.outbox.models import Effect
from cms.reports.models import Report
from permissions.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def webhook(people):
    return Webhook.objects.create(name="CRM", url="https://hook.example/", events=["answer"], is_active=True)


def delivery(webhook, report, number, **more):
    return WebhookDelivery.objects.create(
        webhook=webhook,
        message_id=f"msg_{number}",
        event="answer",
        report_id=report.pk,
        body=f'{{"number":{number}}}',
        created_at=timezone.now(),
        **more,
    )


def page(webhook):
    return reverse("desk:webhook", args=[webhook.pk])


def test_a_subscription_is_added_and_leads_to_its_secret(client_of, people):
    given = {"name": "CRM", "url": "https://hook.example/x", "events": ["answer", "route"], "is_active": "on"}
    answer = client_of(people.admin).post(reverse("webhooks:add"), given)
    row = Webhook.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page(row))
    assert (sorted(row.events), row.secret_encrypted) == (["answer", "route"], "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://hook.example/"},
        {"url": "ftp://a/"},
        {"url": "https://127.0.0.1:8491/x"},
        {"url": "https://[::1]/x"},
        {"url": "https://localhost/x"},
        {"url": "https://user:pw@hook.example/x"},
        {"events": ["note"]},
        {"events": []},
    ],
)
def test_what_could_not_be_told_is_refused(client_of, people, wrong):
    given = {"name": "CRM", "url": "https://hook.example/x", "events": ["answer"], **wrong}
    assert client_of(people.admin).post(reverse("webhooks:add"), given).status_code == 200
    assert not Webhook.objects.exists()


def test_a_secret_is_shown_once_and_audited_without_it(client_of, people, webhook):
    client = client_of(people.admin)
    shown = client.post(page(webhook), {"do": "secret"})
    (secret,) = re.findall(r"whsec_[A-Za-z0-9+/]{32}", shown.content.decode())
    assert "no-store" in shown["Cache-Control"]
    webhook.refresh_from_db()
    assert webhook.secret == secret
    assert "whsec_" not in client.get(page(webhook)).content.decode()
    assert "whsec_" not in str(Webhook.objects.values().get())
    event = AuditEvent.objects.get(code="webhook_secret_made")
    assert (event.actor, "whsec_" in str(event.data)) == (people.admin, False)


def test_failed_deliveries_are_sent_again(client_of, people, webhook):
    report = factories.submitted_report()
    for number, state in enumerate(["failed", "delivered", "failed"]):
        delivery(webhook, report, number, state=state)
    delivery(webhook, report, 9, state="failed").__class__.objects.filter(message_id="msg_9").update(body="")
    client_of(people.admin).post(page(webhook), {"do": "failed"})
    again = WebhookDelivery.objects.filter(replays=1).order_by("pk")
    assert [row.message_id for row in again] == ["msg_0", "msg_2"]
    assert Effect.objects.filter(kind="webhook", payload__has_key="delivery").count() == 2
    assert AuditEvent.objects.get(code="webhook_replayed").data["count"] == 2


def test_of_a_report_that_became_confidential_nothing_is_shown(client_of, people, webhook):
    report = factories.submitted_report()
    delivery(webhook, report, 7)
    client = client_of(people.admin)
    assert "&quot;number&quot;:7" in client.get(page(webhook)).content.decode()
    Report.objects.update(privacy="confidential")
    assert "&quot;number&quot;:7" not in client.get(page(webhook)).content.decode()


@pytest.mark.parametrize("login", ["coordinator", "supervisor", "auditor", "leader", "agent"])
def test_to_others_the_page_is_not_there_and_nothing_changes(client_of, people, webhook, login):
    report = factories.submitted_report()
    delivery(webhook, report, 1, state="failed")
    client = client_of(getattr(people, login))
    assert client.get(page(webhook)).status_code == 404
    for do in ("secret", "failed", "one"):
        assert client.post(page(webhook), {"do": do}).status_code == 404
    webhook.refresh_from_db()
    assert webhook.secret_encrypted == ""
    assert WebhookDelivery.objects.get().replays == 0
