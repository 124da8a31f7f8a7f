"""Files of what was found, and the morning's news of watched searches."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from cms.content.dates import RIYADH
from cms.desk.models import SavedSearch, SearchExport, SearchWatch
from cms.desk.searching import exporting, watching
from cms.entities.models import Membership
from cms.notifications.models import Notice
from cms.notifications.templates_data import load_templates
from cms.outbox import lines
from cms.reports.files import storing
from cms.reports.models import Report
from permissions.models import AuditEvent, User
from search.scope import LINE
from tests import factories

pytestmark = pytest.mark.django_db
FORMULA = "=HYPERLINK(1)"


def asked_for(client: Client, form: str, back: str = "col=reference&col=subject&sort=oldest") -> SearchExport:
    client.post(reverse("desk:export_search"), {"format": form, "back": back})
    export = SearchExport.objects.order_by("-pk")[0]
    assert exporting.run(export.pk) is True
    export.refresh_from_db()
    return export


def fetched(client: Client, export: SearchExport) -> Any:
    return client.get(reverse("desk:search_export_file", args=[export.pk]))


@pytest.fixture
def reports(people: factories.People) -> list[Report]:
    made = [
        factories.submitted_report(title=FORMULA),
        factories.submitted_report(title="مصباح"),
        factories.submitted_report(service="leak", answers={}, title="تسرب"),
    ]
    lines.run(LINE)
    return made


def test_a_file_holds_what_its_person_sees_and_no_formula(
    client_of: Callable[[User], Client], people: factories.People, reports: list[Report]
) -> None:
    client = client_of(people.leader)
    export = asked_for(client, "csv")
    assert (export.state, export.rows, export.total) == ("done", 2, 2)
    content = b"".join(fetched(client, export).streaming_content).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(content))) == [
        ["رقم البلاغ", "الموضوع"],
        [reports[0].reference, f"'{FORMULA}"],
        [reports[1].reference, "مصباح"],
    ]
    event = AuditEvent.objects.get(code="search_exported")
    assert (event.actor, event.data["rows"], event.data["format"]) == (people.leader, 2, "csv")
    workbook = asked_for(client_of(people.supervisor), "xlsx")
    answer = fetched(client_of(people.supervisor), workbook)
    page = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert [[cell.value for cell in row] for row in page.iter_rows(min_row=2)] == [
        [report.reference, report.title] for report in reports
    ]
    assert page["B2"].data_type == "s"
    assert page.sheet_view.rightToLeft


def test_an_auditor_reads_what_was_asked(
    client_of: Callable[[User], Client], people: factories.People, reports: list[Report]
) -> None:
    client = client_of(people.leader)
    fetched(client, asked_for(client, "csv", back="q=%D9%85%D8%B5%D8%A8%D8%A7%D8%AD&state=open"))
    assert AuditEvent.objects.get(code="search_exported").data["query"] == "q=مصباح&state=open"


def test_the_list_tells_two_files_apart_by_what_was_chosen(
    client_of: Callable[[User], Client], people: factories.People, reports: list[Report]
) -> None:
    client = client_of(people.leader)
    for chosen in ("state=open&late=late", "until=2026-01-31", ""):
        asked_for(client, "csv", back=chosen)
    page = client.get(reverse("desk:search_exports"))
    assert [one["filters"] for one in page.context["exports"]] == [
        "",
        "حتى السبت 31 يناير 2026",
        "مفتوحة، أيًّا كانت حالتها، متأخرة",
    ]
    assert page.content.decode().count("التصفية:") == 2


def test_a_file_is_its_persons_for_a_day_while_they_hold_the_same(
    client_of: Callable[[User], Client], people: factories.People, reports: list[Report]
) -> None:
    client = client_of(people.leader)
    export = asked_for(client, "csv")
    assert fetched(client_of(people.supervisor), export).status_code == 404
    water = people.leader2.memberships.get().entity
    factories.MembershipFactory(
        person=people.leader, entity=water, group=people.leader.memberships.get().group
    )
    assert fetched(client, export).url == reverse("desk:search_exports")
    assert not AuditEvent.objects.filter(code="search_exported").exists()
    Membership.objects.filter(person=people.leader, entity=water).delete()
    assert fetched(client, export).status_code == 200
    assert exporting.sweep(export.created_at + exporting.KEPT_FOR) == 0
    later = export.created_at + exporting.KEPT_FOR + timedelta(seconds=1)
    assert exporting.sweep(later) == 1
    assert not storing.storage().exists(export.file)
    assert not SearchExport.objects.exists()


def test_who_sees_nothing_any_more_gets_no_file_and_nobody_has_many_under_way(
    client_of: Callable[[User], Client], people: factories.People, reports: list[Report]
) -> None:
    client = client_of(people.leader)
    for _time in range(4):
        client.post(reverse("desk:export_search"), {"format": "csv", "back": ""})
    assert SearchExport.objects.count() == exporting.MOST_AT_ONCE
    Membership.objects.filter(person=people.leader).delete()
    now = timezone.now()
    assert [exporting.run(pk) for pk in exporting.waiting(now)] == [True] * 3
    assert set(SearchExport.objects.values_list("state", "file")) == {("failed", "")}


def test_a_writer_that_died_is_followed_by_another(people: factories.People, reports: list[Report]) -> None:
    now = timezone.now()
    export = exporting.ask(people.leader, "", "csv", total=2, language="ar", at=now)
    assert export is not None
    SearchExport.objects.filter(pk=export.pk).update(state="running", lease_until=now + timedelta(minutes=1))
    assert exporting.waiting(now) == []
    assert exporting.run(export.pk, now=lambda: now) is False
    later = now + timedelta(minutes=2)
    assert exporting.waiting(later) == [export.pk]
    assert exporting.run(export.pk, now=lambda: later) is True
    export.refresh_from_db()
    assert (export.state, export.rows) == ("done", 2)


# --- Watched searches -------------------------------------------------------------------------------------


def at(day: int, hour: int) -> datetime:
    """Of November 2026; the 22nd is a Sunday, which is worked on, as Friday and Saturday are not."""
    return datetime(2026, 11, day, hour, tzinfo=RIYADH)


@pytest.fixture
def watch(people: factories.People) -> SearchWatch:
    """The leader of the north branch watches what says 'lamp', and was told of it on Thursday morning."""
    load_templates()
    saved = SavedSearch.objects.create(person=people.coordinator, name="المصابيح", query="q=مصباح")
    SavedSearch.objects.filter(pk=saved.pk).update(
        is_shared=True, entity=people.leader.memberships.get().entity
    )
    return SearchWatch.objects.create(search=saved, person=people.leader, told_until=at(18, 0).date())


def test_on_a_working_morning_one_is_told_once_how_much_is_new(
    people: factories.People, watch: SearchWatch
) -> None:
    for day in (18, 20, 21, 22):
        factories.submitted_report(title="مصباح", at=at(day, 10))
    factories.submitted_report(service="leak", answers={}, title="مصباح عند المياه", at=at(20, 10))
    lines.run(LINE)
    Notice.objects.all().delete()
    # Not on Friday, and not before anybody works.
    assert [watching.run(moment) for moment in (at(20, 10), at(22, 5))] == [0, 0]
    assert [watching.run(at(22, 9)) for _time in range(2)] == [1, 0]
    notice = Notice.objects.get()
    assert (notice.person, notice.event, notice.values) == (
        people.leader,
        "search_watch",
        {"count": 2, "search": "المصابيح"},
    )
    watch.refresh_from_db()
    assert (watch.told_until, watch.new) == (at(21, 0).date(), 2)
    # The next day there is one more; the day after nothing is new, and nothing is said.
    assert [watching.run(at(day, 9)) for day in (23, 24)] == [1, 0]
    assert Notice.objects.count() == 2


def test_who_cannot_read_the_search_any_more_is_told_nothing(
    people: factories.People, watch: SearchWatch
) -> None:
    factories.submitted_report(title="مصباح", at=at(20, 10))
    lines.run(LINE)
    Notice.objects.all().delete()
    SavedSearch.objects.update(is_shared=False)
    assert watching.run(at(22, 9)) == 0
    assert not Notice.objects.exists()
    assert not SearchWatch.objects.exists()
