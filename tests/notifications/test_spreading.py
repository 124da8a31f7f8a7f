"""From an event to everybody on the staff whom the table of rules means."""

import json
from datetime import date, timedelta

import pytest

from cms.entities.models import Membership
from cms.notifications import defaults, templates_data
from cms.notifications.models import Notice, Rule, SentMessage, SmsTemplate
from cms.notifications.placeholders import unavailable
from cms.notifications.spreading import STEPS
from cms.notifications.subscribers import recording_the_past
from cms.outbox.models import Effect
from cms.reports import actions
from cms.reports.actors import StaffActor
from permissions.models import AuditEvent
from tests import factories

from .conftest import TEMPLATES, riyadh

pytestmark = pytest.mark.usefixtures("rules", "people")


def heard(people):
    """{(event, who)} of all inboxes."""
    names = {user.pk: name for name, user in vars(people).items() if name != "by_role"}
    return {(row.event, names[row.person_id]) for row in Notice.objects.all()}


def test_the_steps_of_a_report_are_told_to_who_works_on_them_next(report_in, people, relayed):
    # given a report that goes its way to a draft
    report_in("reply_drafted", at=riyadh("10:00"))
    relayed(riyadh("10:00"))
    # then each step that is still news is told to the next person, and to nobody their own
    assert heard(people) == {("draft_reply", "coordinator"), ("assign", "specialist")}


@pytest.mark.parametrize(
    ("state", "step", "expected"),
    [
        ("with_entity", None, {("submit", "coordinator")}),
        ("assigned", None, {("assign", "specialist")}),
        (
            "answered",
            lambda report, people: actions.reopen(
                report.pk, actor=factories.as_sender(report), text="عاد العطل", at=riyadh("10:30")
            ),
            {("reopen", "coordinator"), ("reopen", "leader")},
        ),
        (
            "awaiting_sender",
            lambda report, people: actions.sender_reply(
                report.pk, actor=factories.as_sender(report), text="عند المسجد", at=riyadh("10:30")
            ),
            {("assign", "specialist"), ("sender_reply", "specialist"), ("sender_reply", "coordinator")},
        ),
        (
            "in_progress",
            lambda report, people: actions.direct(
                report.pk,
                actor=StaffActor(people.leader),
                text="عجّلوا به.",
                due_on=date(2026, 11, 25),
                at=riyadh("10:30"),
            ),
            {("assign", "specialist"), ("direct", "coordinator")},
        ),
    ],
)
def test_who_hears_of_what(state, step, expected, report_in, people, relayed):
    report = report_in(state, at=riyadh("10:00"))
    if step is not None:
        step(report, people)
    relayed(riyadh("10:30"))
    assert heard(people) == expected


def test_a_report_in_triage_is_the_supervisors_news(people, relayed):
    factories.submitted_report(service="other", answers={}, at=riyadh("10:00"))
    relayed(riyadh("10:00"))
    assert {("submit", "supervisor"), ("submit", "supervisor2")} <= heard(people)
    assert "coordinator" not in {who for _, who in heard(people)}


def test_a_return_names_who_returned_it(report_in, people, relayed):
    report = report_in("with_entity", at=riyadh("10:00"))
    actions.return_(
        report.pk,
        actor=StaffActor(people.coordinator),
        version=report.version,
        reason=factories.ReasonFactory(used_for="return").code,
        text="ليس من اختصاصنا.",
        at=riyadh("10:10"),
    )
    relayed(riyadh("10:10"))
    notice = Notice.objects.get(person=people.supervisor)
    assert (notice.event, notice.entity_id) == ("return", report.entity_id)


def test_only_who_is_new_hears_of_a_new_assignment(report_in, people, relayed):
    report = report_in("assigned", at=riyadh("10:00"))
    relayed(riyadh("10:00"))
    Notice.objects.all().delete()
    actions.reassign(
        report.pk,
        actor=StaffActor(people.coordinator),
        version=report.version,
        people=[people.specialist.pk, people.specialist_b.pk],
        responsible=people.specialist.pk,
        at=riyadh("10:10"),
    )
    relayed(riyadh("10:10"))
    assert heard(people) == {("reassign", "specialist_b")}


def test_nobody_is_told_twice_however_often_the_row_is_done(report_in, people, relayed):
    report_in("assigned", at=riyadh("10:00"))
    relayed(riyadh("10:00"))
    before = Notice.objects.count(), Effect.objects.count(), SentMessage.objects.count()
    Effect.objects.filter(kind="staff_news").update(state="pending")
    relayed(riyadh("10:01"))
    assert (Notice.objects.count(), Effect.objects.count(), SentMessage.objects.count()) == before


def test_what_came_in_between_is_not_told_late(report_in, people, relayed):
    # given that nothing was done for a while, and the draft has been answered meanwhile
    report_in("answered", at=riyadh("10:00"))
    relayed(riyadh("12:00"))
    # then nobody is told what waits no longer
    assert heard(people) == set()
    assert set(Effect.objects.filter(kind="staff_news").values_list("state", flat=True)) <= {
        "cancelled",
        "done",
    }


def test_where_nobody_is_left_an_alert_is_kept(report_in, people, relayed):
    report = report_in("with_entity", at=riyadh("10:00"))
    Membership.objects.update(valid_until=riyadh("10:05"))
    relayed(riyadh("10:10"))
    assert heard(people) == set()
    alert = AuditEvent.objects.get(code="nobody_to_tell")
    assert alert.data == {"of": "submit", "audience": "coordinator", "entity": report.entity_id}


def test_a_confidential_report_is_told_to_grantees_alone(people, relayed, catalogue):
    report = factories.submitted_report(service="abuse", answers={}, at=riyadh("10:00"))
    relayed(riyadh("10:00"))
    told = {who for _, who in heard(people)}
    if report.entity_id is None:
        assert told == {"triage_confidential", "triage_confidential2"}
    else:
        assert told == {"grantee"}


def test_a_rule_that_is_switched_off_tells_nobody(report_in, people, relayed):
    Rule.objects.filter(event="submit").update(is_active=False)
    report_in("with_entity", at=riyadh("10:00"))
    relayed(riyadh("10:00"))
    assert heard(people) == set()


# --- a loaded past ----------------------------------------------------------------------------------------


def test_of_a_loaded_past_the_inboxes_hold_what_is_still_true_and_nothing_is_sent(report_in, people):
    with recording_the_past(until=riyadh("12:00")):
        report_in("assigned", at=riyadh("10:00"))
        report_in("reply_drafted", at=riyadh("10:00") - timedelta(days=5))
        report_in("answered", at=riyadh("10:00") - timedelta(days=1))
        report_in("assigned", at=riyadh("10:00") - timedelta(days=40))
    rows = Notice.objects.order_by("at", "pk").values_list("event", "person__username", "read_at")
    assert [(event, who, read is None) for event, who, read in rows] == [
        ("assign", "specialist", False),
        ("draft_reply", "coordinator", False),
        ("assign", "specialist", True),
    ]
    assert not Effect.objects.filter(line="").exists()


# --- what the product comes with --------------------------------------------------------------------------


def test_the_product_has_its_texts_and_rules_without_the_demonstration():
    assert Rule.objects.count() == len(defaults.read("rules"))
    assert SmsTemplate.objects.count() == len(defaults.read("texts"))
    assert {row.event for row in Rule.objects.all()} <= {*STEPS, "mention", "late_weekly", "search_watch"}
    for rule in Rule.objects.select_related("template"):
        rule.full_clean()
        assert unavailable(rule.event, rule.template) == []
    for text in SmsTemplate.objects.all():
        text.full_clean(validate_unique=False)


def test_loading_them_again_keeps_what_was_changed_and_adds_nothing():
    Rule.objects.filter(event="assign").update(mode="off")
    before = set(Rule.objects.values_list("pk", "mode"))
    assert templates_data.load_templates() == 0
    assert set(Rule.objects.values_list("pk", "mode")) == before


def test_the_demonstration_says_the_same():
    own = {(row["event"], row["audience"]): row for row in defaults.read("texts")}
    for row in TEMPLATES["sms"]:
        mine = own.get((row["event"], row["audience"]))
        if mine is not None:
            assert mine == {name: row[name] for name in mine}, row["event"]
    assert json.loads(json.dumps(list(own.values()))) == defaults.read("texts")


def test_the_row_of_an_event_holds_ids_and_no_words(report):
    row = Effect.objects.get(kind="staff_news", payload__report=report.pk)
    assert set(row.payload) == {"report", "event", "sequence", "entity", "actor", "at"}
    assert report.text not in str(row.payload)
