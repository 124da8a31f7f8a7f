"""Filters, orders and pages in the address; saved views, which are private and hold a wish, not a right."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cms.desk.models import SavedView
from cms.desk.queue import paging, views
from cms.desk.queue.pages import queue_context
from cms.entities.models import Membership
from cms.reports.models import Report
from permissions.policy import scope_of
from tests import factories

pytestmark = pytest.mark.django_db

QUEUE = "/admin/queue/"


def listed(client, query=""):
    return [row.report.pk for row in client.get(QUEUE + query).context["rows"]]


def days_ago(n, **kwargs):
    return factories.submitted_report(at=timezone.now() - timedelta(days=n), **kwargs)


def test_lateness_channel_and_period_narrow(client_of, people, report_in):
    old, fresh = days_ago(30), factories.submitted_report()
    waiting = report_in("awaiting_sender")
    Report.objects.filter(pk=fresh.pk).update(channel="phone")
    client = client_of(people.coordinator)
    assert listed(client, "?view=all&due=late") == [old.pk]
    assert listed(client, "?view=all&due=stopped") == [waiting.pk]
    assert listed(client, "?view=all&channel=phone") == [fresh.pk]
    assert listed(client, "?view=all&channel=phone&channel=web&due=late") == [old.pk]
    assert set(listed(client, "?view=all&days=7")) == {fresh.pk, waiting.pk}
    day = timezone.localdate() - timedelta(days=30)
    written = day.isoformat().translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert listed(client, f"?view=all&since={written}&until={day}") == [old.pk]
    assert old.pk not in listed(client, f"?view=all&since={day + timedelta(days=1)}")
    assert listed(client, f"?view=all&until={day - timedelta(days=1)}") == []


@pytest.mark.parametrize("sort", ["due", "new", "old"])
def test_every_order_shows_every_row_once_both_ways(people, sort):
    for days in (9, 9, 3, 30, 1, 0):
        days_ago(days)
    factories.submitted_report(service="thanks", answers={})
    order = paging.ORDERS[sort]
    rows = Report.objects.all()
    forth, cursor = [], ""
    while True:
        found, _previous, cursor = paging.page(rows, after=cursor, size=2, order=order)
        forth.append([row.pk for row in found])
        if not cursor:
            break
    back, last = [], Report.objects.get(pk=forth[-1][-1])
    cursor = paging.written(order.key(last), order)
    while cursor:
        found, cursor, following = paging.page(rows, before=cursor, size=2, order=order)
        assert following
        back.append([row.pk for row in found])
    in_order = [pk for page in forth for pk in page]
    assert sorted(in_order) == sorted(rows.values_list("pk", flat=True))
    assert [pk for page in back[::-1] for pk in page] == in_order[:-1]
    if sort != "due":
        times = [Report.objects.get(pk=pk).submitted_at for pk in in_order]
        assert times == sorted(times, reverse=sort == "new")


def test_a_cursor_of_another_order_begins_at_the_first_page(client_of, people):
    first, second = days_ago(2), days_ago(1)
    cursor = paging.written((first.submitted_at, first.pk), paging.ORDERS["old"])
    client = client_of(people.coordinator)
    assert listed(client, f"?view=all&sort=old&after={cursor}") == [second.pk]
    assert listed(client, f"?view=all&sort=new&after={cursor}") == [second.pk, first.pk]


def test_a_page_of_any_size_costs_four_statements(people, report_in):
    SavedView.objects.create(person=people.coordinator, name="late", query="view=all&due=late")

    def statements(query):
        request = RequestFactory().get(QUEUE + query)
        request.user = people.coordinator
        with CaptureQueriesContext(connection) as captured:
            context = queue_context(request, scope_of(people.coordinator))
        return len(captured), len(context["rows"]), len(context["views"])

    for state in ("with_entity", "assigned", "reply_drafted", "awaiting_sender", "answered"):
        for _ in range(6):
            report_in(state)
    statements("?view=all")
    assert statements("?view=all&size=25") == (4, 25, 1)
    assert statements("?view=all&size=100&sort=new&days=365&state=assigned&state=answered") == (4, 12, 1)


def test_the_list_is_told_anew_without_moving_and_without_what_one_sees_no_longer(
    client_of, people, report_in
):
    stays, leaves = factories.submitted_report(), factories.submitted_report()
    foreign = factories.submitted_report(service="leak", answers={})
    client = client_of(people.coordinator)
    listing = ",".join(one.reference for one in (leaves, stays, foreign))
    before = client.get(QUEUE + "fresh/", {"listed": listing}).json()
    assert set(before["rows"]) == {stays.reference, leaves.reference}
    assert before["counts"]["mine"] == ["2", ""]
    factories.report_in(
        "received", coordinator=people.coordinator, specialist=people.specialist, report=leaves
    )
    after = client.get(QUEUE + "fresh/", {"listed": listing}).json()
    assert set(after["rows"]) == {stays.reference}
    assert after["counts"]["mine"] == ["1", ""]
    assert after["rows"][stays.reference] == before["rows"][stays.reference]
    assert client_of(people.editor).get(QUEUE + "fresh/").status_code == 302


def save(client, name, back, **more):
    return client.post(QUEUE + "views/save/", {"name": name, "back": back, **more})


def test_a_view_keeps_the_filters_and_no_cursor(client_of, people, report_in):
    assigned = report_in("assigned")
    factories.submitted_report()
    client = client_of(people.coordinator)
    response = save(client, " بلاغات  فهد ", "view=all&state=assigned&after=x&done=y&evil=1&sort=new")
    view = SavedView.objects.get()
    assert (view.person, view.name) == (people.coordinator, "بلاغات فهد")
    assert view.query == "view=all&state=assigned&sort=new"
    assert response["Location"] == f"{QUEUE}?{view.query}&saved={view.pk}"
    page = client.get(response["Location"])
    assert [row.report.pk for row in page.context["rows"]] == [assigned.pk]
    assert page.context["view"].name == "بلاغات فهد"
    assert page.context["changed"] is False
    assert client.get(f"{QUEUE}?view=all&saved={view.pk}").context["changed"] is True


def test_the_default_opens_the_queue_and_there_is_one(client_of, people, report):
    client = client_of(people.coordinator)
    save(client, "first", "view=late", default="1")
    save(client, "second", "view=open", default="1")
    first, second = SavedView.objects.order_by("pk")
    assert (first.is_default, second.is_default) == (False, True)
    assert client.get(QUEUE)["Location"] == f"{QUEUE}?view=open&saved={second.pk}"
    client.post(f"{QUEUE}views/{first.pk}/", {"do": "default"})
    assert client.get(QUEUE)["Location"] == f"{QUEUE}?view=late&saved={first.pk}"
    client.post(f"{QUEUE}views/{first.pk}/", {"do": "no_default"})
    assert client.get(QUEUE).status_code == 200


def test_a_view_is_renamed_and_deleted(client_of, people):
    client = client_of(people.coordinator)
    save(client, "one", "view=late")
    save(client, "two", "view=open")
    one = SavedView.objects.get(name="one")
    client.post(f"{QUEUE}views/{one.pk}/", {"do": "rename", "name": "two"})
    assert SavedView.objects.get(pk=one.pk).name == "one"
    client.post(f"{QUEUE}views/{one.pk}/", {"do": "rename", "name": "<b>"})
    page = client.get(QUEUE + "views/").content.decode()
    assert "&lt;b&gt;" in page
    assert "<b></bdi>" not in page
    client.post(f"{QUEUE}views/{one.pk}/", {"do": "delete"})
    assert list(SavedView.objects.values_list("name", flat=True)) == ["two"]


@pytest.mark.parametrize("do", ["rename", "default", "delete"])
def test_somebody_elses_view_is_missing(client_of, people, do):
    view = SavedView.objects.create(person=people.coordinator, name="mine", query="view=late")
    other = client_of(people.coordinator3)
    theirs = other.post(f"{QUEUE}views/{view.pk}/", {"do": do, "name": "x"})
    absent = other.post(f"{QUEUE}views/{view.pk + 99}/", {"do": do, "name": "x"})
    assert theirs.status_code == absent.status_code == 404
    assert theirs.content == absent.content
    view.refresh_from_db()
    assert (view.name, view.is_default) == ("mine", False)
    page = other.get(f"{QUEUE}?view=late&saved={view.pk}")
    assert page.context["view"] is None
    assert "mine" not in other.get(QUEUE + "views/").content.decode()


@pytest.mark.parametrize(
    ("name", "back"), [("", "view=late"), ("twice", "view=late"), ("x", "place=" + "y" * 1500)]
)
def test_what_cannot_be_saved_is_told(client_of, people, name, back):
    client = client_of(people.coordinator)
    save(client, "twice", "view=open")
    response = client.post(QUEUE + "views/save/", {"name": name, "back": back}, follow=True)
    assert [m.level_tag for m in response.context["messages"]][-1] == "error"
    assert SavedView.objects.count() == 1


def test_there_is_an_end_to_views(client_of, people, monkeypatch):
    monkeypatch.setattr(views, "MOST", 2)
    client = client_of(people.coordinator)
    for name in ("one", "two", "three"):
        save(client, name, "view=late")
    assert SavedView.objects.count() == 2


def test_a_view_of_a_lost_entity_shows_nothing_of_it(client_of, people, catalogue):
    factories.MembershipFactory(person=people.coordinator, role="coordinator", entity=catalogue.water)
    own = factories.submitted_report()
    water = factories.submitted_report(service="leak", answers={})
    client = client_of(people.coordinator)
    save(client, "water", "view=all&entity=water")
    view = SavedView.objects.get()
    address = f"?{view.query}&saved={view.pk}"
    assert listed(client, address) == [water.pk]

    Membership.objects.filter(person=people.coordinator, entity=catalogue.water).update(
        valid_until=timezone.now()
    )

    page = client.get(QUEUE + address)
    assert page.context["rows"] == []
    assert water.reference not in page.content.decode()
    assert catalogue.water.name in str(page.context["filters"].error)
    # It says so, and does not fall back to what one sees.
    assert own.reference not in page.content.decode()


@pytest.mark.parametrize("who", ["editor", "agent", "admin"])
def test_who_has_no_queue_has_no_views(client_of, people, who):
    client = client_of(getattr(people, who))
    assert save(client, "x", "view=late").status_code == 302
    assert client.get(QUEUE + "views/").status_code == 302
    assert SavedView.objects.count() == 0
    assert reverse("desk:views") == QUEUE + "views/"
