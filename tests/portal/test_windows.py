"""Two windows of one browser: each keeps the service it shows, and nothing is sent that was not read."""

import re

import pytest

from cms.reports.models import Report

from .conftest import TEXT, Walk, page, refused

pytestmark = pytest.mark.django_db
OTHER_TEXT = "تسرب ماء كبير أمام المدرسة منذ الفجر."


def shows(html: str) -> str:
    found = re.search(r'name="shows" value="(\w+)"', html)
    assert found
    return found[1]


def test_a_form_goes_on_under_the_service_that_stands_over_it(walk: Walk) -> None:
    walk.what("lamp")
    walk.where()
    html = page(walk.get("/report/details/"))
    assert '<input type="hidden" name="for" value="lamp">' in html
    walk.what("leak")
    response = walk.details(**{"for": "lamp", "answers-since": "week", "seen": "since"})
    assert response.url == "/report/who/"
    assert walk.client.session["report_draft"]["service"] == "lamp"
    assert walk.client.session["report_draft"]["answers"]["since"] == "week"


def test_what_is_typed_brings_its_service_before_it_is_sent(walk: Walk) -> None:
    walk.what("lamp")
    walk.where()
    walk.what("leak")
    walk.post("/report/save/details/", text=TEXT, **{"for": "lamp"})
    draft = walk.client.session["report_draft"]
    assert (draft["service"], draft["text"]) == ("lamp", TEXT)


@pytest.mark.parametrize("given", ["nothing", "", "x" * 5000])
def test_a_service_that_is_none_changes_nothing(walk: Walk, given: str) -> None:
    walk.what("lamp")
    walk.where(**{"for": given})
    assert walk.client.session["report_draft"]["service"] == "lamp"


def test_what_was_changed_after_it_was_read_is_read_again(walk: Walk) -> None:
    walk.to_review()
    read = shows(page(walk.get("/report/review/")))
    walk.details(text=OTHER_TEXT)
    html = refused(walk.client, walk.post("/report/review/", ok="1", shows=read))
    assert "تغيّر هذا البلاغ في نافذة أخرى" in html
    assert OTHER_TEXT in html
    assert not Report.objects.exists()
    assert walk.post("/report/review/", ok="1", shows=shows(html)).url == "/report/done/"
    assert Report.objects.get().text == OTHER_TEXT
