"""One report: hidden as if missing, actions as the policy says, and no letter lost."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cms.demo.source import read
from cms.desk.report import gaps
from cms.desk.report.sender import masked_name, masked_phone
from cms.desk.report.specs import SPECS
from cms.entities.models import Membership
from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.models import Event, Report
from cms.reports.policies import available_actions
from cms.reports.workflow import TRANSITIONS, Who
from permissions.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db


def page(report):
    return reverse("desk:report", args=[report.public_id])


def door(report, action):
    return reverse("desk:act", args=[report.public_id, action])


def offered(response):
    context = response.context
    return {panel["spec"].action for panel in context["panels"]} | (
        {"note"} if context["note_form"] else set()
    )


@pytest.mark.parametrize(
    ("state", "who", "first"),
    [
        ("received", "supervisor", ["route"]),
        ("with_entity", "coordinator", ["assign"]),
        ("assigned", "specialist", ["start", "draft_reply"]),
        ("assigned", "coordinator", ["answer"]),
        ("in_progress", "specialist", ["draft_reply"]),
        ("in_progress", "coordinator", ["answer"]),
        ("reply_drafted", "coordinator", ["answer", "send_back"]),
    ],
)
def test_what_the_state_waits_for_stands_first_and_open(client_of, people, report_in, state, who, first):
    panels = client_of(getattr(people, who)).get(page(report_in(state))).context["panels"]
    assert [panel["spec"].action for panel in panels][: len(first)] == first
    assert [panel["spec"].action for panel in panels if panel["open"]] == first[:1]


@pytest.mark.parametrize(("state", "first"), [("assigned", "take_over"), ("reply_drafted", "answer")])
def test_taking_over_comes_first_where_the_responsible_is_away(client_of, people, report_in, state, first):
    report = report_in(state)
    now = timezone.now()
    Membership.objects.filter(person=people.specialist).update(
        absent_from=now - timedelta(days=1), absent_until=now + timedelta(days=1)
    )
    panels = client_of(people.coordinator).get(page(report)).context["panels"]
    assert panels[0]["spec"].action == first


def test_a_hidden_report_answers_exactly_as_a_missing_one(client_of, people, report):
    client = client_of(people.coordinator2)
    hidden = client.get(page(report))
    missing = client.get(reverse("desk:report", args=[uuid.uuid4()]))
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content
    for action in SPECS:
        assert client.post(door(report, action), {"version": report.version}).status_code == 404
    assert Event.objects.filter(report=report).count() == 1


def test_a_superuser_gets_the_same_answer(client_of, report):
    root = factories.UserFactory(is_superuser=True, is_staff=True)
    assert client_of(root).get(page(report)).status_code == 404


def test_who_is_not_signed_in_is_sent_to_the_door(client, report):
    assert client.get(page(report)).status_code == 302


STATES = [
    "received",
    "with_entity",
    "assigned",
    "in_progress",
    "awaiting_sender",
    "reply_drafted",
    "answered",
]


@pytest.mark.parametrize("state", [*STATES, "rejected", "closed", "withdrawn"])
def test_the_buttons_are_what_the_policy_allows(client_of, people, report_in, state):
    report = report_in(state)
    for user in (people.coordinator, people.specialist, people.leader, people.supervisor, people.auditor):
        response = client_of(user).get(page(report))
        if response.status_code == 404:
            continue
        assert offered(response) == set(available_actions(StaffActor(user), report)), user


def test_every_built_staff_action_has_a_form():
    """Erasing has a page of its own: who proposes and confirms it sees no report."""
    built = {
        row.action
        for row in TRANSITIONS.values()
        if row.built and any(way.who is Who.STAFF for way in row.ways) and row.action != "submit"
    }
    assert built - {"erase"} == set(SPECS)


REASONS = {
    "return": "wrong_entity",
    "reject": "private_dispute",
    "send_back": "unclear",
    "transfer": "other_jurisdiction",
    "set_privacy": "fear_of_harm",
}
TO_WATER = {"entity": "water", "reason": "other_jurisdiction"}
CASES = [
    ("route", "received", "supervisor", {"entity": "water"}, "with_entity"),
    ("reject", "received", "supervisor", {"reason": "private_dispute", "text": "نزاع خاص."}, "rejected"),
    ("assign", "with_entity", "coordinator", {}, "assigned"),
    ("return", "with_entity", "coordinator", {"reason": "wrong_entity", "text": "ليس لنا."}, "received"),
    ("start", "assigned", "specialist", {}, "in_progress"),
    ("ask_sender", "in_progress", "specialist", {"text": "أين العمود؟"}, "awaiting_sender"),
    ("withdraw_question", "awaiting_sender", "specialist", {}, "in_progress"),
    ("update_sender", "in_progress", "specialist", {"text": "نعمل عليه."}, "in_progress"),
    ("draft_reply", "in_progress", "specialist", {"text": "أصلحنا العمود."}, "reply_drafted"),
    ("send_back", "reply_drafted", "coordinator", {"reason": "unclear", "text": "وضّح."}, "in_progress"),
    ("answer", "reply_drafted", "coordinator", {"text": "أصلحنا العمود اليوم."}, "answered"),
    ("reopen", "answered", "supervisor", {"text": "لم يُصلح."}, "with_entity"),
    ("note", "in_progress", "specialist", {"text": "كلّمنا المقاول."}, "in_progress"),
    (
        "transfer",
        "assigned",
        "supervisor",
        {"entity": "water", "reason": "other_jurisdiction"},
        "with_entity",
    ),
    ("reassign", "in_progress", "coordinator", {}, "in_progress"),
    ("take_over", "in_progress", "coordinator", {}, "in_progress"),
    ("direct", "assigned", "leader", {"text": "يعالج اليوم.", "due_on": "2099-01-01"}, "assigned"),
    (
        "set_privacy",
        "assigned",
        "supervisor",
        {"privacy": "confidential", "reason": "fear_of_harm"},
        "received",
    ),
    ("set_priority", "assigned", "coordinator", {"priority": "urgent", "text": "خطر قائم."}, "assigned"),
    ("set_place", "assigned", "coordinator", {"place": "village", "text": "المكان آخر."}, "assigned"),
    ("set_service", "assigned", "coordinator", {"service": "leak", "text": "ماء لا كهرباء."}, "assigned"),
]


@pytest.mark.parametrize(("action", "state", "who", "data", "after"), CASES, ids=[case[0] for case in CASES])
def test_each_action_works_through_its_form(client_of, people, report_in, action, state, who, data, after):
    for used_for, code in REASONS.items():
        factories.ReasonFactory(code=code, used_for=used_for)
    report = report_in(state)
    if action in ("assign", "reassign"):
        data = {"responsible": people.specialist.pk, "people": [people.specialist_b.pk]}
    response = client_of(getattr(people, who)).post(
        door(report, action), {"version": report.version, **data}, follow=True
    )
    assert response.redirect_chain, response.context["panels"]
    report.refresh_from_db()
    assert report.state == after
    assert report.events.latest("sequence").code == action
    if action in ("assign", "reassign"):
        assert report.responsible == people.specialist
        assert report.assignments.filter(until=None).count() == 2


def test_thanks_are_acknowledged(client_of, people):
    report = factories.submitted_report(service="thanks", place="town", answers={})
    client_of(people.coordinator3).post(door(report, "acknowledge"), {"version": report.version})
    report.refresh_from_db()
    assert report.state == "closed"


def test_who_no_longer_sees_the_report_lands_in_the_queue(client_of, people, report):
    factories.ReasonFactory()
    response = client_of(people.coordinator).post(
        door(report, "return"), {"version": report.version, "reason": "wrong_entity"}
    )
    assert response["Location"] == reverse("desk:queue")


def test_the_loser_of_a_race_keeps_every_letter(client_of, people, report_in):
    report = report_in("reply_drafted")
    factories.ReasonFactory(code="unclear", used_for="send_back")
    actions.send_back(
        report.pk,
        actor=StaffActor(people.coordinator3),
        version=report.version,
        reason="unclear",
        text="وضّح.",
    )
    typed = "نص طويل كتبته.\nوسطر ثانٍ <b>."
    response = client_of(people.coordinator).post(
        door(report, "answer"), {"version": report.version, "text": typed}
    )
    assert response.status_code == 409
    body = response.content.decode()
    assert people.coordinator3.name in body
    panel = next(p for p in response.context["panels"] if p["spec"].action == "answer")
    assert panel["open"]
    assert panel["form"]["text"].value() == typed
    assert panel["form"]["version"].value() == str(report.version + 1)
    report.refresh_from_db()
    assert report.state == "in_progress"


def test_a_text_whose_action_is_gone_is_still_shown(client_of, people, report_in):
    report = report_in("reply_drafted")
    actions.answer(report.pk, actor=StaffActor(people.coordinator3), version=report.version, text="تم العمل.")
    response = client_of(people.coordinator).post(
        door(report, "answer"), {"version": report.version, "text": "نص غير مرسل"}
    )
    assert response.status_code == 409
    assert response.context["kept_text"] == "نص غير مرسل"
    assert "نص غير مرسل" in response.content.decode()


def test_a_domain_error_stands_at_its_field(client_of, people, report_in):
    report = report_in("in_progress")
    response = client_of(people.coordinator).post(
        door(report, "answer"), {"version": report.version, "text": "قل\x00"}
    )
    assert response.status_code == 422
    panel = next(p for p in response.context["panels"] if p["spec"].action == "answer")
    assert panel["form"].errors["text"]


def texts_offered(response, action):
    panel = next(p for p in response.context["panels"] if p["spec"].action == action)
    return {row["code"]: row["text"] for row in panel["form"].templates}


@pytest.mark.parametrize(
    ("language", "given", "gaps"),
    [
        ("ar", "عولج {} بتاريخ {{تاريخ الإنجاز}}: {{الملخص}}.", "تاريخ الإنجاز، الملخص"),
        ("en", "{} was done on {{date done}}: {{summary}}.", "date done، summary"),
    ],
)
def test_gaps_are_words_and_all_of_them_are_named_at_once(
    client_of, people, report_in, language, given, gaps
):
    # given a template with two gaps, and one value that is known
    report = report_in("in_progress")
    Report.objects.filter(pk=report.pk).update(language=language)
    factories.ReplyTemplateFactory(
        code="fixed",
        text_ar="عولج {reference} بتاريخ {done_date}: {summary}.",
        text_en="{reference} was done on {done_date}: {summary}.",
    )
    client = client_of(people.coordinator)
    text = given.format(report.reference)
    # when it is inserted, and sent as it stands
    inserted = client.post(
        door(report, "answer"),
        {"version": report.version, "text": "", "template": "fixed", "insert": "1"},
    )
    panel = next(p for p in inserted.context["panels"] if p["spec"].action == "answer")
    assert panel["form"]["text"].value() == text
    response = client.post(door(report, "answer"), {"version": report.version, "text": text})
    # then it is refused in words, and nothing was sent
    assert response.status_code == 422
    panel = next(p for p in response.context["panels"] if p["spec"].action == "answer")
    assert panel["form"].errors["text"] == [f"املأ قبل الإرسال: {gaps}."]
    report.refresh_from_db()
    assert report.state == "in_progress"


def test_a_gap_that_is_still_a_code_is_named_in_words():
    text = "بتاريخ {done_date} و{done_date} من {our_own_gap}"
    assert gaps.left(text, "ar") == ["تاريخ الإنجاز", "our own gap"]


def test_every_gap_of_the_shipped_templates_has_words():
    rows = read("templates")["reply_templates"]
    assert {name for row in rows for name in row["placeholders"]} <= set(gaps.WORDS)


def test_a_draft_is_begun_from_the_texts_of_the_reply(client_of, people, report_in):
    report = report_in("in_progress")
    factories.ReplyTemplateFactory(code="fixed", for_action="answer", text_ar="تم العمل.")
    factories.ReplyTemplateFactory(code="later", for_action="update_sender", text_ar="نحتاج وقتًا.")
    factories.ReplyTemplateFactory(code="stray", for_action="note", text_ar="نص للمرسل")
    specialist = client_of(people.specialist).get(page(report))
    assert texts_offered(specialist, "draft_reply") == {"fixed": "تم العمل."}
    assert specialist.context["note_form"].templates == []
    coordinator = client_of(people.coordinator).get(page(report))
    assert texts_offered(coordinator, "answer") == {"fixed": "تم العمل."}
    assert texts_offered(coordinator, "update_sender") == {"later": "نحتاج وقتًا."}


def test_a_template_is_added_to_what_was_typed(client_of, people, report_in):
    report = report_in("in_progress")
    factories.ReplyTemplateFactory(code="fixed", text_ar="تم العمل.")
    response = client_of(people.coordinator).post(
        door(report, "answer"),
        {"version": report.version, "text": "كتبت هذا.", "template": "fixed", "insert": "1"},
    )
    panel = next(p for p in response.context["panels"] if p["spec"].action == "answer")
    assert panel["form"]["text"].value() == "كتبت هذا.\n\nتم العمل."
    assert Event.objects.filter(report=report, code="answer").count() == 0


def test_the_sender_is_masked_for_all_and_hidden_from_who_may_not_see_them(client_of, people, sender, report):
    mine = client_of(people.coordinator).get(page(report)).content.decode()
    assert sender.name not in mine
    assert sender.phone not in mine
    assert masked_phone(sender.phone) in mine
    leaders = client_of(people.leader).get(page(report)).content.decode()
    assert masked_phone(sender.phone) not in leaders
    assert masked_name("محمد العنزي") == "م•••• ا••••"


def test_an_internal_note_is_not_for_leaders_or_the_next_entity(client_of, people, report_in):
    report = report_in("in_progress")
    actions.note(report.pk, actor=StaffActor(people.specialist), text="سر بيننا وحدنا")
    assert "سر بيننا وحدنا" in client_of(people.coordinator).get(page(report)).content.decode()
    factories.ReasonFactory()
    report.refresh_from_db()
    actions.return_(
        report.pk, actor=StaffActor(people.coordinator), version=report.version, reason="wrong_entity"
    )
    report.refresh_from_db()
    actions.route(report.pk, actor=StaffActor(people.supervisor), version=report.version, entity="water")
    assert "سر بيننا وحدنا" not in client_of(people.coordinator2).get(page(report)).content.decode()
    assert client_of(people.coordinator).get(page(report)).status_code == 404


def test_opening_a_confidential_report_is_audited(client_of, people):
    report = factories.submitted_report(service="abuse", answers={})
    assert client_of(people.coordinator2).get(page(report)).status_code == 404
    assert client_of(people.supervisor).get(page(report)).status_code == 404
    assert not AuditEvent.objects.filter(code="confidential_view").exists()
    seen = client_of(people.grantee if report.entity_id else people.triage_confidential)
    assert seen.get(page(report)).status_code == 200
    event = AuditEvent.objects.get(code="confidential_view")
    assert event.subject == f"report:{report.pk}"


def test_the_page_costs_fifteen_statements_after_sign_in(client_of, people, report):
    """The same with forty notes as with none."""

    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page(report)).status_code == 200
        tables = "django_session|wagtailusers_userprofile|auth_permission|entities_membership"
        sign_in = re.compile(rf'FROM "?({tables}|permissions_user"? WHERE)')
        return [q["sql"] for q in captured if not sign_in.search(q["sql"])]

    client = client_of(people.coordinator)
    statements()
    few = statements()
    for number in range(40):
        actions.note(report.pk, actor=StaffActor(people.coordinator), text=f"ملاحظة {number}")
    many = statements()
    assert len(few) == len(many)
    assert len(many) <= 15, many


def test_each_account_reads_in_its_own_language(client_of, people, report):
    from wagtail.users.models import UserProfile

    client = client_of(people.coordinator)
    assert 'lang="ar" dir="rtl"' in client.get(page(report)).content.decode()
    profile = UserProfile.get_for_user(people.coordinator)
    profile.preferred_language = "en"
    profile.save()
    body = client.get(page(report)).content.decode()
    assert 'lang="en" dir="ltr"' in body
    assert "Next actions" in body
