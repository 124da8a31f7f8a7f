"""The answer to the last press is lost: whoever presses again gets the receipt, and one report is made."""

import re
import threading
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from cms.reports.models import Report
from tests.factories import SmallCatalogue

from .conftest import TEXT, Walk, page, secret_in

COOKIE = settings.SESSION_COOKIE_NAME


def as_before(client: Client, cookie: str) -> None:
    """The browser never heard of a new cookie."""
    client.cookies[COOKIE] = cookie


def cookie_of(walk: Walk) -> str:
    return walk.client.cookies[COOKIE].value


def anonymous_at_review(walk: Walk) -> None:
    walk.what("abuse")
    walk.where()
    walk.details(seen="")
    assert walk.post("/report/who/", do="next", who="anonymous").url == "/report/review/"


def receipt(client: Client) -> tuple[str, str]:
    html = page(client.get("/report/done/"))
    reference = re.search(r'id="ref">([^<]+)<', html)
    return reference[1] if reference else "", secret_in(html)


@pytest.mark.django_db
@pytest.mark.parametrize("named", [True, False])
def test_pressed_again_with_the_cookie_of_before_leads_to_the_same_receipt(walk: Walk, named: bool) -> None:
    walk.to_review() if named else anonymous_at_review(walk)
    html = page(walk.get("/report/review/"))
    key = walk.client.session["report_draft"]["key"]
    assert f'name="key" value="{key}"' in html
    before = cookie_of(walk)

    assert walk.post("/report/review/", ok="1", key=key).url == "/report/done/"
    first = receipt(walk.client)
    as_before(walk.client, before)
    assert walk.post("/report/review/", ok="1", key=key).url == "/report/done/"
    as_before(walk.client, before)

    assert receipt(walk.client) == first
    assert first[0] == Report.objects.get().reference


@pytest.mark.django_db
def test_back_and_reload_after_a_lost_answer_lead_to_the_receipt(walk: Walk) -> None:
    anonymous_at_review(walk)
    before = cookie_of(walk)
    walk.send()
    for path in ("/report/review/", "/report/who/", "/report/where/"):
        as_before(walk.client, before)
        assert walk.get(path).url == "/report/done/"


@pytest.mark.django_db
def test_a_signed_in_sender_stays_signed_in(walk: Walk) -> None:
    walk.to_review()
    before = cookie_of(walk)
    walk.send()
    as_before(walk.client, before)
    assert Report.objects.get().reference in page(walk.get("/my/"))


@pytest.mark.django_db
def test_a_session_written_last_by_another_request_does_not_erase_the_receipt(walk: Walk) -> None:
    """What a request that began before the sending writes back: the draft, and no receipt."""
    anonymous_at_review(walk)
    session = walk.client.session
    stale = dict(session.items())
    walk.send()
    first = receipt(walk.client)
    session = walk.client.session
    session.clear()
    session.update(stale)
    session.save()

    assert receipt(walk.client) == first
    session.update(stale)
    session.save()
    assert walk.get("/report/review/").url == "/report/done/"
    assert receipt(walk.client) == first
    assert Report.objects.count() == 1


@pytest.mark.django_db
def test_what_arrived_counts_though_the_form_is_no_longer_right(walk: Walk) -> None:
    anonymous_at_review(walk)
    draft = walk.client.session["report_draft"]
    walk.send()
    session = walk.client.session
    session["report_draft"] = {**draft, "text": ""}
    session.save()
    assert walk.send().url == "/report/done/"
    html = page(walk.get("/report/done/"))
    assert "أول مرة" in html
    assert Report.objects.get().text == TEXT


@pytest.mark.django_db
def test_an_old_page_does_not_send_the_next_draft(walk: Walk) -> None:
    anonymous_at_review(walk)
    old = walk.client.session["report_draft"]["key"]
    walk.send()
    anonymous_at_review(walk)
    assert walk.post("/report/review/", ok="1", key=old).url == "/report/done/"
    assert walk.post("/report/review/", ok="1", key="0" * 32).url == "/report/"
    assert Report.objects.count() == 1


@pytest.mark.django_db
def test_the_answer_to_the_code_is_lost_and_what_was_written_is_not(walk: Walk) -> None:
    walk.what()
    walk.where()
    walk.details()
    walk.code()
    before = cookie_of(walk)
    walk.confirm(name="نورة")
    after = cookie_of(walk)
    assert after != before

    as_before(walk.client, before)
    html = page(walk.get("/report/details/"))
    assert TEXT in html
    # The old key is worth nothing else.
    assert set(walk.client.session.keys()) - {"_session_expiry"} == {"report_draft"}
    assert "sender_id" not in walk.client.session
    assert walk.send().url == "/report/who/"
    assert not Report.objects.exists()


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.postgres
@pytest.mark.usefixtures("committing_db")
def test_six_presses_at_once_make_one_report_and_all_lead_to_its_receipt(
    catalogue: SmallCatalogue, client: Client, known_code: str, named: bool
) -> None:
    walk = Walk(client)
    walk.to_review() if named else anonymous_at_review(walk)
    key, cookie = walk.client.session["report_draft"]["key"], cookie_of(walk)
    start = threading.Barrier(6)
    answers: list[Any] = []
    clients: list[Client] = []

    def press() -> None:
        try:
            mine = Client()
            mine.cookies[COOKIE] = cookie
            start.wait(20)
            answers.append(mine.post("/report/review/", {"ok": "1", "key": key}))
            clients.append(mine)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert [(answer.status_code, answer.url) for answer in answers] == [
        (302, f"/report/done/?draft={key[:8]}")
    ] * 6
    assert Report.objects.count() == 1
    shown = {receipt(one) for one in clients}
    assert len(clients) == 6
    assert len(shown) == 1
    assert shown.pop()[0] == Report.objects.get().reference
