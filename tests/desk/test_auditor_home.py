"""The auditor's first screen: what the trail holds, not a leader's queue."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cms.reports.history import sign_heads
from permissions import audit

pytestmark = pytest.mark.django_db


def home(client):
    return client.get("/admin/").content.decode()


def test_an_auditor_begins_with_the_trail(client_of, people, report):
    now = timezone.now()
    for code in ("sign_in_failed", "sender_revealed", "sender_revealed"):
        audit.record(code, actor=people.supervisor, subject=f"report:{report.pk}")
    audit.record("table_exported", actor=people.admin, at=now - timedelta(days=9))
    client = client_of(people.auditor)
    body = home(client)
    assert 'id="home-audit"' in body
    assert 'id="home-queue"' not in body
    panel = body[body.index('id="home-audit"') :]
    shown = panel[panel.index('<nav class="kpis"') : panel.index("</nav>")]
    assert shown.count("<a ") == 2
    assert "<b>2</b>" in shown
    assert "تنزيل" not in shown
    # the list behind a number has as many
    links = [part.split('"')[0].replace("&amp;", "&") for part in shown.split('href="')[1:]]
    assert [len(client.get(link).context["object_list"]) for link in links] == [1, 2]
    assert reverse("desk:sees") in panel
    # of the reports themselves the first screen says nothing
    assert report.reference not in panel


def test_a_missing_signature_is_told(client_of, people, report):
    client, now = client_of(people.auditor), timezone.now()
    assert "لم يُوقّع أي يوم بعد" in home(client)
    sign_heads(timezone.localdate() - timedelta(days=1), at=now)
    signed = home(client)
    assert "لم يُوقّع أي يوم بعد" not in signed
    assert "ينقص التوقيع" not in signed


def test_an_old_signature_is_told_as_missing(client_of, people, report):
    now = timezone.now() - timedelta(days=3)
    sign_heads(timezone.localdate() - timedelta(days=4), at=now)
    assert "ينقص التوقيع" in home(client_of(people.auditor))


@pytest.mark.parametrize("login", ["leader", "supervisor", "coordinator", "agent", "admin"])
def test_others_keep_their_own(client_of, people, login):
    assert 'id="home-audit"' not in home(client_of(getattr(people, login)))
