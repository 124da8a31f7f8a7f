"""The contact step: a number and its code, nobody, a national ID, how to be reached."""

from typing import Any

import pytest
from django.test import Client

from cms.reports.models import Report, Sender
from tests.factories import SmallCatalogue

from .conftest import PHONE, Walk, codes_sent, page, refused

pytestmark = pytest.mark.django_db


def test_nothing_is_sent_without_a_confirmed_number(walk: Walk) -> None:
    walk.what()
    walk.where()
    walk.details()
    assert walk.send().url == "/report/who/"
    wrong = walk.post("/report/who/", do="next", phone="0500000777")
    assert 'href="#phone"' in refused(walk.client, wrong)
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
    assert response.url == "/report/who/"
    html = refused(walk.client, response)
    assert 'id="code-e"' in html
    assert 'aria-describedby="code-h code-e" aria-invalid="true"' in html
    assert "000000" not in html
    english = page(walk.get("/en/report/who/"))
    assert "This code is wrong." in english
    assert not Sender.objects.exists()


def test_a_new_code_ends_the_error_of_the_old_one(walk: Walk) -> None:
    walk.what()
    walk.where()
    walk.details()
    walk.code()
    refused(walk.client, walk.confirm("000000"))
    assert walk.code().url == "/report/who/"
    assert "data-errors" not in page(walk.get("/report/who/"))


def test_no_code_is_kept(walk: Walk) -> None:
    walk.what()
    walk.where()
    walk.details()
    walk.code()
    refused(walk.client, walk.confirm("987654"))
    assert "987654" not in str(dict(walk.client.session))


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
    html = refused(walk.client, walk.code(phone))
    assert 'id="phone-e"' in html
    assert f'value="{phone}"' in html
    assert codes_sent() == 0


def test_too_many_codes_are_refused_with_a_time(walk: Walk) -> None:
    walk.what()
    walk.where()
    walk.details()
    for _ in range(5):
        assert walk.code().status_code == 302
    html = refused(walk.client, walk.code())
    assert "يمكنك المحاولة مرة أخرى بعد" in html
    assert "You can try again after" in page(walk.get("/en/report/who/"))
    assert codes_sent() == 5


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
    response = walk.post("/report/who/", do="next", who="anonymous")
    assert 'href="#who"' in refused(walk.client, response)
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
    done = page(walk.get("/report/done/"))
    assert report.reference in done
    # Nobody can ask them, so nothing is promised of it.
    assert "قد يكون سؤالًا لك" not in done
    assert "حين ننتظر ردك" not in done


def test_who_can_be_asked_is_told_that_it_may_be_a_question(walk: Walk) -> None:
    walk.to_review()
    walk.send()
    done = page(walk.get("/report/done/"))
    assert "قد يكون سؤالًا لك" in done
    assert "حين ننتظر ردك" in done


def test_the_enter_key_does_not_send_a_code_to_who_stays_unnamed(walk: Walk) -> None:
    walk.what("abuse")
    walk.where()
    walk.details(seen="")
    assert walk.post("/report/who/", do="send", who="anonymous", phone="").url == "/report/review/"


@pytest.mark.parametrize(
    ("prefix", "few", "all_supervisors"),
    [
        ("", "لا يقرأ بلاغك إلا أشخاص محددون بأسمائهم", "ومشرفو الإمارة"),
        ("/en", "Only a few people, named one by one, read it.", "supervisors see it"),
    ],
)
def test_a_confidential_report_offers_no_contact_and_says_who_reads_it(
    walk: Walk, prefix: str, few: str, all_supervisors: str
) -> None:
    walk.prefix = prefix
    walk.what("abuse")
    walk.where()
    walk.details(seen="")
    html = page(walk.get("/report/who/"))
    assert few in html
    assert all_supervisors not in html
    assert "contact_preference" not in html
    walk.code(who="mobile")
    walk.confirm(who="mobile", contact_preference="call", contact_hours="10-12")
    assert few in page(walk.get("/report/review/"))
    walk.send()
    report = Report.objects.get()
    assert (report.contact_preference, report.contact_hours) == ("never", "")


def test_any_other_report_says_that_the_entity_and_the_supervisors_see_the_number(walk: Walk) -> None:
    walk.what()
    walk.where()
    walk.details()
    html = page(walk.get("/report/who/"))
    assert "لا تراه إلا الجهة التي ترد عليك ومشرفو الإمارة." in html
    assert "محددون بأسمائهم" not in html
    walk.code()
    walk.confirm()
    assert "محددون بأسمائهم" not in page(walk.get("/report/review/"))


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
    assert 'id="national_id-e"' in refused(walk.client, wrong)
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


@pytest.mark.parametrize(
    ("prefix", "told"),
    [
        ("", "تُقبل أرقام هذه الدول: الكويت (\u2066+965\u2069)، الأردن (\u2066+962\u2069)."),
        (
            "/en",
            "Numbers of these countries are served: Kuwait (\u2066+965\u2069), Jordan (\u2066+962\u2069).",
        ),
    ],
)
def test_the_forms_say_whose_numbers_are_served(
    client: Client, catalogue: SmallCatalogue, settings: Any, prefix: str, told: str
) -> None:
    settings.SAWT_PHONE_COUNTRIES = ["KW", "JO"]
    walk = Walk(client, prefix)
    walk.what()
    walk.where()
    walk.details()
    assert told in page(walk.get("/report/who/"))
    assert told in page(walk.get("/my/"))
