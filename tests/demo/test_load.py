"""What the loaded demonstration holds."""

from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import CommandError

from cms.demo import photos
from cms.demo.drawn import PICTURES, jpeg
from cms.demo.load import load
from cms.demo.models import LoadedReport
from cms.demo.source import Shift, read
from cms.entities.memberships import refresh_group
from cms.entities.models import (
    Calendar,
    Category,
    Entity,
    EntityGroupObjectPermission,
    IntakeQuestion,
    Membership,
    Place,
    RoutingRule,
    Service,
)
from cms.notifications import defaults
from cms.notifications.models import Notice, SentMessage, SmsTemplate
from cms.notifications.staff import readable, text_of
from cms.outbox.models import Effect
from cms.reports import tasks
from cms.reports.actors import EntitySender
from cms.reports.files.reading import of_sender
from cms.reports.history import verify
from cms.reports.models import Attachment, Event, Reason, ReplyTemplate, Report, Sender
from cms.reports.timeline import answer_of
from cms.reports.workflow import OPEN
from permissions.models import User
from permissions.policy import scope_of
from permissions.roles import ROLES

# Else these would run after the tests that flush the database, and with it Wagtail's first rows.
pytestmark = pytest.mark.django_db

FILES = [
    (Place, "places", "places"),
    (Entity, "entities", "entities"),
    (Calendar, "calendars", "calendars"),
    (Category, "services", "categories"),
    (Service, "services", "services"),
    (Reason, "templates", "reasons"),
    (Report, "reports", "reports"),
    (User, "staff", "staff"),
]


@pytest.mark.parametrize(("model", "name", "key"), FILES, ids=lambda value: getattr(value, "__name__", value))
def test_every_row_of_the_files_is_there(demonstration, model, name, key):
    # The parts of the reports that were split are in no file.
    # What entities wrote to each other is in scenes.json.
    people_sent = {"parent": None, "sender_entity": None}
    rows = model.objects.filter(**people_sent) if model is Report else model.objects
    assert rows.count() == len(read(name)[key])


def test_texts_are_those_that_can_be_said_today(demonstration):
    data = read("templates")
    rows = {row["code"] for row in data["reply_templates"]}
    left_out = set(data["not_yet"])
    assert {"need-photo", "need-document", "fixed-with-photo", "split"} <= left_out
    assert set(ReplyTemplate.objects.values_list("code", flat=True)) == rows - left_out
    for code, (arabic, english) in data["instead"].items():
        template = ReplyTemplate.objects.get(code=code)
        assert (template.text_ar, template.text_en) == (arabic, english)
    # The product's own, of which the demonstration has none beside.
    loaded = set(SmsTemplate.objects.values_list("event", "audience"))
    assert loaded == {(row["event"], row["audience"]) for row in defaults.read("texts")}
    for word in ("صور", "إرفاق", "مرفقات", "photo", "attach", "file", "projects page"):
        assert not ReplyTemplate.objects.filter(text_ar__contains=word).exists(), word
        assert not ReplyTemplate.objects.filter(text_en__contains=word).exists(), word


def test_templates_stand_at_actions_that_the_sender_reads(demonstration):
    actions = set(ReplyTemplate.objects.values_list("for_action", flat=True))
    assert actions - {"merge"} == {"answer", "acknowledge", "ask_sender", "update_sender", "reject"}


def test_services_have_their_questions_and_rules(demonstration):
    services = read("services")["services"]
    assert IntakeQuestion.objects.count() == sum(len(row["intake_questions"]) for row in services)
    routes = [row["entity"] for row in services if row["entity"]]
    assert RoutingRule.objects.count() == sum(1 + len(route["by_place"]) for route in routes)


def test_the_trees_are_sound(demonstration):
    assert Place.find_problems() == Entity.find_problems() == ([], [], [], [], [])


def test_a_second_load_adds_nothing(demonstration):
    def counted():
        models = (
            Report,
            Event,
            SentMessage,
            Notice,
            Effect,
            Sender,
            User,
            Membership,
            Place,
            RoutingRule,
            Service,
        )
        return [model.objects.count() for model in models]

    before = counted()
    load(demonstration, lambda line: None)
    assert counted() == before


def test_every_history_verifies(demonstration):
    assert list(verify()) == []


def test_the_year_ends_within_the_last_week(demonstration):
    rows = {row["id"]: row for row in read("reports")["reports"]}
    shift = Shift(demonstration)
    sent_by_people = LoadedReport.objects.filter(report__parent=None, report__sender_entity=None)
    for loaded in sent_by_people.select_related("report"):
        assert loaded.report.submitted_at == shift(rows[loaded.code]["submitted_at"])
    newest = Report.objects.latest("submitted_at").submitted_at
    assert 0 <= (demonstration - newest).days <= 7
    assert not Event.objects.filter(at__gt=demonstration).exists()


def test_courses_end_as_the_data_says(demonstration):
    rows = {row["id"]: row["course"] for row in read("reports")["reports"] if row["course"]}
    later = {row["report"] for row in read("loader")["reopened_lately"]}
    later |= {row["report"] for row in read("scenes")["appeals"] if row["decision"] == "overturned"}
    for loaded in LoadedReport.objects.filter(code__in=rows).exclude(code__in=later):
        outcome, state = rows[loaded.code]["outcome"], loaded.report.state
        expected = {"answered", "closed"} if outcome == "answered" else {outcome}
        assert state in expected, loaded.code


def test_merged_reports_follow_their_primary_and_hear_its_answer(demonstration):
    scenes = read("scenes")["merges"]
    reports = {row.code: row.report for row in LoadedReport.objects.select_related("report__sender")}
    assert Report.objects.filter(state="merged").count() == sum(len(scene["merged"]) for scene in scenes)
    for scene in scenes:
        primary = reports[scene["primary"]]
        for code in scene["merged"]:
            member = reports[code]
            assert (member.merged_into_id, member.merged_at) == (
                primary.pk,
                Shift(demonstration)(scene["at"]),
            )
            assert answer_of(member).common
            told = SentMessage.objects.filter(report=member, event="answer").count()
            assert told == int(bool(member.sender and member.sender.phone_verified_at)), code


@pytest.fixture
def reports(demonstration):
    return {row.code: row.report for row in LoadedReport.objects.select_related("report__entity")}


def codes_of(report):
    """What people did with it; that time passed meanwhile is nobody's step."""
    return list(report.events.exclude(code="late").order_by("sequence").values_list("code", flat=True))


def test_transfers_and_returns_leave_the_chain_of_who_had_it(demonstration, reports):
    shift = Shift(demonstration)
    for scene in read("scenes")["transfers"]:
        report = reports[scene["report"]]
        event = report.events.get(code="transfer", at=shift(scene["at"]))
        assert (event.data["from"], event.data["entity"]) == (scene["from"], scene["to"])
        assert report.custodies.filter(entity__code=scene["from"], until=event.at).exists()
    for scene in read("scenes")["returns"]:
        report = reports[scene["report"]]
        assert report.events.filter(code="return", at=shift(scene["at"]), entity__code=scene["by"]).exists()
        assert report.events.filter(code="route", at=shift(scene["routed_at"])).exists()
        assert report.entity.code == scene["routed_to"]


def test_splits_have_their_parts_at_the_entities_of_the_rules(demonstration, reports):
    for scene in read("scenes")["splits"]:
        whole = reports[scene["report"]]
        parts = list(whole.children.order_by("pk"))
        assert [(p.title, p.service.code) for p in parts] == [
            (p["title"], p["service"]) for p in scene["parts"]
        ]
        assert {part.sender_id for part in parts} == {whole.sender_id}
        assert [reports[f"{scene['report']}.{n}"].pk for n in (1, 2)] == [part.pk for part in parts]
        told = SentMessage.objects.filter(report=whole, event="split").count()
        assert told == int(bool(whole.sender and whole.sender.phone_verified_at))
    workers, sewage = reports["r0396"].children.order_by("pk")
    assert (workers.entity.code, sewage.entity.code) == ("hrsd.labour", "water")
    assert answer_of(workers).text.startswith("فُتش السكن")


def test_directives_end_as_the_scenes_say(demonstration, reports):
    expected = {"done": "done", "declined": "declined", "open": "open", "overdue": "open"}
    for scene in read("scenes")["directives"]:
        directive = reports[scene["report"]].directives.get()
        assert directive.outcome == expected[scene["outcome"]], scene["report"]
        assert (directive.due_on < demonstration.date()) or scene["outcome"] in ("open", "declined")


def test_appeals_are_decided_by_somebody_else(demonstration, reports):
    for scene in read("scenes")["appeals"]:
        report = reports[scene["report"]]
        codes = codes_of(report)
        after = codes[codes.index("appeal") + 1]
        assert after == {"upheld": "reject", "overturned": "route"}[scene["decision"]]
        rejected = report.events.filter(code="reject").order_by("sequence")[0]
        decided = report.events.get(code=after, at=Shift(demonstration)(scene["decided_at"]))
        assert decided.actor_id != rejected.actor_id
        assert report.state in ({"rejected"} if after == "reject" else {"answered", "closed"})


def test_entities_wrote_to_each_other_as_the_scenes_say(demonstration, reports):
    scenes, lately = read("scenes")["entity_reports"], read("loader")["letter_lately"]
    assert Report.objects.exclude(sender_entity=None).count() == len(scenes) + 1
    shift = Shift(demonstration)
    for scene in scenes:
        report, course = reports[scene["code"]], scene["course"]
        assert (report.sender_entity.code, report.entity.code) == (scene["from"], scene["to"])
        assert (report.letter_number, report.channel) == (scene["letter_number"], "letter")
        assert report.letter_date.isoformat() == shift.date(scene["letter_date"])
        assert (report.title, report.text) == (scene["subject"], scene["text"])
        wrote = report.events.get(code="submit").actor
        assert (wrote.memberships.get().role, wrote.memberships.get().entity) == (
            "coordinator",
            report.sender_entity,
        )
        if course is None:
            assert report.state in ("with_entity", "in_progress")
        else:
            assert report.state == "closed"
            assert answer_of(report).text == course["official_reply"]
    # The branch whose people sign in is asked something by the water company, whose people do too.
    waiting = reports[lately["code"]]
    assert (waiting.sender_entity.code, waiting.entity.code) == (lately["from"], lately["to"])
    assert waiting.state == "awaiting_sender"
    for login, expected in (("coordinator", True), ("leader", True), ("coordinator2", False)):
        actor = EntitySender(User.objects.get(username=login))
        assert Report.objects.visible_to(actor).filter(pk=waiting.pk).exists() is expected
    assert not SentMessage.objects.filter(report__sender_entity__isnull=False).exists()


def test_about_one_open_report_in_seven_is_late(demonstration):
    opened = Report.objects.open().count()
    assert opened >= 111
    assert 1 / 9 < Report.objects.overdue(demonstration).count() / opened < 1 / 5


def test_open_reports_stand_in_every_open_state(demonstration):
    states = Counter(Report.objects.open().values_list("state", flat=True))
    assert set(states) == set(OPEN)
    assert min(states.values()) >= 3


def test_the_branch_whose_people_sign_in_has_work(demonstration):
    mine = Report.objects.open().filter(entity__code="municipality.buraydah-north")
    assert mine.count() >= 10
    assert {"with_entity", "assigned", "in_progress", "reply_drafted"} <= set(
        mine.values_list("state", flat=True)
    )
    assert mine.filter(responsible__username="specialist").count() >= 4


def test_confidential_reports_are_handled_by_those_who_may_see_them(demonstration):
    events = Event.objects.filter(
        report__privacy="confidential", actor_kind="staff", entity__isnull=False
    ).exclude(code="submit")
    assert events.exists()
    for event in events.select_related("actor"):
        assert scope_of(event.actor).has("view_confidential", event.entity_id)


def test_no_message_waits_and_none_is_of_tomorrow(demonstration):
    assert not Effect.objects.filter(line="").exclude(state="done").exists()
    assert SentMessage.objects.filter(state="sent").count() == SentMessage.objects.count() > 1000
    assert not SentMessage.objects.filter(sent_at__gt=demonstration).exists()
    assert not SentMessage.objects.filter(report__privacy="confidential").exists()


def test_the_coordinator_finds_news_that_is_true_of_the_demonstration(demonstration):
    inbox = Notice.objects.filter(person__username="coordinator").select_related("report")
    unread = list(inbox.filter(read_at=None))
    assert 3 <= len(unread) <= 60
    assert inbox.exclude(read_at=None).exists()
    person = User.objects.get(username="coordinator")
    assert readable(person, unread, demonstration) == unread
    drafts = {notice.report.state for notice in unread if notice.event == "draft_reply"}
    assert drafts <= {"reply_drafted"}
    for notice in unread:
        assert notice.report.reference in text_of(notice, "ar")
        assert "{" not in text_of(notice, "en")


def test_the_sweep_finds_nothing_due_after_the_load(demonstration):
    for action, _until, reports in tasks.due(demonstration):
        assert not reports.exists(), action
    assert not Effect.objects.filter(line="").exclude(state="done").exists()


def test_parts_of_an_old_split_ended_in_their_time_and_say_nothing_after_the_whole(demonstration, reports):
    ended = [report for report in reports.values() if report.parent_id and report.state == "closed"]
    assert len(ended) >= 2
    for part in ended:
        closing = part.events.get(code="auto_close")
        assert closing.at == part.closed_at
        assert timedelta(0) <= closing.at - part.reopen_until <= timedelta(minutes=1)
        whole = Report.objects.get(pk=part.parent_id)
        told = SentMessage.objects.filter(report=part, event="auto_close")
        if whole.state == "closed" and whole.closed_at <= closing.at:
            assert not told.exists()


def test_who_tells_a_safe_way_to_be_reached_is_not_marked_as_never_to_be_contacted(demonstration):
    told = [report for report in Report.objects.exclude(sender=None) if "safe_contact" in report.answers]
    assert Counter(report.contact_preference for report in told) == {"neutral_message": 3}


def test_the_named_people_sign_in_and_nobody_is_a_superuser(demonstration, settings):
    assert not User.objects.filter(is_superuser=True).exists()
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    logins = {row["login"] for row in read("staff")["staff"] if row["login"]}
    assert {"admin", "supervisor", "coordinator", "specialist", "leader", "coordinator3"} <= logins
    for login in logins:
        assert authenticate(username=login, password="demo") is not None, login
    assert not any(user.has_usable_password() for user in User.objects.exclude(username__in=logins))


def test_the_groups_made_at_once_are_those_made_one_by_one(demonstration):
    def held():
        rows = EntityGroupObjectPermission.objects.values_list("group__name", "permission__codename")
        return sorted(rows)

    before = held()
    for code in ("municipality.buraydah-north", "water"):
        entity = Entity.objects.get(code=code)
        for role in (role for role in ROLES.values() if not role.region):
            refresh_group(Group.objects.get(name=f"entity:{entity.pk}:{role.code}"), role.code, entity)
    assert held() == before


def test_accounts_are_refused_where_this_is_no_demonstration(settings):
    settings.SAWT_DEMO = False
    people = User.objects.count()
    with pytest.raises(CommandError, match="SAWT_DEMO"):
        call_command("load_demo")
    assert User.objects.count() == people


def test_photos_come_with_reports_and_with_the_work_that_was_done(demonstration, reports):
    for code, pictures in photos.SENT.items():
        report = reports[code]
        language = "en" if report.language == "en" else "ar"
        sent = [row.name for row in report.attachments.filter(event__sequence=1).order_by("pk")]
        assert sent == [PICTURES[name].name(language) for name in pictures], code
        assert [row.name for row in of_sender(report)] == sent, code
    for code, (picture, _text) in photos.DONE.items():
        (row,) = reports[code].attachments.filter(event__code="attach")
        assert (row.name, row.is_readable) == (PICTURES[picture].name("ar"), True)
        replied = reports[code].events.filter(code__in=photos.REPLIES).earliest("sequence")
        assert row.event.sequence < replied.sequence
    assert Attachment.objects.filter(report=None).count() == 0
    assert sum(len(jpeg(name)) for name in PICTURES) < 300_000
