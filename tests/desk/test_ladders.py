"""The ladders on the desk: drawn, changed, given to one service, and tried without sending anything."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cms.entities.escalation import built_in, steps_of
from cms.entities.models import Escalation
from cms.notifications.templates_data import load_templates
from cms.outbox.models import Effect
from cms.reports.models import Deadline, Report, Rescheduling, StepTaken
from permissions.models import AuditEvent
from tests import factories

from .test_told import in_english

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("contexts")]


@pytest.fixture
def keeper(client_of, people, catalogue):
    load_templates()
    return client_of(in_english(people.admin))


def line(number, **fields):
    given = {"when": "due", "amount": "", "audience": "entity_leader", "channel": "sms", "mode": "by_urgency"}
    return {
        f"step-{number}-{name}": value for name, value in (given | {"event": "deadline_due"} | fields).items()
    }


def formset(*lines, initial=0):
    typed = {"step-TOTAL_FORMS": len(lines), "step-INITIAL_FORMS": initial}
    for number, fields in enumerate(lines):
        typed |= line(number, **fields)
    return typed


def made_first(keeper, url):
    """The text that a line shows before anybody chooses."""
    return keeper.get(url).context["formset"].empty_form.fields["event"].initial


def test_what_is_built_in_is_drawn_with_its_last_rung_at_the_top(keeper):
    page = keeper.get(reverse("desk:ladders"))
    resolution = next(one for one in page.context["ladders"] if one.promise_code == "resolution")
    assert [rung.when for rung in resolution.rungs] == [
        "5 working days late",
        "2 working days late",
        "The time has passed",
        "80% of the time has passed",
        "50% of the time has passed",
    ]
    assert [(one.who, one.channel) for one in resolution.rungs[2].told] == [("Entity leader", "SMS")]
    assert len(page.context["ladders"]) == 6


def test_a_ladder_of_its_own_begins_as_a_copy_and_is_changed(keeper, people, catalogue):
    made = keeper.post(
        reverse("desk:ladders"), {"promise": "resolution", "privacy": "normal", "service": catalogue.lamp.pk}
    )
    row = Escalation.objects.get()
    assert made.url == reverse("desk:ladder", args=[row.pk])
    assert steps_of(row) == tuple(sorted(built_in("resolution", "normal")))
    spare = {"when": "used", "audience": "specialist", "channel": "inbox", "mode": "at_once"}
    spare["event"] = made_first(keeper, made.url)
    lines = [{"when": "after", "amount": "3"}, {"mode": "at_once"}, *[{"remove": "on"}] * 7, spare]
    saved = keeper.post(made.url, formset(*lines, initial=9))
    assert saved.url == made.url
    assert [(step.position, step.mode) for step in steps_of(row)] == [(100, "at_once"), (103, "by_urgency")]
    assert Rescheduling.objects.filter(done_at=None).count() == 1
    kept = AuditEvent.objects.filter(code__startswith="ladder_").values_list("code", "actor__username")
    assert list(kept.order_by("pk")) == [("ladder_made", "admin"), ("ladder_changed", "admin")]
    keeper.post(made.url, {"do": "delete"})
    assert keeper.get(made.url).status_code == 200
    keeper.post(made.url, {"do": "delete", "sure": "1"})
    assert not Escalation.objects.exists()


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([{"when": "used", "amount": ""}], "Say how much."),
        ([{"when": "after", "amount": "90"}], "That is later than a ladder reaches."),
        ([{"event": "deadline_half"}], "There is no such text for these people."),
        (
            [{"when": "used", "amount": "50", "audience": "coordinator", "event": "deadline_half"}],
            "The digest tells of what is late: before, one is told at once.",
        ),
        (
            [{"audience": "coordinator", "event": "first_reply_late"}],
            "Leaders and supervisors have a digest; others are told at once.",
        ),
        ([{}, {}], "These people are told of this over this channel already."),
    ],
)
def test_what_cannot_be_a_step_is_refused_and_nothing_changes(keeper, lines, problem):
    row = Escalation.objects.create(promise="resolution")
    page = keeper.post(reverse("desk:ladder", args=[row.pk]), formset(*lines))
    assert page.status_code == 422
    assert problem in page.content.decode()
    assert steps_of(row) == ()
    assert not AuditEvent.objects.filter(code="ladder_changed").exists()


def test_of_confidential_reports_only_the_neutral_text_can_be_chosen(keeper):
    row = Escalation.objects.create(promise="resolution", privacy="confidential")
    page = keeper.get(reverse("desk:ladder", args=[row.pk]))
    events = [choice[0] for choice in page.context["formset"].forms[0].fields["event"].choices]
    assert events == ["staff_confidential"]


def test_there_are_never_two_for_one_thing(keeper, catalogue):
    typed = {"promise": "triage", "privacy": "normal", "entity": catalogue.north.pk}
    assert keeper.post(reverse("desk:ladders"), typed).status_code == 422
    typed = {"promise": "resolution", "privacy": "normal", "priority": "urgent"}
    assert keeper.post(reverse("desk:ladders"), typed).status_code == 302
    assert keeper.post(reverse("desk:ladders"), typed).status_code == 422
    assert Escalation.objects.count() == 1
    assert {step.event for step in steps_of(Escalation.objects.get()) if step.position >= 100} == {
        "deadline_due_urgent"
    }


def test_the_dry_run_counts_messages_and_people_and_sends_nothing(keeper, people):
    report = factories.submitted_report()
    Effect.objects.all().delete()
    now = timezone.now()
    Deadline.objects.filter(report=report).update(next_step_at=None)
    Deadline.objects.filter(report=report, promise="resolution").update(
        starts_at=now - timedelta(days=30),
        due_at=now - timedelta(days=1),
        next_step_at=now - timedelta(days=2),
    )
    dry = keeper.get(reverse("desk:ladders"), {"try": "1"}).context["dry"]
    # The coordinator hears of the last of 50 % and 80 %, over two channels; the leader in the digest.
    assert (dry["channels"], dry["people"], dry["seen"].late) == ([("E-mail", 1), ("Inbox", 1)], 1, 1)
    assert dry["seen"].for_digest >= 1
    assert not StepTaken.objects.exists()
    assert not Effect.objects.exists()


@pytest.mark.parametrize("role", ["supervisor", "coordinator", "leader", "emirate", "auditor"])
def test_it_is_for_who_keeps_the_configuration(role, client_of, people):
    page = client_of(people.by_role[role]).get(reverse("desk:ladders"))
    assert page.status_code == 404


def test_who_sees_several_entities_reads_where_most_is_late(client_of, people, catalogue, contexts):
    factories.submitted_report()
    Report.objects.update(next_due_at=timezone.now() - timedelta(days=1))
    home = reverse("wagtailadmin_home")
    page = client_of(in_english(people.supervisor)).get(home).content.decode()
    assert f"?view=late&amp;entity={catalogue.north.code}" in page
    # Of one entity alone the card of what is late says it all.
    assert "Late, by entity" not in client_of(in_english(people.leader)).get(home).content.decode()
