"""submitReport over HTTP: what it stores, what it refuses, and that one key makes one report."""

import uuid

import pytest

from cms.reports.models import Event, IdempotencyKey, Report
from graphql_api.ids import global_id
from tests.factories import SenderFactory

from .conftest import SUBMIT, submission

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tenant(people):
    """The small catalogue and its staff."""


def refusals(answer):
    assert answer["report"] is None
    assert answer["secret"] is None
    assert not Report.objects.exists()
    return {(error["code"], tuple(error["field"] or ())) for error in answer["errors"]}


def test_a_report_is_stored_routed_and_answered_with_its_secret(api):
    answer = api.submit(title="عمود مطفأ", location={"latitude": 26.33, "longitude": 43.97})
    assert answer["errors"] == []
    report = answer["report"]
    assert report["state"] == "WITH_ENTITY"
    assert report["entity"] == {"code": "municipality.north", "name": "البلدية الشمالية"}
    assert report["dueAt"]
    assert report["reference"] in report["trackUrl"]
    assert answer["secret"] not in report["trackUrl"]
    assert report["availableActions"] == ["ADD_INFORMATION", "WITHDRAW"]
    assert [entry["code"] for entry in report["timeline"]] == ["submit"]
    stored = Report.objects.get()
    assert (stored.reference, stored.channel, stored.language) == (report["reference"], "api", "ar")
    assert (stored.latitude, stored.longitude, stored.title) == (26.33, 43.97, "عمود مطفأ")
    assert stored.sender.phone == "+966500012345"
    assert stored.sender.phone_verified_at is None
    assert api.track(report["reference"], answer["secret"]) == report


def test_a_report_without_a_title_has_a_heading_as_on_the_site(api, catalogue):
    query = SUBMIT.replace("secret", "report { title } secret", 1)
    for language, heading in (("ar", "عمود إنارة مطفأ، الصفراء"), ("en", "Street lamp out, Safra")):
        made = api.data(query, {"input": submission()}, Accept_Language=language)["submitReport"]["report"]
        assert (made["title"], made["heading"]) == ("", heading)
    titled = api.data(query, {"input": submission(title="عمود مائل")})["submitReport"]["report"]
    assert (titled["title"], titled["heading"]) == ("عمود مائل", "عمود مائل")


def test_a_token_that_is_no_good_files_nothing(api):
    answer = api(SUBMIT, {"input": submission()}, token="expired-or-wrong")["data"]["submitReport"]
    assert refusals(answer) == {("SIGN_IN_REQUIRED", ())}


def test_29_one_key_twice_is_one_report_and_one_answer(api):
    key = uuid.uuid4().hex
    first = api.submit(idempotencyKey=key)
    assert api.submit(idempotencyKey=key) == first
    assert Report.objects.count() == Event.objects.count() == 1


def test_30_the_same_key_with_another_body_is_a_conflict(api):
    key = uuid.uuid4().hex
    api.submit(idempotencyKey=key)
    answer = api.submit(idempotencyKey=key, text="بلاغ آخر مختلف تمامًا عن الأول.")
    assert answer["report"] is None
    assert [(e["code"], e["field"]) for e in answer["errors"]] == [
        ("IDEMPOTENCY_CONFLICT", ["idempotencyKey"])
    ]
    assert Report.objects.count() == 1


def test_the_body_is_compared_as_it_means_not_as_it_is_written(api):
    key = uuid.uuid4().hex
    first = api.submit(idempotencyKey=key)
    assert api.submit(idempotencyKey=key, title=None, location=None)["report"] == first["report"]


@pytest.mark.parametrize("key", ["short", "x" * 65, "x" * 21 + "\x00", "x" * 21 + "\ud800"])
def test_a_malformed_key_is_an_error_on_it(api, key):
    assert {field for _, field in refusals(api.submit(idempotencyKey=key))} == {("idempotencyKey",)}


def test_16_nul_in_a_text_is_an_error_on_that_field(api):
    assert refusals(api.submit(text="عمود\x00مطفأ منذ أسبوع")) == {("BAD_CHARACTERS", ("text",))}


def test_16_a_lone_surrogate_is_an_error_on_that_field(api):
    answer = api.submit(text="عمود مطفأ \ud83d منذ أسبوع", title="\udc00")
    assert refusals(answer) == {("BAD_CHARACTERS", ("text",)), ("BAD_CHARACTERS", ("title",))}


def test_16_a_title_of_5000_characters_is_an_error_on_that_field(api):
    answer = api.submit(title="ع" * 5000)
    assert refusals(answer) == {("TOO_LONG", ("title",))}
    assert "varchar" not in answer["errors"][0]["message"]


def test_18_a_bidi_override_in_a_title_is_stripped(api):
    api.submit(title="عمود \u202eمقلوب\u202c \u2066هنا\u2069")
    assert Report.objects.get().title == "عمود مقلوب هنا"


def test_all_that_is_wrong_is_told_at_once_with_paths(api):
    answer = api.submit(
        text="قصير",
        answers=[{"question": "since", "value": "century"}, {"question": "nothing", "value": "x"}],
        sender={"phone": "123"},
    )
    assert refusals(answer) == {
        ("TOO_SHORT", ("text",)),
        ("INVALID", ("answers", "since")),
        ("NOT_FOUND", ("answers", "nothing")),
        ("PHONE_INVALID", ("sender", "phone")),
    }


def test_what_is_no_id_and_what_is_no_text_are_told_in_one_round(api):
    answer = api.submit(
        idempotencyKey="short",
        service="lamp",
        place=global_id("Service", "lamp"),
        aboutEntity="x",
        text="a",
        answers=[{"question": "since", "value": "week"}] * 2,
        sender={"phone": "123", "email": "x"},
        location={"latitude": 0, "longitude": 0},
        attachments=["x"],
    )
    assert refusals(answer) == {
        ("INVALID", ("idempotencyKey",)),
        ("INVALID", ("service",)),
        ("INVALID", ("place",)),
        ("INVALID", ("aboutEntity",)),
        ("TOO_SHORT", ("text",)),
        ("INVALID", ("answers", "since")),
        ("PHONE_INVALID", ("sender", "phone")),
        ("INVALID", ("sender", "email")),
        ("OUTSIDE_REGION", ("location",)),
        ("INVALID", ("attachments",)),
    }
    assert len(answer["errors"]) == 10


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("ar", "العلامة على بعد نحو 112 كم من الصفراء. أيهما الصحيح؟"),
        ("en", "The pin is about 112 km from Safra. Which of the two is right?"),
    ],
)
def test_a_point_far_from_its_place_is_asked_about_as_on_the_site(api, catalogue, language, message):
    for place, latitude, longitude in (
        (catalogue.town, 26.1, 43.5),
        (catalogue.safra, 26.33, 43.97),
        (catalogue.village, 25.5, 44.6),
    ):
        place.latitude, place.longitude = latitude, longitude
        place.save()
    given = {"idempotencyKey": uuid.uuid4().hex, "location": {"latitude": 25.5, "longitude": 44.6}}

    asked = api.submit({"Accept_Language": language}, **given)
    assert refusals(asked) == {("FAR_FROM_PLACE", ("location",))}
    assert asked["errors"][0]["message"] == message

    # Who says that both are right sends the same again with that; the answer may be lost.
    stored = api.submit(**given, locationConfirmed=True)
    assert stored["errors"] == []
    assert api.submit(**given, locationConfirmed=True)["secret"] == stored["secret"]
    report = Report.objects.get()
    assert (report.place, report.latitude, report.longitude) == (catalogue.safra, 25.5, 44.6)


@pytest.mark.parametrize(
    "value", ["", "lamp", "1", global_id("Place", "town"), "\ud800", "U2VydmljZTo=", "x" * 5000]
)
def test_what_is_no_global_id_of_a_service_is_an_error_on_it(api, value):
    assert {field for _, field in refusals(api.submit(service=value))} == {("service",)}


def test_an_unknown_place_is_an_error_on_it(api):
    assert refusals(api.submit(place=global_id("Place", "atlantis"))) == {("NOT_FOUND", ("place",))}


@pytest.mark.parametrize("point", [{"latitude": 91, "longitude": 0}, {"latitude": 1e308, "longitude": 43}])
def test_a_point_off_the_earth_is_an_error_on_it(api, point):
    answer = api.submit(location=point)
    assert refusals(answer) == {("OUT_OF_RANGE", ("location",))}
    assert [error["message"] for error in answer["errors"]] == [
        "خط العرض بين ‎-90 و90، وخط الطول بين ‎-180 و180."
    ]


def test_a_question_that_the_service_does_not_ask_is_named(api):
    answers = [{"question": "since", "value": "week"}, {"question": "no\u202epe", "value": "x"}]
    answer = api.submit(answers=answers)
    assert refusals(answer) == {("NOT_FOUND", ("answers", "no\u202epe"))}
    assert [error["message"] for error in answer["errors"]] == ["ليس بين أسئلة الخدمة السؤال «nope»."]


def test_a_missing_sender_is_refused_where_the_service_is_not_anonymous(api):
    assert refusals(api.submit(sender=None)) == {("REQUIRED", ("sender",))}


def test_an_anonymous_report_where_the_service_allows_it(api):
    answer = api.submit(service=global_id("Service", "thanks"), sender=None, answers=None)
    assert answer["errors"] == []
    assert Report.objects.get().sender is None


def test_a_confidential_report_keeps_the_senders_wish(api):
    api.submit(
        service=global_id("Service", "abuse"),
        answers=None,
        contactPreference="CALL",
        contactHours="16:00–20:00",
    )
    stored = Report.objects.get()
    assert (stored.contact_preference, stored.contact_hours) == ("call", "16:00–20:00")


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("k" * 21, "INVALID"),
        ("k" * 65, "INVALID"),
        (" " * 30, "BAD_CHARACTERS"),
        ("مفتاح" * 6, "BAD_CHARACTERS"),
        ("k" * 25 + "\n", "BAD_CHARACTERS"),
    ],
)
def test_a_key_that_is_none_is_one_error(api, key, code):
    assert [(one["code"], one["field"]) for one in api.submit(idempotencyKey=key)["errors"]] == [
        (code, ["idempotencyKey"])
    ]
    assert not Report.objects.exists()


def test_hours_that_are_too_long_are_named_as_such(api):
    given = {"service": global_id("Service", "abuse"), "answers": None, "contactPreference": "CALL"}
    assert refusals(api.submit(**given, contactHours="٤" * 41)) == {("TOO_LONG", ("contactHours",))}
    assert not Report.objects.exists()


def test_the_signed_in_sender_wins_over_the_contact(api):
    from cms.reports import senders

    sender = SenderFactory()
    token, _ = senders.issue_token(sender)
    answer = api.submit({"token": token}, sender={"name": "نورة", "phone": "0500099999"})
    assert answer["errors"] == []
    assert Report.objects.get().sender_id == sender.pk


def test_a_wrong_number_is_told_to_who_is_signed_in_too(api):
    from cms.reports import senders

    token, _ = senders.issue_token(SenderFactory())
    answer = api.submit({"token": token}, sender={"phone": "123"})
    assert refusals(answer) == {("PHONE_INVALID", ("sender", "phone"))}


def test_a_whole_region_is_no_place(api):
    answer = api.submit(place=global_id("Place", "region"))
    assert refusals(answer) == {("INVALID", ("place",))}


@pytest.mark.parametrize(
    ("language", "message"),
    [("ar", "اكتب 10 أحرف على الأقل."), ("en", "Write at least 10 characters.")],
)
def test_messages_are_in_the_language_of_the_request(api, language, message):
    answer = api.submit({"Accept_Language": language}, text="قصير")
    assert [error["message"] for error in answer["errors"]] == [message]


def test_locale_wins_over_accept_language(api):
    answer = api.submit({"Accept_Language": "ar"}, locale="EN", text="قصير")
    assert answer["errors"][0]["message"] == "Write at least 10 characters."
    answer = api.submit({"Accept_Language": "ar"}, locale="EN")
    assert answer["report"]["stateLabel"] == "Passed to the entity"
    assert Report.objects.get().language == "en"


def test_every_error_names_the_request_in_the_log(api, caplog):
    caplog.set_level("INFO", "graphql_api")
    response = api.post(SUBMIT, {"input": submission(text="قصير")})
    [error] = response.json()["data"]["submitReport"]["errors"]
    assert error["correlationId"] == response["X-Correlation-Id"]
    assert error["correlationId"] in caplog.text
    assert "قصير" not in caplog.text


def test_a_refused_submission_keeps_no_key(api):
    api.submit(text="قصير")
    assert not IdempotencyKey.objects.exists()


def test_a_point_outside_the_region_is_an_error_on_it_in_the_readers_language(api):
    for language, message in (
        ("ar", "هذه النقطة خارج المنطقة."),
        ("en", "This point lies outside the region."),
    ):
        answer = api.submit({"Accept_Language": language}, location={"latitude": 0, "longitude": 0})
        assert refusals(answer) == {("OUTSIDE_REGION", ("location",))}
        assert answer["errors"][0]["message"] == message


def test_a_service_that_needs_a_location_wants_a_point_or_words(api, catalogue):
    catalogue.lamp.needs_location = True
    catalogue.lamp.save()
    assert refusals(api.submit()) == {("REQUIRED", ("location",))}
    assert refusals(api.submit(addressText="  ")) == {("REQUIRED", ("location",))}
    assert api.submit(addressText="أمام المسجد")["errors"] == []
    assert api.submit(location={"latitude": 26.33, "longitude": 43.97})["errors"] == []
    assert Report.objects.count() == 2
