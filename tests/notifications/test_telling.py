"""Telling staff: once, in their language, at their hours, and only while they may see the report."""

from datetime import time, timedelta

import pytest
from django.core.exceptions import ValidationError
from wagtail.users.models import UserProfile

from cms.entities.models import Entity, Membership
from cms.notifications.models import Choice, Notice, Preferences, Rule, SentMessage
from cms.notifications.staff import text_of
from cms.notifications.telling import News, tell, tell_many
from cms.outbox.models import Effect
from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from tests import factories

from .conftest import riyadh

pytestmark = pytest.mark.usefixtures("texts", "people")


@pytest.fixture
def text(db):
    return factories.staff_text("draft_reply", "coordinator")


@pytest.fixture
def coordinator(people):
    people.coordinator.phone, people.coordinator.email = "+966550000001", "coordinator@example.org"
    people.coordinator.save()
    return people.coordinator


@pytest.fixture
def waiting(report_in, coordinator, text):
    """A report with a draft that waits for the coordinator."""
    report = report_in("reply_drafted", at=riyadh("10:00"))
    Effect.objects.all().delete()
    return report


def told(report, people, at=None, channels=("inbox", "sms", "email"), **kwargs):
    given = {"event": "draft_reply", "audience": "coordinator", "key": "report:1:1"} | kwargs
    return tell(people, report=report, at=at or riyadh("10:00"), channels=channels, **given)


def test_one_piece_of_news_is_told_once_over_each_channel(waiting, coordinator, relayed, mailoutbox):
    assert told(waiting, [coordinator]) == 1
    assert told(waiting, [coordinator]) == 1
    relayed(riyadh("10:00"))
    notice = Notice.objects.get()
    assert (notice.person, notice.report, notice.event, notice.read_at) == (
        coordinator,
        waiting,
        "draft_reply",
        None,
    )
    assert text_of(notice, "ar") == f"مسودة رد بانتظار اعتمادك: {waiting.reference}"
    sms, mail = SentMessage.objects.get(channel="sms"), SentMessage.objects.get(channel="email")
    assert (sms.to, sms.person, sms.text, sms.segments) == (
        "+966550000001",
        coordinator,
        f"مسودة رد بانتظار اعتمادك: {waiting.reference}",
        1,
    )
    assert (mail.to, mail.subject) == ("coordinator@example.org", sms.text)
    assert f"/s/{waiting.reference}/" in mail.text
    assert len(mailoutbox) == 1
    assert Effect.objects.count() == 2


def test_it_costs_three_reads_and_two_inserts_for_however_many(
    waiting, coordinator, people, django_assert_num_queries
):
    with django_assert_num_queries(5):
        told(waiting, [coordinator, people.coordinator3, people.supervisor, people.leader])
    assert Notice.objects.count() == 4
    more = [
        ([coordinator], News("draft_reply", f"n:{n}", riyadh("10:00"), "coordinator", waiting))
        for n in (1, 2)
    ]
    factories.rule("draft_reply", "coordinator", "inbox")
    with django_assert_num_queries(4):
        assert tell_many(more) == 2


def test_each_person_reads_their_own_language(waiting, coordinator, relayed):
    UserProfile.objects.create(user=coordinator, preferred_language="en")
    told(waiting, [coordinator], channels=["sms"])
    relayed(riyadh("10:00"))
    assert SentMessage.objects.get().text == f"A draft reply waits for your approval: {waiting.reference}"


def _membership_ends(report, person):
    Membership.objects.filter(person=person).update(valid_until=riyadh("10:30"))


def _account_closes(report, person):
    type(person).objects.filter(pk=person.pk).update(is_active=False)


def _report_moves(report, person):
    Report.objects.filter(pk=report.pk).update(entity=Entity.objects.get(code="water"))


def _report_is_about_them(report, person):
    Report.objects.filter(pk=report.pk).update(about_entity=report.entity)


def _report_is_erased(report, person):
    Report.objects.filter(pk=report.pk).update(erased_at=riyadh("10:30"))


def _turned_off(report, person):
    for channel in ("sms", "email"):
        Choice.objects.create(person=person, event="draft_reply", channel=channel, wanted=False)


@pytest.mark.parametrize(
    "change",
    [
        _membership_ends,
        _account_closes,
        _report_moves,
        _report_is_about_them,
        _report_is_erased,
        _turned_off,
    ],
)
def test_who_may_not_or_will_not_hear_by_then_is_not_told(change, waiting, coordinator, relayed, mailoutbox):
    # given news that is about to leave, of a kind that one may turn off
    for channel in ("sms", "email"):
        factories.rule("draft_reply", "coordinator", channel)
    told(waiting, [coordinator])
    # when something changes first
    change(waiting, coordinator)
    relayed(riyadh("11:00"))
    # then nothing leaves
    assert not SentMessage.objects.exists()
    assert mailoutbox == []
    assert set(Effect.objects.values_list("state", flat=True)) == {"cancelled"}


def test_nothing_rings_at_night_and_what_is_held_is_shown(waiting, coordinator, relayed):
    told(waiting, [coordinator], at=riyadh("22:00"), channels=["sms"])
    relayed(riyadh("22:00"))
    held = SentMessage.objects.get()
    assert (held.state, held.held_until) == ("held", riyadh("08:00", day=23))
    relayed(riyadh("08:00", day=23))
    held.refresh_from_db()
    assert (held.state, held.sent_at) == ("sent", riyadh("08:00", day=23))


def test_what_was_held_and_is_true_no_more_stays_unsent(waiting, coordinator, relayed):
    told(waiting, [coordinator], at=riyadh("22:00"), channels=["sms"])
    relayed(riyadh("22:00"))
    actions.answer(
        waiting.pk,
        actor=StaffActor(coordinator),
        text="تم الإصلاح.",
        version=waiting.version,
        at=riyadh("22:30"),
    )
    relayed(riyadh("08:00", day=23))
    row = SentMessage.objects.get(person=coordinator)
    assert (row.state, row.error) == ("obsolete", "answer")


@pytest.mark.parametrize(
    ("urgent", "chose", "at", "sent_at"),
    [
        (True, True, riyadh("23:00"), riyadh("23:00")),
        (True, False, riyadh("23:00"), riyadh("08:00", day=23)),
        (False, True, riyadh("23:00"), riyadh("08:00", day=23)),
        (True, False, riyadh("20:59"), riyadh("20:59")),
    ],
)
def test_urgent_news_rings_at_night_only_for_who_chose_so(
    urgent, chose, at, sent_at, waiting, coordinator, relayed
):
    Preferences.objects.create(person=coordinator, urgent_at_night=chose)
    told(waiting, [coordinator], at=at, channels=["sms"], urgent=urgent)
    relayed(at)
    relayed(riyadh("08:00", day=23))
    assert SentMessage.objects.get().sent_at == sent_at


@pytest.mark.parametrize(
    ("quiet", "at", "rings_at"),
    [
        (("12:00", "13:30"), riyadh("12:10"), riyadh("13:30")),
        (("12:00", "13:30"), riyadh("13:30"), riyadh("13:30")),
        (("19:00", "09:30"), riyadh("20:00"), riyadh("09:30", day=23)),
        (("19:00", "09:30"), riyadh("07:00"), riyadh("09:30")),
        (("20:30", "06:00"), riyadh("20:45"), riyadh("08:00", day=23)),
    ],
)
def test_quiet_hours_hold_back_within_the_sending_hours(quiet, at, rings_at, waiting, coordinator, relayed):
    begin, end = map(time.fromisoformat, quiet)
    Preferences.objects.create(person=coordinator, quiet_from=begin, quiet_until=end)
    told(waiting, [coordinator], at=at, channels=["sms"])
    relayed(at)
    relayed(rings_at)
    assert SentMessage.objects.get().sent_at == rings_at


@pytest.mark.parametrize(
    ("mode", "wanted", "heard"),
    [
        ("always", None, True),
        ("always", False, True),
        ("on", None, True),
        ("on", False, False),
        ("off", None, False),
        ("off", True, True),
    ],
)
def test_people_choose_within_what_the_rule_allows(mode, wanted, heard, waiting, coordinator):
    factories.rule("draft_reply", "coordinator", "sms", mode=mode)
    if wanted is not None:
        Choice.objects.create(person=coordinator, event="draft_reply", channel="sms", wanted=wanted)
    assert told(waiting, [coordinator], channels=None) == int(heard)
    assert Effect.objects.filter(kind="staff_sms").count() == int(heard)


def test_a_rule_that_is_not_in_use_tells_nobody(waiting, coordinator):
    factories.rule("draft_reply", "coordinator", "inbox", is_active=False)
    assert told(waiting, [coordinator], channels=["inbox"]) == 0
    assert told(waiting, [coordinator], channels=None) == 0
    assert not Notice.objects.exists()


def test_a_confidential_report_is_told_of_in_neutral_words(waiting, coordinator, people, relayed):
    factories.staff_text("staff_confidential", "staff")
    factories.grant(coordinator, "view_confidential", waiting.entity)
    Report.objects.filter(pk=waiting.pk).update(privacy="confidential")
    waiting.refresh_from_db()
    told(waiting, [coordinator, people.supervisor])
    relayed(riyadh("10:00"))
    # to the one who may see it alone, without number, entity, service or place
    sms = SentMessage.objects.get(channel="sms")
    assert (sms.person, sms.text) == (coordinator, "عنصر بانتظارك http://127.0.0.1:8000/s/")
    assert text_of(Notice.objects.get(person=coordinator), "ar") == "عنصر بانتظارك"
    mail = SentMessage.objects.get(channel="email")
    assert waiting.reference not in mail.subject + mail.text


def test_one_digest_a_morning_holds_what_came_since(waiting, coordinator, relayed, mailoutbox):
    # given who takes e-mails once a day, and two pieces of news of which one is a report they lose
    Preferences.objects.create(person=coordinator, digest="daily")
    lost = factories.submitted_report(at=riyadh("10:00"))
    Effect.objects.all().delete()
    told(waiting, [coordinator], key="a", channels=["email"])
    told(lost, [coordinator], key="b", channels=["email"], at=riyadh("15:00"))
    _report_moves(lost, coordinator)
    relayed(riyadh("15:00"))
    assert mailoutbox == []
    # when the morning comes, twice
    relayed(riyadh("08:00", day=23))
    relayed(riyadh("09:00", day=23))
    # then one e-mail tells of the one that they still see; the inbox was not asked for
    (mail,) = mailoutbox
    assert mail.subject == "خبر واحد"
    assert waiting.reference in mail.body
    assert lost.reference not in mail.body
    assert not Notice.objects.filter(in_inbox=True).exists()
    assert not Notice.objects.exclude(digest_at=None).exists()


def test_a_weekly_digest_comes_on_sunday(waiting, coordinator):
    Preferences.objects.create(person=coordinator, digest="weekly")
    told(waiting, [coordinator], channels=["email"], at=riyadh("10:00"))
    assert Effect.objects.get().not_before == riyadh("08:00", day=29)
    assert Notice.objects.get().digest_at - riyadh("08:00", day=29) == timedelta(0)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"count": "3"}, TypeError),
        ({"count": True}, TypeError),
        ({"due": 3}, TypeError),
        ({"x": "y"}, KeyError),
    ],
)
def test_a_value_of_another_kind_is_refused_and_nothing_is_written(values, error, waiting, coordinator):
    with pytest.raises(error):
        told(waiting, [coordinator], values=values)
    assert (Notice.objects.count(), Effect.objects.count()) == (0, 0)


def test_values_become_words_in_the_readers_language(waiting, coordinator, relayed):
    factories.staff_text(
        "late_digest", "coordinator", text_ar="{count} حتى {due} {entity}", text_en="{count} {due}"
    )
    told(
        None,
        [coordinator],
        event="late_digest",
        entity=waiting.entity,
        channels=["sms"],
        values={"count": 3, "due": "2026-11-22"},
    )
    relayed(riyadh("10:00"))
    assert SentMessage.objects.get().text == f"3 حتى 22 نوفمبر 2026 {waiting.entity.short_name_ar}"


def test_a_rule_is_refused_whose_text_asks_for_what_its_event_has_not():
    text = factories.staff_text("late_digest", "follower", text_ar="{count}", text_en="{count}")
    Rule(event="late_digest", audience="follower", channel="sms", template=text).full_clean()
    with pytest.raises(ValidationError) as refused:
        Rule(event="assign", audience="specialist", channel="sms", template=text).full_clean()
    assert refused.value.message_dict["template"][0].endswith("count")
