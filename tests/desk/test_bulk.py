"""Bulk work: one form, each row by itself through the same action, and what one may not see is missing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.desk.queue import bulk
from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.models import Event, Report
from permissions.policy import scope_of
from tests import factories

pytestmark = pytest.mark.django_db

DOOR = "/admin/queue/bulk/"


def row(report, version=None):
    return f"{report.reference}|{version if version is not None else report.version}"


def post(client, do, reports, *, go=True, follow=True, **data):
    rows = [one if isinstance(one, str) else row(one) for one in reports]
    listed = ",".join(one.split("|")[0] for one in rows)
    given = {"do": do, "row": rows, "listed": listed, "back": "view=mine", **data}
    return client.post(DOOR, {**given, **({"go": "1"} if go else {})}, follow=follow)


def events(*reports):
    return {report.pk: Event.objects.filter(report=report).count() for report in reports}


def test_the_first_step_says_for_how_many_it_is_possible_and_does_nothing(client_of, people, report_in):
    new, drafted = report_in("with_entity"), report_in("reply_drafted")
    foreign = factories.submitted_report(service="leak", answers={})
    before = events(new, drafted, foreign)

    response = post(client_of(people.coordinator), "assign", [new, drafted, foreign], go=False)

    context = response.context
    assert context["possible"] == 1
    assert [reference for reference, _why in context["hindered"]] == [drafted.reference]
    assert context["missing"] == 1
    assert set(context["form"].fields["responsible"].choices) == {
        (people.specialist.pk, people.specialist.name),
        (people.specialist_b.pk, people.specialist_b.name),
    }
    assert events(new, drafted, foreign) == before


def test_each_row_is_done_refused_or_missing(client_of, people, report_in):
    two = [factories.submitted_report(), factories.submitted_report()]
    drafted = report_in("reply_drafted")
    stale = factories.submitted_report()
    old = row(stale)
    actions.assign(
        stale.pk,
        actor=StaffActor(people.coordinator3),
        version=stale.version,
        people=[people.specialist_b.pk],
        responsible=people.specialist_b.pk,
    )
    foreign = factories.submitted_report(service="leak", answers={})
    nowhere = "QS-26-0000000-0|1"
    before = events(drafted, stale, foreign)

    response = post(
        client_of(people.coordinator),
        "assign",
        [*two, drafted, old, foreign, nowhere],
        responsible=people.specialist.pk,
    )

    outcome = response.context["outcome"]
    assert outcome["done"] == [one.reference for one in two]
    assert [reference for reference, _why in outcome["refused"]] == [drafted.reference, stale.reference]
    assert people.coordinator3.name in dict(outcome["refused"])[stale.reference]
    assert outcome["missing"][0] == foreign.reference
    for one in two:
        one.refresh_from_db()
        assert (one.state, one.responsible) == ("assigned", people.specialist)
        assert one.events.filter(code="assign", actor=people.coordinator).count() == 1
    assert events(drafted, stale, foreign) == before
    stale.refresh_from_db()
    assert stale.responsible == people.specialist_b


def test_a_hidden_report_and_none_are_told_alike(client_of, people, report):
    foreign = factories.submitted_report(service="leak", answers={})
    actor = StaffActor(people.coordinator)
    hidden = bulk.run("note", [bulk.Ticked(foreign.reference, 1)], {"text": "ملاحظة"}, actor=actor)
    absent = bulk.run("note", [bulk.Ticked("QS-26-2222222-2", 1)], {"text": "ملاحظة"}, actor=actor)
    assert (hidden.done, hidden.refused, hidden.missing) == ([], [], [foreign.reference])
    assert (absent.done, absent.refused, absent.missing) == ([], [], ["QS-26-2222222-2"])
    assert hidden.sentence == absent.sentence


def test_the_rows_stay_where_they_were_and_what_was_refused_stays_ticked(client_of, people, report_in):
    first, second = factories.submitted_report(), factories.submitted_report()
    drafted = report_in("reply_drafted")
    factories.submitted_report()

    response = post(
        client_of(people.coordinator), "assign", [second, drafted, first], responsible=people.specialist.pk
    )

    shown = response.context["rows"]
    assert [r.report.reference for r in shown] == [second.reference, drafted.reference, first.reference]
    assert [r.report.state for r in shown] == ["assigned", "reply_drafted", "assigned"]
    assert [r.ticked for r in shown] == [False, True, False]
    assert response.request["QUERY_STRING"].startswith("view=mine&done=")


def test_what_left_the_entity_leaves_the_list_at_once(client_of, people, report):
    stays = factories.submitted_report()
    factories.ReasonFactory()
    response = post(
        client_of(people.coordinator),
        "return",
        [report],
        reason="wrong_entity",
        listed=f"{row(report)[:-2]},{stays.reference}",
    )
    assert response.context["outcome"]["done"] == [report.reference]
    assert [r.report.pk for r in response.context["rows"]] == [stays.pk]
    report.refresh_from_db()
    assert (report.state, report.entity) == ("received", None)


def test_another_session_does_not_read_the_outcome(client_of, people, report):
    done = post(client_of(people.coordinator), "note", [report], text="سألنا المقاول.", follow=False)
    address = done["Location"]
    assert client_of(people.coordinator3).get(address).context["outcome"] is None


CASES = [
    ("reassign", "in_progress", "coordinator", {}, "in_progress"),
    ("route", "received", "supervisor", {"entity": "water"}, "with_entity"),
    ("transfer", "assigned", "supervisor", {"entity": "water", "reason": "other"}, "with_entity"),
    ("return", "assigned", "coordinator", {"reason": "wrong_entity"}, "received"),
    ("reject", "with_entity", "coordinator", {"reason": "private", "text": "نزاع خاص."}, "rejected"),
    ("set_priority", "with_entity", "coordinator", {"priority": "urgent", "text": "خطر."}, "with_entity"),
    ("note", "answered", "coordinator", {"text": "كلّمنا المقاول."}, "answered"),
]


@pytest.mark.parametrize(("action", "state", "who", "data", "after"), CASES)
def test_every_action_of_the_bar(client_of, people, report_in, action, state, who, data, after):
    factories.ReasonFactory()
    factories.ReasonFactory(used_for="transfer", code="other")
    factories.ReasonFactory(used_for="reject", code="private")
    reports = [report_in(state), report_in(state)]
    if action == "reassign":
        data = {"responsible": people.specialist_b.pk}
    response = post(client_of(getattr(people, who)), action, reports, **data)
    assert response.context["outcome"]["done"] == [one.reference for one in reports]
    for one in reports:
        one.refresh_from_db()
        assert one.state == after
        assert one.events.get(code=action).actor == getattr(people, who)


@pytest.mark.parametrize("who", ["leader", "auditor", "emirate"])
@pytest.mark.parametrize("action", bulk.ACTIONS)
def test_who_only_follows_has_no_bar_and_no_door(client_of, people, report, who, action):
    user = getattr(people, who)
    assert bulk.actions_of(scope_of(user)) == []
    before = events(report)
    assert post(client_of(user), action, [report], text="نص", responsible=1).status_code == 404
    assert events(report) == before


@pytest.mark.parametrize("action", ["answer", "merge", "erase", "submit", "", "__class__"])
def test_no_other_action_is_done_in_bulk(client_of, people, report, action):
    assert post(client_of(people.coordinator), action, [report], text="نص").status_code == 404
    assert events(report) == {report.pk: 1}


def test_a_specialist_cannot_assign(client_of, people, report_in):
    report = report_in("assigned")
    assert bulk.actions_of(scope_of(people.specialist)) == ["note"]
    response = post(client_of(people.specialist), "reassign", [report], responsible=people.specialist_b.pk)
    assert response.status_code == 404
    report.refresh_from_db()
    assert report.responsible == people.specialist


@pytest.mark.parametrize("rows", [[], ["junk"], ["QS-26-0000000-U|1"], ["|"]])
def test_nothing_ticked_is_told(client_of, people, rows):
    response = post(client_of(people.coordinator), "note", rows, text="نص")
    assert [str(m.message) for m in response.context["messages"]] == [
        "علّم على البلاغات أولًا، ثم اختر ما تفعله بها."
    ]


def test_more_than_a_hundred_are_refused_before_any_is_done(client_of, people, report, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 1)
    other = factories.submitted_report()
    response = post(client_of(people.coordinator), "note", [report, other], text="نص")
    assert len(list(response.context["messages"])) == 1
    assert events(report, other) == {report.pk: 1, other.pk: 1}


def test_a_wrong_form_comes_back_with_what_was_typed(client_of, people, report):
    factories.ReasonFactory(used_for="reject", code="private", needs_text=True)
    response = post(client_of(people.coordinator), "reject", [report], reason="private", text="لا")
    assert response.status_code == 422
    assert "text" in response.context["form"].errors
    assert response.context["form"]["text"].value() == "لا"
    assert events(report) == {report.pk: 1}


def test_a_person_of_another_entity_is_refused_row_by_row(client_of, people, report):
    water = factories.submitted_report(service="leak", answers={})
    supervisor = client_of(people.supervisor)
    response = post(supervisor, "assign", [report, water], responsible=people.specialist2.pk)
    outcome = response.context["outcome"]
    assert outcome["done"] == [water.reference]
    assert outcome["refused"] == [(report.reference, "من اخترته لا يعمل على مثل هذا البلاغ.")]
    report.refresh_from_db()
    assert report.responsible is None


def test_a_foreign_address_is_not_where_one_is_sent(client_of, people, report):
    response = post(
        client_of(people.coordinator), "note", [report], text="نص", back="//evil.example/?x=1", follow=False
    )
    assert response["Location"].startswith("/admin/queue/?")


def test_the_form_costs_the_same_for_many_rows(client_of, people):
    client = client_of(people.coordinator)
    reports = [factories.submitted_report() for _ in range(6)]

    def statements(some):
        with CaptureQueriesContext(connection) as captured:
            assert post(client, "assign", some, go=False).status_code == 200
        return len(captured)

    statements(reports)
    assert statements(reports[:1]) == statements(reports)


def test_a_row_that_breaks_leaves_the_others_done(client_of, people):
    first, second = factories.submitted_report(), factories.submitted_report()
    rows = [bulk.Ticked(first.reference, 99), bulk.Ticked(second.reference, second.version)]
    arguments = {"people": [people.specialist.pk], "responsible": people.specialist.pk}
    outcome = bulk.run("assign", rows, arguments, actor=StaffActor(people.coordinator))
    assert (outcome.done, [one for one, _why in outcome.refused]) == ([second.reference], [first.reference])
    assert Report.objects.get(pk=first.pk).state == "with_entity"


def test_the_queue_offers_what_is_possible_for_each_row(client_of, people, report_in):
    new, drafted = report_in("with_entity"), report_in("reply_drafted")
    page = client_of(people.coordinator).get(reverse("desk:queue") + "?view=all")
    may = {r.report.pk: r.may for r in page.context["rows"]}
    # The replies are for the key that leads to them.
    assert may[new.pk] == "assign return reject set_priority note answer acknowledge"
    assert may[drafted.pk] == "reassign return set_priority note answer"
    follower = client_of(people.leader).get(reverse("desk:queue") + "?view=all")
    assert 'name="row"' not in follower.content.decode()


def test_more_than_ten_people_are_searched(client_of, people, catalogue, report):
    client = client_of(people.coordinator)
    assert "data-find" not in post(client, "assign", [report], go=False).content.decode()
    for n in range(9):
        factories.person("specialist", catalogue.north, username=f"s{n}")
    page = post(client, "assign", [report], go=False).content.decode()
    assert page.count('type="search" class="find"') == 1
    assert 'aria-label="ابحث في: المسؤول"' in page


@pytest.mark.parametrize("go", [False, True])
def test_a_refused_row_says_who_did_what_and_when(client_of, people, report_in, go):
    """As a single report's notice does: whatever it was that came before."""
    drafted = report_in("reply_drafted")
    moved = factories.submitted_report()
    old = row(moved)
    actions.reject(
        moved.pk,
        actor=StaffActor(people.coordinator3),
        version=moved.version,
        reason=factories.ReasonFactory(used_for="reject").code,
        text="نزاع خاص.",
    )

    response = post(
        client_of(people.coordinator), "assign", [drafted, old], go=go, responsible=people.specialist.pk
    )

    said = dict(response.context["outcome"]["refused"] if go else response.context["hindered"])
    assert people.specialist.name in said[drafted.reference]
    assert "أُعدّت مسودة الرد" in said[drafted.reference]
    assert people.coordinator3.name in said[moved.reference]
    assert "اليوم" in said[moved.reference]


def test_ones_own_step_in_another_window_is_told_as_ones_own(client_of, people, report):
    old = row(report)
    actions.assign(
        report.pk,
        actor=StaffActor(people.coordinator),
        version=report.version,
        people=[people.specialist_b.pk],
        responsible=people.specialist_b.pk,
    )
    rows = bulk.ticked([old])
    outcome = bulk.run("return", rows, {"reason": "wrong_entity"}, actor=StaffActor(people.coordinator))
    [(_reference, why)] = outcome.refused
    assert why.startswith("تصرفت فيه بنفسك")
    assert people.coordinator.name in why
