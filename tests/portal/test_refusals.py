"""A step that is refused: what was wrong, said after a redirect, at its field, until it is right."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cms.portal import returned
from tests.factories import SmallCatalogue

from .conftest import NAME, TEXT, Walk, page, refused

pytestmark = pytest.mark.django_db


def test_what_is_wrong_is_kept_and_said_at_its_field(walk: Walk) -> None:
    walk.what()
    walk.where()
    response = walk.details(text="قصير")
    assert response.url == "/report/details/"
    html = refused(walk.client, response)
    assert 'href="#text"' in html
    assert 'id="text-e"' in html
    assert 'aria-describedby="text-h text-c text-e" aria-invalid="true"' in html
    assert ">قصير</textarea>" in html
    assert "10 أحرف" in html
    assert "<title>صحّح: " in html


def test_a_reload_after_an_error_asks_again_and_says_the_same(walk: Walk) -> None:
    walk.what()
    walk.where()
    first = refused(walk.client, walk.details(text="قصير"))
    again = page(walk.get("/report/details/"))
    assert 'id="text-e"' in again
    assert ">قصير</textarea>" in again
    assert first.count("text-e") == again.count("text-e")


def test_in_the_other_language_it_is_said_in_that_language(walk: Walk) -> None:
    walk.what()
    walk.where()
    refused(walk.client, walk.details(text="قصير"))
    english = page(walk.get("/en/report/details/"))
    assert "Write at least 10 characters." in english
    assert "10 أحرف" not in english
    assert ">قصير</textarea>" in english


def test_a_step_that_is_opened_for_the_first_time_accuses_nobody(walk: Walk) -> None:
    assert "data-errors" not in page(walk.get("/report/"))
    walk.what()
    assert "data-errors" not in page(walk.get("/report/where/"))
    walk.where()
    assert "data-errors" not in page(walk.get("/report/details/"))
    walk.details()
    assert "data-errors" not in page(walk.get("/report/who/"))
    walk.code()
    assert "data-errors" not in page(walk.get("/report/who/"))
    walk.confirm()
    html = page(walk.get("/report/review/"))
    assert "data-errors" not in html
    assert "aria-invalid" not in html


def test_a_step_that_went_on_accuses_no_more(walk: Walk) -> None:
    walk.what()
    walk.where()
    refused(walk.client, walk.details(text="قصير"))
    # Back to the step before, and on again: what was refused then is not held against the writer.
    assert walk.where().url == "/report/details/"
    html = page(walk.get("/report/details/"))
    assert "data-errors" not in html
    assert ">قصير</textarea>" in html


def test_what_was_refused_long_ago_is_not_said_again(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    walk.what()
    walk.where()
    refused(walk.client, walk.details(text="قصير"))
    later = timezone.now() + timedelta(seconds=returned.SHOWN_FOR_SECONDS + 1)
    monkeypatch.setattr(returned.timezone, "now", lambda: later)
    html = page(walk.get("/report/details/"))
    assert "data-errors" not in html
    assert ">قصير</textarea>" in html


def test_a_draft_that_is_deleted_takes_its_errors_along(walk: Walk) -> None:
    refused(walk.client, walk.post("/report/", q="شيء"))
    walk.post("/report/start-again/")
    assert "data-errors" not in page(walk.get("/report/"))


def test_an_empty_step_says_what_is_needed(walk: Walk) -> None:
    first = walk.post("/report/", q="شيء", category="streets")
    # The words stay out of the address; the list stays narrowed.
    assert first.url == "/report/?category=streets"
    assert 'href="#service"' in refused(walk.client, first)
    walk.what()
    assert 'href="#place"' in refused(walk.client, walk.post("/report/where/", place=""))
    walk.where()
    html = refused(walk.client, walk.post("/report/details/", text=""))
    assert 'href="#answers-since"' in html
    assert 'href="#text"' in html


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"place": "atlantis"}, "place"),
        ({"place": "town", "latitude": "north", "longitude": "1"}, "location"),
        ({"place": "town", "latitude": "26"}, "address"),
        ({"place": "town", "address": "x" * 301}, "address"),
        ({"place": "town", "address": "a\x00b"}, "address"),
    ],
)
def test_a_bad_place_is_refused(walk: Walk, data: dict[str, str], field: str) -> None:
    walk.what()
    response = walk.post("/report/where/", **data)
    assert response.url == "/report/where/"
    html = refused(walk.client, response)
    assert f'href="#{field}"' in html
    assert f'id="{field}-e"' in html
    assert walk.get("/report/details/").url == "/report/where/"


def test_a_pin_that_is_refused_can_be_taken_away_without_script(walk: Walk) -> None:
    walk.what()
    html = refused(walk.client, walk.where(latitude="north", longitude="1", address="خلف المسجد"))
    assert 'name="do" value="no_pin"' in html
    gone = walk.where(latitude="north", longitude="1", address="خلف المسجد", do="no_pin")
    assert gone.url == "/report/where/"
    html = page(walk.get("/report/where/"))
    assert "data-errors" not in html
    assert 'value="north"' not in html
    assert "خلف المسجد" in html


def test_the_review_asks_for_the_confirmation(walk: Walk) -> None:
    walk.to_review()
    response = walk.post("/report/review/")
    assert response.url == "/report/review/"
    html = refused(walk.client, response)
    assert 'href="#ok"' in html
    assert 'aria-describedby="ok-e" aria-invalid="true"' in html
    assert "Confirm that what you wrote is true" in page(walk.get("/en/report/review/"))


def test_a_report_that_lost_its_sender_says_so_where_it_is_mended(walk: Walk) -> None:
    walk.to_review()
    session = walk.client.session
    del session["sender_id"]
    session.save()
    response = walk.send()
    assert response.url == "/report/who/"
    assert 'href="#phone"' in refused(walk.client, response)


def test_the_script_s_requests_are_told_where_to_go(walk: Walk) -> None:
    """htmx would follow a redirect by itself and put a page where a part of one belongs."""

    def htmx(path: str, **data: Any) -> str:
        response = walk.client.post(path, data, headers={"HX-Request": "true"})
        assert (response.status_code, response.content) == (200, b"")
        return NAME.sub("", response.headers["HX-Redirect"])

    assert htmx("/report/", q="شيء") == "/report/"
    assert htmx("/report/", service="lamp") == "/report/where/"
    assert htmx("/report/where/", place="") == "/report/where/"
    assert 'id="place-e"' in page(walk.get("/report/where/"))
    # The list alone accuses nobody: it is what one searches.
    walk.post("/report/start-again/")
    refused(walk.client, walk.post("/report/", q="شيء"))
    part = walk.client.post("/report/find/", {"q": "انارة"}, headers={"HX-Request": "true"})
    assert "service-e" not in page(part)


def test_questions_that_are_wrong_are_named(walk: Walk, catalogue: SmallCatalogue) -> None:
    walk.what()
    walk.where()
    response = walk.details(text=TEXT, **{"answers-since": "year", "seen": "since"})
    html = refused(walk.client, response)
    assert 'href="#answers-since"' in html
    assert 'id="answers-since-e"' in html
