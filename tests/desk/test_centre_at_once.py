"""The last button pressed twice in one moment, as impatient fingers and lost answers do."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from cms.reports.models import Report, Sender
from tests import factories

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_two_presses_at_once_make_one_report(people: factories.People, client_of: Any) -> None:
    agent = client_of(people.agent)
    key = agent.get("/admin/centre/").context["typed"].key
    given = {
        **{"key": key, "do": "submit", "channel": "phone", "service": "lamp", "asked_for": "lamp"},
        **{"seen": ["since"], "answers-since": "week", "place": "town.safra", "phone": "0551234567"},
        "text": "عمود الإنارة أمام المسجد مطفأ.",
    }
    together = Barrier(3)

    def press(_number: int) -> tuple[int, str]:
        browser = Client()
        browser.cookies["sessionid"] = agent.cookies["sessionid"].value
        try:
            together.wait()
            response = browser.post("/admin/centre/", given)
            return response.status_code, response.headers.get("Location", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(press, range(3)))

    assert answers == [(302, "/admin/centre/done/")] * 3
    report = Report.objects.get()
    assert (report.events.count(), Sender.objects.count()) == (1, 1)
    assert report.reference in agent.get("/admin/centre/done/").content.decode()
