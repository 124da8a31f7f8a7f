"""The list alone, which a page that stays filters and pages by; and nothing that the process keeps is old."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cms.desk.queue import paging, rows, tabs
from cms.entities.models import Membership
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from permissions.policy import scope_of
from tests import factories

pytestmark = pytest.mark.django_db


def list_of(client, query=""):
    return client.get(reverse("desk:list") + query)


def shown(response):
    return [row.report.reference for row in response.context["rows"]]


@pytest.mark.parametrize(
    "query",
    ["", "?view=all&size=25", "?view=all&state=assigned&service=lamp", "?view=nope", "?q=QS-1", "?view=late"],
)
def test_the_list_is_what_the_page_has_below_its_tabs(client_of, people, report_in, query):
    for state in ("with_entity", "assigned", "reply_drafted"):
        report_in(state)
    client = client_of(people.coordinator)
    whole, part = client.get(reverse("desk:queue") + query), list_of(client, query)
    assert shown(part) == shown(whole)
    body = part.content.decode()
    # Each page has its own csrf tokens.
    lines = [line.strip() for line in body.splitlines() if "csrf" not in line]
    page = whole.content.decode()
    assert [line for line in lines if line not in page] == []
    assert "<html" not in body
    assert part["Cache-Control"] == whole["Cache-Control"]


def test_its_pages_go_on_where_the_page_stopped(client_of, people):
    for days in range(27):
        factories.submitted_report(at=timezone.now() - timedelta(days=days))
    client = client_of(people.coordinator)
    first = list_of(client, "?view=all&size=25")
    second = list_of(client, first.context["following"])
    assert (len(shown(first)), len(shown(second))) == (25, 2)
    assert not set(shown(first)) & set(shown(second))
    assert shown(list_of(client, second.context["previous"])) == shown(first)


def test_it_costs_three_statements_and_none_for_the_counts(client_of, people, report_in):
    for state in ("with_entity", "assigned", "awaiting_sender", "answered"):
        report_in(state)
    client = client_of(people.coordinator)
    list_of(client)
    with CaptureQueriesContext(connection) as captured:
        assert len(shown(list_of(client, "?view=all"))) == 4
    own = [query["sql"] for query in captured if "reports_" in query["sql"] or "catalogue" in query["sql"]]
    assert len(own) == 3
    assert not any("COUNT(" in sql for sql in own)


def test_what_changed_between_the_key_and_the_row_waits_for_the_next_look(people, report):
    key = Report.objects.values_list("pk", "revision", named=True).get(pk=report.pk)
    assert [row.pk for row in rows.read([key], timezone.now())] == [report.pk]
    Report.objects.filter(pk=report.pk).update(revision=report.revision + 1)
    assert rows.read([key], timezone.now()) == []


def test_a_role_that_ends_takes_its_counts_and_its_list_at_the_next_request(client_of, people, report):
    client = client_of(people.coordinator)
    assert shown(list_of(client, "?view=all")) == [report.reference]
    assert tabs.opened(scope_of(people.coordinator), timezone.now()).counts["all"] == 1
    Membership.objects.filter(person=people.coordinator).update(valid_until=timezone.now())
    assert list_of(client, "?view=all").status_code == 302
    assert set(tabs.opened(scope_of(people.coordinator), timezone.now()).counts.values()) == {0}


def test_the_counts_are_of_the_moment_and_not_of_when_they_were_compiled(people):
    due = factories.submitted_report().next_due_at
    scope = scope_of(people.coordinator)
    assert tabs.opened(scope, due - timedelta(minutes=1)).counts["late"] == 0
    assert tabs.opened(scope, due + timedelta(minutes=1)).counts["late"] == 1


def test_a_service_that_is_renamed_or_given_up_is_called_by_its_present_name(client_of, people, report):
    client = client_of(people.coordinator)
    service = report.service
    assert service.name_ar in list_of(client).content.decode()
    service.name_ar = "أعمدة الحي"
    service.is_active = False
    service.save()
    row = list_of(client).context["rows"][0]
    assert row.service == "أعمدة الحي"


def test_a_row_that_stands_as_it_is_known_is_named_and_not_told_again(client_of, people):
    known, changed = factories.submitted_report(), factories.submitted_report()
    listed = f"{known.reference}:{known.revision},{changed.reference}:{changed.revision - 1},junk:1,:"
    told = client_of(people.coordinator).get(reverse("desk:fresh"), {"listed": listed}).json()["rows"]
    assert told[known.reference] == {"revision": known.revision}
    assert set(told) == {known.reference, changed.reference}
    assert changed.reference in told[changed.reference]["html"]


def test_what_people_wrote_is_text_in_a_row(client_of, people):
    report = factories.submitted_report()
    Report.objects.filter(pk=report.pk).update(title='<b>"{x}"</b>')
    body = list_of(client_of(people.coordinator)).content.decode()
    assert "<bdi>&lt;b&gt;&quot;{x}&quot;&lt;/b&gt;</bdi>" in body


@pytest.mark.parametrize("order", ["due", "new", "old"])
def test_pages_of_any_order_lead_there_and_back_through_what_is_due_at_one_moment(people, order):
    at = timezone.now() - timedelta(days=3)
    for moment in (at, at, at, at - timedelta(days=20), at - timedelta(days=1)):
        factories.submitted_report(at=moment)
    for _ in range(3):
        factories.submitted_report(service="thanks", answers={}, at=at)
    seen = Report.objects.visible_to(StaffActor(people.supervisor))
    by = paging.ORDERS[order]
    whole = list(seen.order_by(*by.forwards).values_list("pk", flat=True))
    for size in (1, 2, 3):
        forwards, cursor = [], ""
        while not forwards or cursor:
            found, _back, cursor = paging.page(seen, after=cursor, size=size, order=by, reader=list)
            forwards.append([row.pk for row in found])
        assert [pk for page in forwards for pk in page] == whole
        backwards, cursor = [], paging.written(by.key(Report.objects.get(pk=forwards[-1][0])), by)
        while cursor:
            found, cursor, _on = paging.page(seen, before=cursor, size=size, order=by, reader=list)
            backwards.append([row.pk for row in found])
        assert backwards[::-1] == forwards[:-1]


@pytest.mark.parametrize("order", ["due", "new", "old"])
def test_no_page_is_looked_for_from_the_beginning(people, report, order):
    """An OR of a bound and its tie is no bound: an index is then read from its end to where the page is."""
    by = paging.ORDERS[order]
    key = paging.written(by.key(report), by)
    for way in ("after", "before"):
        with CaptureQueriesContext(connection) as captured:
            paging.page(Report.objects.all(), **{way: key}, order=by, reader=list)
        assert len(captured) <= 4
        pieces = [query["sql"] for query in captured if "WHERE" in query["sql"]]
        assert pieces
        assert not any(" OR " in sql for sql in pieces)
