"""The first screen of who sees no reports: what is broken or about to be, and the way to the next call."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cms.entities.models import Membership, RoutingRule
from cms.notifications.models import Notice, SentMessage
from cms.notifications.people import alert_nobody
from tests import factories

pytestmark = pytest.mark.django_db


def cards(client):
    """Code → the panel's card, of those that are shown."""
    [panel] = [p for p in client.get("/admin/").context["panels"] if getattr(p, "name", "") == "keeper"]
    return {card.code: card for card in panel.get_context_data({})["cards"] if card.count}


def test_an_administrator_finds_what_waits(client_of, people, catalogue):
    client = client_of(people.admin)
    before = set(cards(client))
    assert {"failed", "given_up", "unconfirmed", "ending", "unrouted"}.isdisjoint(before)
    SentMessage.objects.create(
        channel="sms",
        to="+966550000018",
        language="ar",
        text="نص",
        effect_key="k",
        state="failed",
        error="no route",
        created_at=timezone.now(),
    )
    newcomer = factories.UserFactory(username="newcomer")
    pending = factories.MembershipFactory(
        person=newcomer, role="triage-confidential", confirmed_at=None, proposed_by=people.admin
    )
    Membership.objects.filter(person=people.agent).update(valid_until=timezone.now() + timedelta(days=29))
    Membership.objects.filter(person=people.auditor).update(valid_until=timezone.now() + timedelta(days=31))
    Membership.objects.filter(person=people.coordinator).update(valid_until=timezone.now())
    RoutingRule.objects.filter(service=catalogue.leak).delete()

    found = cards(client)

    assert found["failed"].count == 1
    assert found["unconfirmed"].rows[0].url == reverse("memberships:confirm", args=[pending.pk])
    assert [row.text.split(" (")[1].split(")")[0] for row in found["ending"].rows] == ["agent"]
    assert "البلدية الشمالية" in [row.text for row in found["headless"].rows]
    assert [row.text for row in found["unrouted"].rows] == ["تسرب مياه"]
    body = client.get("/admin/").content.decode()
    assert "newcomer" in body
    # Whoever keeps the outbox is not the recipient.
    assert "966550000018" not in body


def test_an_agent_finds_the_way_to_their_screen(client_of, people):
    body = client_of(people.agent).get("/admin/").content.decode()
    assert f'href="{reverse("desk:centre")}" autofocus' in body
    assert "لم تدخل شيئًا بعد" in body
    assert "keeper-" not in body


@pytest.mark.parametrize("login", ["coordinator", "supervisor", "auditor", "editor"])
def test_others_see_nothing_of_it(client_of, people, login):
    factories.MembershipFactory(role="triage-confidential", confirmed_at=None)
    body = client_of(getattr(people, login)).get("/admin/").content.decode()
    assert "keeper-" not in body


def test_supervisors_read_of_what_nobody_was_there_to_be_told(client_of, people, report_in):
    secret = factories.submitted_report(service="abuse", answers={})
    late, now = report_in("with_entity"), timezone.now()
    alert_nobody("deadline_due", "entity_leader", late, at=now)
    alert_nobody("staff_confidential", "staff", secret, at=now)
    alert_nobody("deadline_due", "entity_leader", late, at=now - timedelta(days=8))
    supervisor, coordinator = client_of(people.supervisor).get("/admin/"), client_of(people.coordinator)
    said = supervisor.content.decode()
    card = said[said.index('id="home-untold"') :]
    card = card[: card.index("</section>")]
    assert '<span class="count late">2</span>' in card
    assert reverse("desk:report", args=[late.public_id]) in card
    assert card.count("<li>") == 2
    # the confidential one is counted, and not named
    assert card.count("<a ") == 1
    assert secret.reference not in card
    assert "home-untold" not in coordinator.get("/admin/").content.decode()


def test_unread_news_is_said_without_a_script(client_of, people, report):
    client = client_of(people.coordinator)
    link = f'<a class="btn" href="{reverse("desk:inbox")}">'
    assert link not in client.get("/admin/").content.decode()
    for event in ("submit", "deadline_near"):
        Notice.objects.create(
            person=people.coordinator, report=report, event=event, key=event, at=timezone.now()
        )
    assert f"{link}خبران غير مقروءين</a>" in client.get("/admin/").content.decode()
