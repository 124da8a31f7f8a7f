"""What the loaded demonstration holds."""

from collections import Counter

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import CommandError

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
from cms.notifications.models import SentMessage, SmsTemplate
from cms.outbox.models import Effect
from cms.reports.history import verify
from cms.reports.models import Event, Reason, ReplyTemplate, Report, Sender
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
    assert model.objects.count() == len(read(name)[key])


def test_texts_are_those_that_can_be_said_today(demonstration):
    data = read("templates")
    rows = {row["code"] for row in data["reply_templates"]}
    left_out = set(data["not_yet"])
    assert {"need-photo", "need-document", "fixed-with-photo", "split"} <= left_out
    assert set(ReplyTemplate.objects.values_list("code", flat=True)) == rows - left_out
    for code, (arabic, english) in data["instead"].items():
        template = ReplyTemplate.objects.get(code=code)
        assert (template.text_ar, template.text_en) == (arabic, english)
    texts = {f"{row['event']}/{row['audience']}" for row in data["sms"]}
    loaded = SmsTemplate.objects.values_list("event", "audience")
    assert {f"{event}/{audience}" for event, audience in loaded} == texts - left_out
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
        models = (Report, Event, SentMessage, Effect, Sender, User, Membership, Place, RoutingRule, Service)
        return [model.objects.count() for model in models]

    before = counted()
    load(demonstration, lambda line: None)
    assert counted() == before


def test_every_history_verifies(demonstration):
    assert list(verify()) == []


def test_the_year_ends_within_the_last_week(demonstration):
    rows = {row["id"]: row for row in read("reports")["reports"]}
    shift = Shift(demonstration)
    for loaded in LoadedReport.objects.select_related("report"):
        assert loaded.report.submitted_at == shift(rows[loaded.code]["submitted_at"])
    newest = Report.objects.latest("submitted_at").submitted_at
    assert 0 <= (demonstration - newest).days <= 7
    assert not Event.objects.filter(at__gt=demonstration).exists()


def test_courses_end_as_the_data_says(demonstration):
    rows = {row["id"]: row["course"] for row in read("reports")["reports"] if row["course"]}
    reopened = {row["report"] for row in read("loader")["reopened_lately"]}
    for loaded in LoadedReport.objects.filter(code__in=rows).exclude(code__in=reopened):
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
    assert not Effect.objects.exclude(state="done").exists()
    assert SentMessage.objects.filter(state="sent").count() == SentMessage.objects.count() > 1000
    assert not SentMessage.objects.filter(sent_at__gt=demonstration).exists()
    assert not SentMessage.objects.filter(report__privacy="confidential").exists()


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
