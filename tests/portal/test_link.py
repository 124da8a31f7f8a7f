"""The link in a message: it opens one report, leaves no trace, and wrong ones are guesses."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cms.reports import links, tracking
from cms.reports.models import AccessLink, Report
from tests import factories

from .conftest import page, refused

pytestmark = pytest.mark.django_db


def url(report: Report) -> str:
    return f"/track/{report.reference}/"


def token_of(report: Report) -> str:
    return links.make(report, report.sender, at=timezone.now()).rsplit("/", 1)[1]


def test_the_link_opens_the_report_and_leaves_no_trace(client: Client, report: Report) -> None:
    before = (report.version, report.revision, report.event_count)
    response = client.get(f"/t/{token_of(report)}")
    assert (response.status_code, response.url) == (302, url(report))
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert client.get(url(report)).status_code == 200
    report.refresh_from_db()
    assert (report.version, report.revision, report.event_count) == before


def test_the_link_leads_to_the_report_s_language(client: Client, people: Any, sender: Any) -> None:
    english = factories.submitted_report(sender=sender, language="en")
    assert client.get(f"/t/{token_of(english)}").url == f"/en{url(english)}"


@pytest.mark.parametrize("how", ["unknown", "revoked", "expired"])
def test_a_dead_link_says_so_and_is_not_logged(
    client: Client, report: Report, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    token = token_of(report)
    if how == "revoked":
        links.revoke(report, at=timezone.now())
    elif how == "expired":
        AccessLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        token = "AAAAAAAAAA"
    response = client.get(f"/t/{token}", follow=True)
    assert response.redirect_chain == [("/track/", 302)]
    assert "لم يعد هذا الرابط صالحًا" in page(response)
    assert token not in caplog.text
    assert client.get(url(report)).url == "/track/"


def test_wrong_links_are_counted_with_the_other_guesses_of_a_client(client: Client, report: Report) -> None:
    for number in range(tracking.PER_CLIENT):
        assert "لم يعد هذا الرابط صالحًا" in page(client.get(f"/t/AAAAAAA{number:03}", follow=True))
    assert "يمكنك المحاولة مرة أخرى بعد" in page(client.get("/t/BBBBBBBBBB", follow=True))
    # Those at a number are the same guesses.
    guess = client.post("/track/", {"reference": report.reference, "secret": "HQ4S-B6KK-PE43"})
    assert "يمكنك المحاولة مرة أخرى بعد" in refused(client, guess)
    # The right link opens its report all the same.
    assert client.get(f"/t/{token_of(report)}").url == url(report)


def test_the_link_cannot_be_posted_to(client: Client, report: Report) -> None:
    assert client.post(f"/t/{token_of(report)}").status_code == 405


def test_the_session_changes_its_key_when_a_report_is_opened(client: Client, report: Report) -> None:
    client.post("/report/save/what/", {"q": "x"})
    before = client.session.session_key
    client.get(f"/t/{token_of(report)}")
    assert client.session.session_key != before
