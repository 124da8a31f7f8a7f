"""What has begun to be written survives a reload, a step back and the change of language."""

import re

import pytest

from .conftest import TEXT, Walk, page

pytestmark = pytest.mark.django_db


def test_going_back_and_reloading_lose_nothing(walk: Walk) -> None:
    walk.what()
    walk.where(address="شارع الأربعين", latitude="26.33", longitude="43.97")
    walk.details()
    where = page(walk.get("/report/where/"))
    assert "شارع الأربعين" in where
    assert re.search('<option value="town.safra"[^>]* selected>', where)
    assert 'value="26.33"' in where
    assert TEXT in page(walk.get("/report/details/"))
    assert 'value="lamp" checked' in page(walk.get("/report/"))


def test_the_change_of_language_keeps_the_draft(walk: Walk) -> None:
    walk.what()
    walk.where()
    walk.details()
    english = page(walk.client.get("/en/report/details/"))
    assert 'lang="en" dir="ltr"' in english
    assert TEXT in english
    assert "Since when?" in english


def test_without_script_the_other_language_is_a_button_that_keeps_what_is_typed(walk: Walk) -> None:
    walk.what()
    html = page(walk.get("/report/where/"))
    button = re.search(r'<button[^>]* form="step" formaction="([^"]+)" formnovalidate lang="en">', html)
    assert button
    assert re.search('<form class="form" id="step"', html)
    response = walk.post(button[1], place="town.safra", address="شارع الأربعين")
    assert response.url == "/en/report/where/"
    english = page(walk.get(response.url))
    assert "شارع الأربعين" in english
    assert "data-errors" not in english
    assert re.search('<option value="town.safra"[^>]* selected>', english)


def test_what_is_typed_is_kept_before_it_is_sent(walk: Walk) -> None:
    walk.what()
    walk.where()
    assert walk.post("/report/save/details/", text="نصف جملة").status_code == 204
    assert "نصف جملة" in page(walk.get("/report/details/"))
    assert walk.post("/report/save/nothing/").status_code == 404


def test_a_draft_is_deleted_when_asked(walk: Walk) -> None:
    walk.what()
    walk.where()
    walk.details()
    assert walk.post("/report/start-again/").url == "/report/"
    assert "report_draft" not in walk.client.session
