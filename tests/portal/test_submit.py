"""Submitting without script: each step, drafts, errors, languages, one report however often sent."""

from typing import Any

import pytest
from django.test import Client

from cms.reports.models import Report, Sender
from tests.factories import IntakeQuestionFactory, SmallCatalogue

from .conftest import PHONE, TEXT, Walk, codes_sent, page, secret_in

pytestmark = pytest.mark.django_db


def test_the_whole_way_makes_one_report_with_what_was_written(walk: Walk) -> None:
    walk.to_review()
    review = page(walk.get("/report/review/"))
    assert "البلدية الشمالية" in review
    assert TEXT in review
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


def test_going_back_and_reloading_lose_nothing(walk: Walk) -> None:
    walk.what()
    walk.where(address="شارع الأربعين", latitude="26.33", longitude="43.97")
    walk.details()
    where = page(walk.get("/report/where/"))
    assert "شارع الأربعين" in where
    assert 'value="town.safra" data-lat' in where
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


def test_what_is_wrong_is_kept_and_said_at_its_field(walk: Walk) -> None:
    walk.what()
    walk.where()
    response = walk.details(text="قصير")
    html = page(response)
    assert response.status_code == 422
    assert 'href="#text"' in html
    assert 'id="text-e"' in html
    assert 'aria-describedby="text-h text-c text-e" aria-invalid="true"' in html
    assert ">قصير</textarea>" in html
    assert "10 أحرف" in html
    # It is still there after a reload.
    assert ">قصير</textarea>" in page(walk.get("/report/details/"))


def test_an_empty_step_says_what_is_needed(walk: Walk) -> None:
    first = walk.post("/report/", q="شيء")
    assert first.status_code == 422
    assert 'href="#service"' in page(first)
    walk.what()
    assert walk.post("/report/where/", place="").status_code == 422
    walk.where()
    html = page(walk.post("/report/details/", text=""))
    assert 'href="#answers-since"' in html


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"place": "atlantis"}, 422),
        ({"place": "town", "latitude": "north", "longitude": "1"}, 422),
        ({"place": "town", "latitude": "26"}, 422),
        ({"place": "town", "address": "x" * 301}, 422),
        ({"place": "town", "address": "a\x00b"}, 422),
    ],
)
def test_a_bad_place_is_refused(walk: Walk, data: dict[str, str], status: int) -> None:
    walk.what()
    assert walk.post("/report/where/", **data).status_code == status


@pytest.mark.parametrize("path", ["where", "details", "who", "review"])
def test_a_step_before_its_turn_leads_to_the_first_missing_one(walk: Walk, path: str) -> None:
    assert walk.get(f"/report/{path}/").url == "/report/"
    walk.what()
    if path != "where":
        assert walk.get(f"/report/{path}/").url == "/report/where/"


def test_nothing_is_sent_without_a_confirmed_number(walk: Walk) -> None:
    walk.what()
    walk.where()
    walk.details()
    assert walk.send().url == "/report/who/"
    wrong = walk.post("/report/who/", do="next", phone="0500000777")
    assert wrong.status_code == 422
    walk.code()
    assert walk.send().url == "/report/who/"
    assert not Report.objects.exists()
    assert not Sender.objects.exists()


def test_a_wrong_code_is_said_at_its_field(walk: Walk) -> None:
    walk.what()
    walk.where()
    walk.details()
    walk.code()
    response = walk.confirm("000000")
    assert response.status_code == 422
    assert 'id="code-e"' in page(response)
    assert not Sender.objects.exists()


def test_arabic_digits_and_any_form_of_the_number_are_understood(walk: Walk) -> None:
    walk.what()
    walk.where()
    walk.details()
    walk.code("٠٥٠ ٠٠٠ ٠٧٧٧")
    assert walk.confirm("١٢٣٤٥٦").url == "/report/review/"
    assert Sender.objects.get().phone == PHONE


@pytest.mark.parametrize("phone", ["", "123", "hello", "+12025550123", "0112345678"])
def test_a_number_that_is_no_mobile_gets_no_code(walk: Walk, phone: str) -> None:
    walk.what()
    walk.where()
    walk.details()
    response = walk.code(phone)
    assert response.status_code == 422
    assert 'id="phone-e"' in page(response)
    assert codes_sent() == 0


def test_too_many_codes_are_refused_with_a_time(walk: Walk) -> None:
    walk.what()
    walk.where()
    walk.details()
    for _ in range(5):
        assert walk.code().status_code == 302
    refused = walk.code()
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_the_session_changes_its_key_at_sign_in(walk: Walk) -> None:
    walk.what()
    walk.where()
    walk.details()
    walk.code()
    before = walk.client.session.session_key
    walk.confirm()
    assert walk.client.session.session_key != before


def test_anonymous_only_where_the_service_allows_it(walk: Walk) -> None:
    walk.what("lamp")
    walk.where()
    walk.details()
    assert 'value="anonymous"' not in page(walk.get("/report/who/"))
    assert walk.post("/report/who/", do="next", who="anonymous").status_code == 422
    assert walk.send().url == "/report/who/"
    assert not Report.objects.exists()


def test_an_anonymous_report_has_no_sender(walk: Walk) -> None:
    walk.what("abuse")
    walk.where()
    walk.details(seen="")
    assert 'value="anonymous"' in page(walk.get("/report/who/"))
    assert walk.post("/report/who/", do="next", who="anonymous").url == "/report/review/"
    walk.send()
    report = Report.objects.get()
    assert report.sender is None
    assert report.privacy == "confidential"
    assert report.reference in page(walk.get("/report/done/"))


def test_the_enter_key_does_not_send_a_code_to_who_stays_unnamed(walk: Walk) -> None:
    walk.what("abuse")
    walk.where()
    walk.details(seen="")
    assert walk.post("/report/who/", do="send", who="anonymous", phone="").url == "/report/review/"


def test_a_confidential_report_asks_how_to_make_contact(walk: Walk) -> None:
    walk.what("abuse")
    walk.where()
    walk.details(seen="")
    walk.code(who="mobile", contact_preference="neutral_message")
    html = page(walk.get("/report/who/"))
    assert 'value="neutral_message" checked' in html
    walk.confirm(who="mobile", contact_preference="call", contact_hours="10-12")
    walk.send()
    report = Report.objects.get()
    assert (report.contact_preference, report.contact_hours) == ("call", "10-12")


def test_the_national_id_is_asked_for_where_needed_and_kept_encrypted(
    walk: Walk, catalogue: SmallCatalogue
) -> None:
    catalogue.leak.requires_national_id = True
    catalogue.leak.save()
    walk.what("leak")
    walk.where()
    walk.details(seen="")
    walk.code()
    wrong = walk.confirm(national_id="1234567890")
    assert wrong.status_code == 422
    assert 'id="national_id-e"' in page(wrong)
    assert walk.post("/report/who/", do="next", national_id="1000000008").url == "/report/review/"
    assert "1000000008" not in str(dict(walk.client.session))
    assert "1000000008" not in page(walk.get("/report/review/"))
    walk.send()
    sender = Report.objects.get().sender
    assert sender is not None
    assert sender.national_id_encrypted
    assert "1000000008" not in sender.national_id_encrypted


def test_the_national_id_is_asked_for_nowhere_else(walk: Walk) -> None:
    walk.what()
    walk.where()
    walk.details()
    walk.code()
    assert "national_id" not in page(walk.get("/report/who/"))


def test_a_dependent_question_appears_after_its_answer(walk: Walk, catalogue: SmallCatalogue) -> None:
    IntakeQuestionFactory(
        service=catalogue.leak, code="ill", type="yesno", required=True, label_ar="هل مرض أحد؟", order=1
    )
    IntakeQuestionFactory(
        service=catalogue.leak,
        code="ill_count",
        type="number",
        required=True,
        label_ar="كم عددهم؟",
        order=2,
        show_when={"question": "ill", "equals": "yes"},
    )
    walk.what("leak")
    walk.where()
    first = walk.post("/report/details/", **{"text": TEXT, "answers-ill": "yes", "seen": "ill"})
    html = page(first)
    assert first.status_code == 200
    assert "كم عددهم؟" in html
    assert 'id="more"' in html
    data = {"text": TEXT, "answers-ill": "yes", "seen": ["ill", "ill_count"]}
    empty = walk.post("/report/details/", **data, **{"answers-ill_count": ""})
    assert empty.status_code == 422
    done = walk.post("/report/details/", **data, **{"answers-ill_count": "٣"})
    assert done.url == "/report/who/"
    # With the other answer it is asked no more, and its old answer is not sent.
    assert (
        walk.post("/report/details/", **{"text": TEXT, "answers-ill": "no", "seen": "ill"}).status_code == 302
    )


def test_the_emergency_number_stands_before_the_form(walk: Walk) -> None:
    walk.what("leak")
    for path in ("where", "details"):
        html = page(walk.get(f"/report/{path}/"))
        assert html.index('href="tel:911"') < html.index(f'action="/report/{path}/"')
        walk.where()


@pytest.mark.parametrize("words", ["إنارة", "اناره", "الإنارة", "lamp"])
def test_services_are_found_in_plain_words(walk: Walk, words: str) -> None:
    html = page(walk.client.get("/report/", {"q": words}))
    assert 'value="lamp"' in html


def test_nothing_found_offers_what_goes_to_triage(walk: Walk) -> None:
    html = page(walk.client.get("/report/", {"q": "قققققق"}))
    assert 'value="other"' in html
    assert 'value="lamp"' not in html


def test_services_by_category_kind_and_link(walk: Walk) -> None:
    assert 'value="leak"' in page(walk.client.get("/report/", {"category": "streets"}))
    assert 'value="thanks"' in page(walk.client.get("/report/", {"kind": "thanks"}))
    assert 'value="leak" checked' in page(walk.client.get("/report/", {"service": "leak"}))


def test_the_script_gets_the_list_alone(walk: Walk) -> None:
    html = page(walk.client.get("/report/", {"q": "انارة"}, headers={"HX-Request": "true"}))
    assert html.startswith("<form")
    assert 'value="lamp"' in html


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
    assert 'type="file"' not in html
    assert 'href="#"' not in html
