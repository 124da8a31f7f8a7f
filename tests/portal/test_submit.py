"""Submitting without script: the whole way, one report however often sent, what may not be skipped."""

import re
from typing import Any

import pytest
from django.test import Client

from cms.content.guide import promise
from cms.entities.models import Service
from cms.reports.models import Report
from tests.factories import IntakeQuestionFactory, SmallCatalogue

from .conftest import PHONE, TEXT, Walk, page, secret_in

pytestmark = pytest.mark.django_db


def test_the_whole_way_makes_one_report_with_what_was_written(walk: Walk) -> None:
    walk.to_review()
    review = page(walk.get("/report/review/"))
    assert "البلدية الشمالية" in review
    assert TEXT in review
    # The date that is promised, and what it comes of, before anything is sent.
    promised = re.findall(r"\((خلال [^)]+)\)", review)
    assert promised == [
        f"خلال {promise(Service.objects.get(code='lamp'), which)}" for which in ("first_reply", "resolution")
    ]
    assert not Report.objects.exists()

    sent = walk.send()

    assert sent.status_code == 302
    assert sent.url == "/report/done/"
    report = Report.objects.get()
    assert (report.service.code, report.place.code, report.text) == ("lamp", "town.safra", TEXT)
    assert report.answers == {"since": "week"}
    assert (report.language, report.channel, report.state) == ("ar", "web", "with_entity")
    assert report.sender is not None
    assert (report.sender.phone, report.sender.name, report.sender.category) == (PHONE, "نورة", "citizen")
    done = page(walk.get("/report/done/"))
    assert report.reference in done
    assert secret_in(done).count("-") == 2
    assert '<svg class="qr"' in done
    assert "style=" not in done


def test_a_double_click_makes_one_report(walk: Walk) -> None:
    walk.to_review()
    walk.send()
    again = walk.send()
    assert again.url == "/report/done/"
    assert Report.objects.count() == 1


def test_two_requests_with_the_same_draft_make_one_report(walk: Walk) -> None:
    """Both were on their way before either was answered."""
    walk.to_review()
    draft = walk.client.session["report_draft"]
    walk.send()
    session = walk.client.session
    session["report_draft"] = draft
    session.save()
    assert walk.send().url == "/report/done/"
    assert Report.objects.count() == 1


def test_a_draft_changed_after_it_had_arrived_leads_to_what_arrived(walk: Walk) -> None:
    walk.to_review()
    draft = walk.client.session["report_draft"]
    walk.send()
    session = walk.client.session
    session["report_draft"] = {**draft, "text": TEXT + " ثم انطفأ الذي بعده."}
    session.save()
    walk.send()
    done = page(walk.get("/report/done/"))
    report = Report.objects.get()
    assert report.text == TEXT
    assert report.reference in done
    assert "أول مرة" in done


def test_a_second_report_has_a_key_of_its_own(walk: Walk) -> None:
    walk.to_review()
    walk.send()
    walk.what()
    walk.where()
    walk.details(TEXT + " مرة أخرى")
    assert walk.post("/report/who/", do="next", who="mobile").url == "/report/review/"
    walk.send()
    assert Report.objects.count() == 2


@pytest.mark.parametrize("path", ["where", "details", "who", "review"])
def test_a_step_before_its_turn_leads_to_the_first_missing_one(walk: Walk, path: str) -> None:
    assert walk.get(f"/report/{path}/").url == "/report/"
    walk.what()
    if path != "where":
        assert walk.get(f"/report/{path}/").url == "/report/where/"


def test_the_emergency_number_stands_before_the_form(walk: Walk) -> None:
    walk.what("leak")
    for path in ("where", "details"):
        html = page(walk.get(f"/report/{path}/"))
        assert html.index('href="tel:911"') < html.index(f'action="/report/{path}/"')
        walk.where()


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_each_number_of_an_emergency_sentence_can_be_tapped_and_none_is_said_twice(
    client: Client, catalogue: SmallCatalogue, prefix: str
) -> None:
    # given a service whose sentence names one number for danger and one for advice
    catalogue.leak.emergency_ar = "إن كنت في خطر الآن فاتصل على 911، وللمشورة 1919."
    catalogue.leak.emergency_en = "In danger now call 911; for advice 1919."
    catalogue.leak.save()
    walk = Walk(client, prefix)
    walk.what("leak")

    # when its step is shown, both are links, in the one sentence
    html = page(walk.get("/report/where/"))
    note = html[html.index('id="emergency"') :].partition("</p>")[0]
    assert re.findall('href="tel:([0-9]+)"', note) == ["911", "1919"]
    assert re.sub("<[^>]+>|^[^>]+>", "", note) == (
        catalogue.leak.emergency_en if prefix else catalogue.leak.emergency_ar
    )


def test_pages_with_what_someone_wrote_are_stored_nowhere(walk: Walk) -> None:
    walk.what()
    response: Any = walk.get("/report/where/")
    assert response.headers["Cache-Control"] == "no-store"
    assert 'name="robots" content="noindex"' in page(response)


def test_forms_from_elsewhere_are_refused(catalogue: SmallCatalogue) -> None:
    strict = Client(enforce_csrf_checks=True)
    for path in ("/report/", "/track/", "/my/", "/report/save/what/", "/my/sign-out/"):
        assert strict.post(path, {"service": "lamp"}).status_code == 403


def test_what_people_write_is_never_markup(walk: Walk) -> None:
    walk.what()
    walk.where()
    walk.details(text="<script>alert(1)</script> \u202e مقلوب", **{"answers-since": "week", "seen": "since"})
    walk.code()
    walk.confirm()
    html = page(walk.get("/report/review/"))
    assert "<script>alert" not in html
    assert "\u202e" not in html


def test_no_control_is_shown_for_what_is_not_there(walk: Walk) -> None:
    walk.what()
    walk.where()
    html = page(walk.get("/report/details/")) + page(walk.get("/report/"))
    # Each file control has somewhere to send its files.
    assert html.count('type="file"') == html.count('data-files="/report/files/?step=') == 2
    assert 'href="#"' not in html


def test_the_review_shows_the_chosen_class(walk: Walk) -> None:
    walk.to_review()
    assert "نورة</bdi><br>مواطن" in page(walk.get("/report/review/"))
    assert "<br>Citizen" in page(walk.get("/en/report/review/"))


def test_a_number_in_arabic_digits_reads_alike_before_and_after_sending(
    walk: Walk, catalogue: SmallCatalogue
) -> None:
    IntakeQuestionFactory(
        service=catalogue.lamp, code="poles", type="number", label_ar="كم عمودًا؟", label_en="How many?"
    )
    walk.what()
    walk.where()
    walk.details(**{"answers-since": "week", "answers-poles": "١٢", "seen": ["since", "poles"]})
    walk.code()
    walk.confirm()
    answer = '<dt>كم عمودًا؟</dt><dd><bdi lang="ar" dir="rtl">12</bdi></dd>'
    assert answer in page(walk.get("/report/review/"))
    walk.send()
    assert answer in page(walk.get(f"/track/{Report.objects.get().reference}/"))
