"""Following one report: finding it, reading it, answering there; and what nobody may find."""

import re
from typing import Any

import pytest
from django.test import Client

from cms.reports import actions
from cms.reports.actors import SenderActor, StaffActor
from cms.reports.models import Reason, Report
from tests import factories

from .conftest import page, refused, secret_of, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("contexts")]


def test_a_report_that_was_not_opened_is_not_there(client: Client, report: Report) -> None:
    for reference in (report.reference, "QS-26-0000000-0", "nonsense"):
        response = client.get(f"/track/{reference}/")
        assert (response.status_code, response.url) == (302, "/track/")
        assert client.post(f"/track/{reference}/withdraw/").url == "/track/"
    report.refresh_from_db()
    assert report.state == "with_entity"


def test_the_example_that_is_shown_can_be_typed_and_opens_nothing(client: Client, report: Report) -> None:
    html = page(client.get("/track/"))
    assert '<bdi class="ref" dir="ltr">QS-26-7K4MQ2P-0</bdi>' in html
    sent = {"reference": "QS-26-7K4MQ2P-0", "secret": secret_of(report)}
    html = refused(client, client.post("/track/", sent))
    # Not mistyped: unknown.
    assert "رقم البلاغ والرمز السري غير متطابقين" in html
    assert 'id="reference-e"' not in html


def test_a_number_in_the_address_is_shown_without_what_cannot_be_printed(client: Client) -> None:
    html = page(client.get("/track/?reference=%00QS-26%0A%E2%80%AE&secret=x"))
    assert 'value="QS-26"' in html
    assert "\x00" not in html


def test_the_grant_ends_with_signing_out(opened: Any, report: Report) -> None:
    client = opened(report)
    assert client.get(url(report)).status_code == 200
    client.post("/my/sign-out/")
    assert client.get(url(report)).url == "/track/"


def test_only_what_may_be_done_now_is_offered(opened: Any, report: Report) -> None:
    html = page(opened(report).get(url(report)))
    assert url(report, "write") in html
    assert url(report, "withdraw") in html
    for action in ("accept", "rate", "reopen"):
        assert url(report, action) not in html


def test_adding_information_is_shown_after_a_redirect(opened: Any, report: Report) -> None:
    client = opened(report)
    response = client.post(url(report, "write"), {"text": "نسيت أن أذكر رقم العمود."})
    assert response.url == url(report)
    assert "نسيت أن أذكر رقم العمود." in page(client.get(url(report)))


def test_an_empty_message_is_said_at_its_field(opened: Any, report: Report) -> None:
    client = opened(report)
    response = client.post(url(report, "write"), {"text": " "})
    assert response.url == url(report)
    html = refused(client, response)
    assert 'href="#write-text"' in html
    assert 'aria-describedby="write-text-h write-text-e" aria-invalid="true"' in html
    # Another report's page knows nothing of it.
    assert "data-errors" not in page(opened(factories.submitted_report()).get("/track/"))


def test_a_message_that_is_too_long_is_kept_in_both_languages_until_it_is_sent(
    opened: Any, report: Report
) -> None:
    client = opened(report)
    html = refused(client, client.post(url(report, "write"), {"text": "س" * 5001}))
    assert "س" * 5001 in html
    english = page(client.get(f"/en{url(report)}"))
    assert "س" * 5001 in english
    assert "data-errors" in english
    assert client.post(url(report, "write"), {"text": "س" * 5000}).url == url(report)
    html = page(client.get(url(report)))
    assert "data-errors" not in html
    assert "س" * 5000 + "</textarea>" not in html


def test_a_question_is_answered(opened: Any, report_in: Any) -> None:
    report = report_in("awaiting_sender")
    client = opened(report)
    html = page(client.get(url(report)))
    assert "أي عمود بالتحديد؟" in html
    client.post(url(report, "write"), {"text": "العمود الثالث بعد المسجد."})
    report.refresh_from_db()
    assert report.state == "in_progress"


def test_reopening_asks_why_and_keeps_what_was_written(opened: Any, report_in: Any) -> None:
    factories.ReasonFactory(
        code="not_fixed",
        used_for="reopen",
        label_ar="لم تُعالج المشكلة",
        label_en="Not fixed",
        needs_text=True,
    )
    report = report_in("answered")
    client = opened(report)
    html = refused(client, client.post(url(report, "reopen"), {"reason": "not_fixed", "text": ""}))
    assert 'open class="is-inline"' in html
    assert 'value="not_fixed" checked' in html
    # A reason is chosen: what is missing is the explanation, and that is where the error stands.
    assert 'href="#reopen-text"' in html
    assert 'href="#reopen-reason"' not in html
    # With neither, the error stands at the choice.
    html = refused(client, client.post(url(report, "reopen"), {"reason": "", "text": ""}))
    assert 'href="#reopen-reason"' in html
    assert (
        client.post(url(report, "reopen"), {"reason": "not_fixed", "text": "ما زال مطفأ."}).status_code == 302
    )
    report.refresh_from_db()
    assert (report.state, report.round) == ("with_entity", 2)
    # What was chosen stands above what was written, in the reader's language.
    assert "<p><b>لم تُعالج المشكلة</b></p>" in page(client.get(url(report)))
    assert "<p><b>Not fixed</b></p>" in page(client.get(f"/en{url(report)}"))


def test_reopening_by_a_reason_alone_is_read_as_that_reason(opened: Any, report_in: Any) -> None:
    factories.ReasonFactory(
        code="later", used_for="reopen", label_ar="عادت المشكلة", label_en="It came back", needs_text=False
    )
    report = report_in("answered")
    client = opened(report)
    assert client.post(url(report, "reopen"), {"reason": "later", "text": ""}).status_code == 302
    assert "<p><b>It came back</b></p>" in page(client.get(f"/en{url(report)}"))


def test_an_error_is_said_once_in_each_language_and_what_was_typed_stays(opened: Any, report_in: Any) -> None:
    # given: a form that opens an answered report again, refused for want of an explanation
    reason = factories.ReasonFactory(code="not_fixed", used_for="reopen", needs_text=True)
    report = report_in("answered")
    client = opened(report)
    response = client.post(url(report, "reopen"), {"reason": reason.code, "text": ""})
    # A HEAD shows nobody anything.
    client.head(url(report))

    # when, then: the page after it says so, its reload does not, and the same in the other language
    assert 'href="#reopen-text"' in refused(client, response)
    again = page(client.get(url(report)))
    assert ("data-errors" in again, "is-inline" in again, "aria-invalid" in again) == (False, False, False)
    assert 'value="not_fixed" checked' in again
    assert "data-errors" in page(client.get(f"/en{url(report)}"))
    assert "data-errors" not in page(client.get(f"/en{url(report)}"))
    assert "data-errors" not in page(client.get(url(report)))


def test_no_error_speaks_of_a_form_that_the_report_has_outlived(opened: Any, report_in: Any) -> None:
    # given: a refused form, whose report was opened again elsewhere before its page was read
    reason = factories.ReasonFactory(code="not_fixed", used_for="reopen", needs_text=True)
    report = report_in("answered")
    client = opened(report)
    response = client.post(url(report, "reopen"), {"reason": reason.code, "text": ""})
    sender = SenderActor(report_id=report.pk)
    actions.reopen(report.pk, actor=sender, reason_code=reason.code, text="ما زال مطفأ.")

    # when, then: nothing is wrong with the page, which has no such form
    html = page(client.get(response.url))
    assert ("data-errors" in html, "reopen-text" in html) == (False, False)

    # when: the form of a page that was open all along is sent all the same
    late = client.post(url(report, "reopen"), {"reason": reason.code, "text": "مرة أخرى"})

    # then: that it is too late is said, once
    html = page(client.get(late.url))
    assert ("data-errors" in html, "لم يُنفَّذ شيء" in html) == (False, True)
    assert "لم يُنفَّذ شيء" not in page(client.get(url(report)))


def test_a_rejection_may_be_appealed_against_once(opened: Any, report_in: Any) -> None:
    report = report_in("rejected")
    client = opened(report)
    assert "الاعتراض على عدم القبول" in page(client.get(url(report)))
    html = refused(client, client.post(url(report, "appeal"), {"text": " "}))
    assert 'id="appeal-reason"' in html
    assert 'open class="is-inline"' in html
    assert client.post(url(report, "appeal"), {"text": "لم يزر أحد الموقع."}).status_code == 302
    report.refresh_from_db()
    assert (report.state, report.round) == ("received", 2)
    html = page(client.get(url(report)))
    assert "قدمت اعتراضًا" in html
    assert '<p class="lead">اعتراضك قيد النظر، ويبت فيه أحد مشرفي الإمارة، غير من رفض البلاغ.</p>' in html
    assert "وسيبت فيه أحد مشرفي الإمارة، غير من رفض البلاغ." in html


def test_a_report_returned_after_its_appeal_was_upheld_speaks_of_no_appeal(
    opened: Any, report_in: Any, people: factories.People
) -> None:
    factories.ReasonFactory(code="wrong_entity", used_for="return")
    # given: an appeal that another supervisor has decided on, in the sender's favour
    report = report_in("rejected")
    client = opened(report)
    client.post(url(report, "appeal"), {"text": "لم يزر أحد الموقع."})
    client.post(url(report, "write"), {"text": "صورة جديدة وصفتها هنا."})
    under_appeal = "اعتراضك قيد النظر"
    assert under_appeal in page(client.get(url(report)))
    report.refresh_from_db()
    actions.route(
        report.pk, actor=StaffActor(people.supervisor), version=report.version, entity="municipality.north"
    )
    # when
    report.refresh_from_db()
    actions.return_(
        report.pk,
        actor=StaffActor(people.coordinator),
        version=report.version,
        reason="wrong_entity",
        text="هذا على جهة أخرى.",
    )
    # then
    report.refresh_from_db()
    assert (report.state, report.appealed_at is not None) == ("received", True)
    html = page(client.get(url(report)))
    assert under_appeal not in html
    assert '<p class="lead">وصلنا بلاغك، وسيحدد' in html


def course(html: str) -> list[tuple[str, str]]:
    """Heading and sentence of each line of the timeline, newest first."""
    inside = html.split('<ol class="timeline">')[1].split("</ol>")[0]
    found = re.findall(r"<b>([^<]*)</b>(?:(?!<li).)*?(?:<p>([^<]*)</p>)?</li>", inside, re.DOTALL)
    return [(heading, sentence) for heading, sentence in found]


@pytest.mark.parametrize(
    ("prefix", "told"),
    [
        ("", ["صُحح المكان", "تحديث من الجهة", "أضفت معلومات"]),
        ("/en", ["The place was corrected", "News from the entity", "You added information"]),
    ],
)
def test_what_changed_no_state_has_a_heading_of_its_own(
    opened: Any, report_in: Any, people: factories.People, prefix: str, told: list[str]
) -> None:
    # given
    report = report_in("in_progress")
    client = opened(report)
    before = course(page(client.get(f"{prefix}{url(report)}")))
    # when
    client.post(url(report, "write"), {"text": "العمود الثالث من جهة المسجد."})
    actions.update_sender(report.pk, actor=StaffActor(people.coordinator), text="طلبنا القطعة اليوم.")
    actions.set_place(
        report.pk, actor=StaffActor(people.coordinator), place="village", text="المرسل لا يعرف المنطقة."
    )
    # then
    lines = course(page(client.get(f"{prefix}{url(report)}")))
    assert lines[:3] == [(heading, "") for heading in told]
    assert lines[3:] == before
    assert len({heading for heading, _sentence in lines}) == len(lines)


def test_no_promise_stands_on_a_withdrawn_report(opened: Any, report: Report) -> None:
    client = opened(report)
    assert 'id="due-h"' in page(client.get(url(report)))
    client.post(url(report, "withdraw"), {"text": ""})
    assert 'id="due-h"' not in page(client.get(url(report)))


def test_the_day_on_which_a_silent_report_is_closed_is_called_a_day(opened: Any, report_in: Any) -> None:
    report = report_in("awaiting_sender")
    assert "إن لم ترد يُغلق البلاغ يوم " in page(opened(report).get(url(report)))


def test_a_rejected_report_claims_no_solution_in_time(opened: Any, report_in: Any) -> None:
    report = report_in("rejected")
    shown = opened(report).get(url(report))
    assert list(shown.context["dates"]) == ["first_reply"]
    assert page(shown).count("في موعده") == 1


def test_an_answered_report_shows_both_promises_with_what_came_of_them(opened: Any, report_in: Any) -> None:
    report = report_in("answered")
    shown = opened(report).get(url(report))
    assert sorted(shown.context["dates"]) == ["first_reply", "resolution"]
    assert page(shown).count("في موعده") == 2


def test_withdrawing_is_confirmed_without_script(opened: Any, report: Report) -> None:
    client = opened(report)
    html = page(client.get(url(report)))
    assert 'href="#withdraw"' in html
    assert '<dialog id="withdraw"' in html
    client.post(url(report, "withdraw"), {"text": ""})
    report.refresh_from_db()
    assert report.state == "withdrawn"
    assert url(report, "write") not in page(client.get(url(report)))


def test_what_is_no_longer_possible_is_said(opened: Any, report_in: Any) -> None:
    report = report_in("answered")
    client = opened(report)
    actions.accept(report.pk, actor=factories.as_sender(report))
    actions.rate(report.pk, actor=factories.as_sender(report), score=3)
    late = refused(client, client.post(url(report, "rate"), {"score": "5"}))
    assert "سبق أن قيّمت" in late
    html = page(client.get(client.post(url(report, "withdraw")).url))
    assert "حالته الآن: «مغلق»." in html
    report.refresh_from_db()
    assert (report.state, report.ratings.get().score) == ("closed", 3)


def test_only_the_site_s_actions_have_an_address(opened: Any, report: Report) -> None:
    client = opened(report)
    for action in ("route", "answer", "note", "split", "submit"):
        assert client.post(url(report, action)).status_code == 404
    assert client.get(url(report, "withdraw")).status_code == 405


def test_a_refusal_shows_its_reason_what_was_written_and_where_to_turn(opened: Any, report_in: Any) -> None:
    # given a rejection with a reason chosen and a text typed
    report = report_in("rejected")
    # when the reason's own words change later
    Reason.objects.filter(used_for="reject").update(label_ar="سبب آخر", where_to_turn_ar="")
    # then the sender reads what was said to them
    html = page(opened(report).get(url(report)))
    official = html[html.index("سبب عدم القبول") :]
    official = official[: official.index("</section>")]
    said = [line.strip() for line in re.sub(r"<[^>]+>", "\n", official).splitlines() if line.strip()]
    assert said[-3:] == ["نزاع خاص", "نزاع خاص، والمحكمة مختصة.", "إلى أين تتوجه: المحكمة"]


def test_internal_words_never_reach_the_sender(opened: Any, report_in: Any, people: factories.People) -> None:
    report = report_in("reply_drafted")
    actions.note(report.pk, actor=StaffActor(people.coordinator), text="ملاحظة داخلية")
    html = page(opened(report).get(url(report)))
    assert "ملاحظة داخلية" not in html
    assert "أصلحنا العمود اليوم." not in html
    assert people.specialist.name not in html
    assert "badge--in_progress" in html


def test_pages_are_private(opened: Any, report: Report) -> None:
    response = opened(report).get(url(report))
    assert response.headers["Cache-Control"] == "no-store"
    assert 'content="noindex"' in page(response)


def test_the_report_page_in_english_keeps_what_was_written_in_its_own_language(
    opened: Any, report: Report
) -> None:
    html = page(opened(report).get(f"/en{url(report)}"))
    assert '<div class="written" lang="ar" dir="rtl">' in html
    assert "North branch" in html
    assert "AH" in html


def test_a_page_of_a_report_costs_few_queries(
    opened: Any, report_in: Any, django_assert_max_num_queries: Any
) -> None:
    report = report_in("answered")
    client = opened(report)
    client.get(url(report))
    with django_assert_max_num_queries(14):
        client.get(url(report))
