"""Rating a reply: with its acceptance, before it is decided on, or after."""

from typing import Any

import pytest

from tests import factories

from .conftest import page, refused, url

pytestmark = pytest.mark.django_db


def test_the_answer_is_accepted_and_rated(opened: Any, report_in: Any) -> None:
    report = report_in("answered")
    client = opened(report)
    html = page(client.get(url(report)))
    assert html.index("أصلحنا العمود اليوم.") < html.index('id="decision"') < html.index('id="conv"')
    client.post(url(report, "accept"), {"score": "4", "comment": "شكرًا"})
    report.refresh_from_db()
    assert report.state == "closed"
    rating = report.ratings.get()
    assert (rating.score, rating.comment) == (4, "شكرًا")
    assert url(report, "rate") not in page(client.get(url(report)))


def test_an_answer_is_rated_before_it_is_decided_on(opened: Any, report_in: Any) -> None:
    report = report_in("answered")
    client = opened(report)
    assert f'formaction="{url(report, "rate")}"' in page(client.get(url(report)))
    html = refused(client, client.post(url(report, "rate"), {"score": "", "comment": "جيد"}))
    assert 'href="#rate-score"' in html
    assert 'id="rate-score"' in html
    assert client.post(url(report, "rate"), {"score": "2"}).url == url(report)
    html = page(client.get(url(report)))
    report.refresh_from_db()
    assert (report.state, report.ratings.get().score) == ("answered", 2)
    assert url(report, "rate") not in html
    assert url(report, "accept") in html
    assert 'id="reopen"' in html


def test_a_rating_may_follow_later(opened: Any, report_in: Any) -> None:
    report = report_in("closed")
    client = opened(report)
    assert url(report, "rate") in page(client.get(url(report)))
    html = refused(client, client.post(url(report, "rate"), {"score": "", "comment": "جيد"}))
    assert 'href="#rate-score"' in html
    assert ">جيد</textarea>" in html
    assert 'href="#rate-score"' in refused(client, client.post(url(report, "rate"), {"score": "9"}))
    assert not report.ratings.exists()
    assert client.post(url(report, "rate"), {"score": "5"}).url == url(report)
    assert report.ratings.get().score == 5
    assert "data-errors" not in page(client.get(url(report)))


def test_who_comes_too_late_reads_what_the_report_is_now(opened: Any, report_in: Any) -> None:
    """Two windows: one reopens, the other still offers to close it."""
    report = report_in("answered")
    factories.ReasonFactory(code="not_fixed", used_for="reopen")
    client = opened(report)
    client.post(url(report, "reopen"), {"reason": "not_fixed", "text": "ما زال مطفأ."})
    events = report.events.count()
    html = page(client.get(client.post(url(report, "accept"), {"score": "4"}).url))
    assert "لم يُنفَّذ شيء: تغيّر البلاغ بعد أن فتحت هذه الصفحة. حالته الآن: «محال إلى الجهة»." in html
    assert "data-errors" not in html
    report.refresh_from_db()
    assert (report.state, report.events.count()) == ("with_entity", events)
