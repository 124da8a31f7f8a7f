"""The queue: whose reports, in which order, in which view, at which cost."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cms.desk.queue import paging, tabs
from cms.desk.queue.pages import queue_context
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from permissions.policy import scope_of
from tests import factories

pytestmark = pytest.mark.django_db


def listed(client, query=""):
    return [row.report.pk for row in client.get(reverse("desk:queue") + query).context["rows"]]


def context_of(user, query=""):
    request = RequestFactory().get("/admin/queue/" + query)
    request.user = user
    return queue_context(request, scope_of(user))


def test_a_coordinator_finds_what_waits_and_not_what_is_another_entitys(client_of, people, report):
    assert listed(client_of(people.coordinator)) == [report.pk]
    assert listed(client_of(people.coordinator3)) == [report.pk]
    for view in tabs.TABS:
        assert listed(client_of(people.coordinator2), f"?view={view.code}") == []


def test_the_number_opens_the_report_too_and_costs_no_stop_of_the_keyboard(client_of, people, report):
    body = client_of(people.coordinator).get(reverse("desk:queue")).content.decode()
    address = reverse("desk:report", args=[report.public_id])
    assert re.search(
        rf'<a href="{address}[^"]*" tabindex="-1"><bdi class="ref">{report.reference}</bdi></a>', body
    )


def test_a_superuser_without_a_membership_sees_no_report(client_of, report):
    root = factories.UserFactory(is_superuser=True, is_staff=True)
    response = client_of(root).get(reverse("desk:queue"))
    assert response.status_code == 302
    assert report.reference not in client_of(root).get("/admin/").content.decode()


@pytest.mark.parametrize("role", ["agent", "editor", "admin"])
def test_who_sees_no_reports_has_no_queue(client_of, people, role):
    assert client_of(people.by_role[role]).get(reverse("desk:queue")).status_code == 302


def test_a_specialist_finds_what_is_assigned_to_them(client_of, people, report_in):
    assigned = report_in("assigned")
    factories.submitted_report()
    assert listed(client_of(people.specialist)) == [assigned.pk]
    assert listed(client_of(people.specialist_b)) == []


def test_the_least_time_left_comes_first_and_what_has_no_promise_last(client_of, people, report_in):
    now = timezone.now()
    fresh = factories.submitted_report(at=now - timedelta(hours=1))
    old = factories.submitted_report(at=now - timedelta(days=30))
    paused = report_in("awaiting_sender")
    assert listed(client_of(people.coordinator), "?view=open") == [old.pk, fresh.pk, paused.pk]


def test_the_views_hold_what_they_say(client_of, people, report_in):
    late = factories.submitted_report(at=timezone.now() - timedelta(days=30))
    drafted = report_in("reply_drafted")
    waiting = report_in("awaiting_sender")
    report_in("received")
    answered = report_in("answered")
    client = client_of(people.coordinator)
    assert listed(client, "?view=late") == [late.pk]
    assert listed(client, "?view=approve") == [drafted.pk]
    assert listed(client, "?view=waiting") == [waiting.pk]
    assert set(listed(client, "?view=all")) == {late.pk, drafted.pk, waiting.pk, answered.pk}
    assert len(listed(client_of(people.supervisor), "?view=triage")) == 1


def test_the_counts_are_those_of_the_rows(people, report_in):
    for state in ("with_entity", "assigned", "reply_drafted", "answered", "received"):
        report_in(state)
    for user in (people.coordinator, people.specialist, people.supervisor, people.leader):
        scope = scope_of(user)
        counts = tabs.counts(tabs.tabs_for(scope), StaffActor(user), scope, timezone.now())
        for code, count in counts.items():
            assert len(context_of(user, f"?view={code}")["rows"]) == count, (user, code)


def test_beyond_a_thousand_the_count_says_so():
    assert tabs.shown_count(1000) == "1,000"
    assert tabs.shown_count(1001) == "1,000+"


@pytest.mark.parametrize("written", ["{0}", "  {1} ", "{2}"])
def test_a_reference_is_found_in_any_form(client_of, people, report, written):
    arabic = report.reference.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    typed = written.format(report.reference, report.reference.replace("-", " ").lower(), arabic)
    response = client_of(people.coordinator).get(reverse("desk:queue"), {"q": typed})
    assert [row.report.pk for row in response.context["rows"]] == [report.pk]
    assert client_of(people.coordinator2).get(reverse("desk:queue"), {"q": typed}).context["rows"] == []


def test_a_reference_is_found_whatever_else_is_asked_for(client_of, people, report):
    # given a report that is with an entity, and a list that is narrowed to others
    query = {"q": report.reference, "view": "mine", "state": "closed", "assignee": "me"}
    # when its number is typed there
    response = client_of(people.coordinator).get(reverse("desk:queue"), query)
    # then it is found among everything one may see, and by nobody who may not
    assert [row.report.pk for row in response.context["rows"]] == [report.pk]
    assert response.context["tab"].code == "all"
    assert client_of(people.coordinator2).get(reverse("desk:queue"), query).context["rows"] == []


def test_a_typing_mistake_is_told_from_an_unknown_reference(client_of, people, report):
    wrong = report.reference[:-1] + ("A" if report.reference[-1] != "A" else "B")
    response = client_of(people.coordinator).get(reverse("desk:queue"), {"q": wrong})
    assert response.context["filters"].error
    assert response.context["rows"] == []


def test_the_filters_narrow(client_of, people, catalogue, report_in):
    assigned, waiting = report_in("assigned"), factories.submitted_report()
    client = client_of(people.coordinator)
    assert listed(client, "?view=all&state=assigned") == [assigned.pk]
    assert listed(client, f"?view=all&assignee={people.specialist.pk}") == [assigned.pk]
    assert listed(client, "?view=all&assignee=none") == [waiting.pk]
    assert set(listed(client, "?view=all&place=town&service=lamp")) == {assigned.pk, waiting.pk}
    assert listed(client, "?view=all&place=village") == []
    assert set(listed(client_of(people.supervisor), "?view=all&entity=municipality")) == {
        assigned.pk,
        waiting.pk,
    }
    assert listed(client_of(people.supervisor), "?view=all&entity=water") == []


@pytest.mark.parametrize(
    "junk", ["?after=x", "?before=%00", "?state=junk&assignee=9e9&place=__", "?view=nope"]
)
def test_a_broken_address_still_opens_a_list(client_of, people, report, junk):
    assert client_of(people.coordinator).get(reverse("desk:queue") + junk).status_code == 200


def test_pages_by_key_show_every_row_once_both_ways(people):
    for days in (9, 9, 3, 30, 1):
        factories.submitted_report(at=timezone.now() - timedelta(days=days))
    factories.submitted_report(service="thanks", answers={})
    factories.submitted_report(service="thanks", answers={})
    rows = Report.objects.visible_to(StaffActor(people.supervisor))
    seen, cursor = [], ""
    while True:
        found, _previous, cursor = paging.page(rows, after=cursor, size=2)
        seen.append([row.pk for row in found])
        if not cursor:
            break
    assert len(seen) == 4
    assert sorted(pk for found in seen for pk in found) == sorted(rows.values_list("pk", flat=True))
    last_page, previous, _next = paging.page(rows, after=paging.written(_key_of(seen[2][-1])), size=2)
    back, _p, following = paging.page(
        rows, before=previous or paging.written(_key_of(last_page[0].pk)), size=2
    )
    assert [row.pk for row in back] == seen[2]
    assert following


def _key_of(pk):
    row = Report.objects.get(pk=pk)
    return row.next_due_at, row.pk


def test_the_queue_costs_four_statements_whatever_its_length(people, report_in):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            context = context_of(people.coordinator, "?view=all")
        return len(captured), len(context["rows"])

    report_in("assigned")
    context_of(people.coordinator, "?view=all")
    few, one = statements()
    for state in ("with_entity", "reply_drafted", "awaiting_sender", "answered"):
        report_in(state)
        report_in(state)
    many, nine = statements()
    assert (one, nine) == (1, 9)
    assert few == many == 4


def test_the_home_page_links_into_the_queue(client_of, people, report):
    page = client_of(people.coordinator).get("/admin/").content.decode()
    assert reverse("desk:queue") + "?view=late" in page
    assert report.reference in page
    assert report.reference not in client_of(people.coordinator2).get("/admin/").content.decode()


def test_the_menu_holds_what_concerns_one(client_of, people):
    def menu(user):
        return client_of(user).get("/admin/").content.decode()

    coordinator = menu(people.coordinator)
    assert reverse("desk:queue") in coordinator
    for foreign in ("images", "documents", "services", "audit", "reports", "people"):
        assert f'"/admin/{foreign}/"' not in coordinator
    assert "/admin/audit/" in menu(people.auditor)
    assert "/admin/services/" in menu(people.supervisor)
