"""What people wrote is shown as they wrote it, in its own direction, and never as markup."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from cms.content import guide
from cms.entities import snapshot
from cms.portal.problems import problems_of
from cms.portal.templatetags.portal import language_of, sms, within, written, written_line
from cms.reports.errors import Code, DomainError, Invalid
from cms.reports.models import Deadline
from tests import factories


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("شارع الملك Fahd", "ar"),
        ("King Fahd road شارع", "en"),
        ("", "ar"),
        ("123", "ar"),
        ("پانی نہیں", "ar"),
        ("وصلنا بلاغك QS-26-7K4MQ2P-0، تابعه: https://sawt.example.gov.sa/t/ABCDEFGH12", "ar"),
        ("اكتب إلى first.name@municipality.example.sa", "ar"),
        ("الرمز HQ4S-B6KK-PE43", "ar"),
        ("Your report: https://sawt.example.gov.sa/t/ABCDEFGH12", "en"),
    ],
)
def test_the_language_is_that_of_most_letters(text: str, language: str) -> None:
    assert language_of(text) == language


def test_paragraphs_and_lines_are_kept() -> None:
    html = written("one\ntwo\n\nthree")
    assert html == ('<div class="written" lang="en" dir="ltr"><p>one<br>two</p><p>three</p></div>')


@pytest.mark.parametrize("tag", [written, written_line, sms])
def test_nothing_in_it_is_markup_or_turns_the_line(tag: object) -> None:
    html = tag('<img src=x onerror="alert(1)"> \u202eabc\u2066')  # type: ignore[operator]
    assert "<img" not in html
    assert "\u202e" not in html
    assert "\u2066" not in html


def test_only_our_own_link_in_a_message_can_be_tapped() -> None:
    assert 'href="/t/ABCDEFGH12"' in sms("http://x.test/t/ABCDEFGH12")
    assert "href" not in sms("http://evil.test/login")
    assert "href" not in sms("javascript:alert(1)")


def test_a_message_has_the_language_that_it_was_sent_in() -> None:
    text = "QS-26-7K4MQ2P-0: http://x.test/t/ABCDEFGH12"
    assert sms(text, "ar").startswith('<p class="written" lang="ar" dir="rtl">')
    assert sms(text, "en").startswith('<p class="written" lang="en" dir="ltr">')


def test_several_errors_stand_each_at_its_field() -> None:
    error = Invalid(
        [
            DomainError(Code.REQUIRED, field=("answers", "since")),
            DomainError(Code.PHONE_INVALID, field=("sender", "phone")),
            DomainError(Code.NATIONAL_ID_INVALID, field=("sender", "nationalId")),
        ]
    )
    problems = problems_of(error)
    assert list(problems.found) == ["answers-since", "phone", "national_id"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(30, "دقيقة واحدة"), (61, "دقيقتين"), (600, "10 دقائق"), (700, "12 دقيقة")]
)
def test_a_wait_is_said_in_minutes_with_the_right_plural(seconds: int, words: str) -> None:
    with translation.override("ar"):
        problems = problems_of(DomainError(Code.TOO_MANY_ATTEMPTS, retry_after=seconds), default="code")
        assert words in str(problems.found["code"])
    with translation.override("en"):
        assert "You can try again after" in str(problems.found["code"])


def test_a_sentence_that_was_said_in_one_language_is_not_shown_in_the_other() -> None:
    with translation.override("en"):
        problems = problems_of(DomainError(Code.TOO_LONG, "At most 3 characters.", field="text"))
        assert str(problems.found["text"]) == "At most 3 characters."
    with translation.override("ar"):
        assert str(problems.found["text"]) == "النص أطول من المسموح."


@pytest.mark.django_db
def test_a_promise_is_told_in_the_hours_of_whoever_answers(catalogue: factories.SmallCatalogue) -> None:
    def promised() -> tuple[str, str]:
        service = snapshot.catalogue().service("leak")
        assert service is not None
        return guide.promise(service, "first_reply"), guide.promise(service)

    # given: the water company keeps office hours, as everybody here does
    with translation.override("en"):
        assert promised() == ("8 working hours", "5 working days")
        # when: it never closes
        catalogue.water.calendar = factories.CalendarFactory(hours=factories.AROUND_THE_CLOCK)
        catalogue.water.save()
        # then: nobody who reports in the night waits for the morning
        assert promised() == ("8 hours", "5 days")
        # but where one of several who may get it closes, no more is promised than holds everywhere
        factories.RoutingRuleFactory(service=catalogue.leak, place=catalogue.town, entity=catalogue.north)
        assert promised() == ("8 working hours", "5 working days")


@pytest.mark.django_db
def test_a_date_says_beside_it_what_was_promised() -> None:
    at = datetime(2026, 11, 22, 6, 30, 20, tzinfo=UTC)
    given = {"starts_at": at, "due_at": datetime(2026, 11, 25, 11, 30, tzinfo=UTC)}
    always = {"starts_at": at, "due_at": datetime(2026, 11, 22, 14, 30, tzinfo=UTC)}
    with translation.override("en"):
        assert within(Deadline(value=3, unit="days", **given)) == "3 working days"
        assert within(Deadline(value=8, unit="hours", **always)) == "8 hours"
    with translation.override("ar"):
        assert within(Deadline(value=3, unit="days", **given)) == "3 أيام عمل"
