"""What stands beside one report: who else reads it, what is near by, calls in notes, and its print."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cms.desk.models import Mention
from cms.desk.report import presence
from cms.desk.report.nearby import distance, nearby
from cms.entities.models import Membership
from cms.reports.models import Event, Report
from permissions.models import AuditEvent
from permissions.policy import scope_of
from tests import factories

pytestmark = pytest.mark.django_db


def at(report, door):
    return reverse(f"desk:{door}", args=[report.public_id])


# ---- presence


def test_readers_are_told_of_each_other_and_not_of_themselves(client_of, people, report):
    first, second = client_of(people.coordinator), client_of(people.coordinator3)
    assert first.post(at(report, "presence")).json() == {"sentence": ""}
    said = second.post(at(report, "presence")).json()["sentence"]
    assert people.coordinator.name in said
    assert people.coordinator3.name not in said
    assert people.coordinator3.name in first.get(at(report, "report")).context["reading"]


def test_who_may_not_see_it_learns_nothing_and_is_not_told_of(client_of, people, report):
    client_of(people.coordinator).post(at(report, "presence"))
    foreign = client_of(people.coordinator2)
    hidden = foreign.post(at(report, "presence"))
    assert hidden.status_code == 404
    assert (
        hidden.content == foreign.post("/admin/queue/00000000-0000-4000-8000-000000000000/presence/").content
    )
    assert client_of(people.coordinator).post(at(report, "presence")).json() == {"sentence": ""}


def test_whose_access_ended_is_told_of_no_more(client_of, people, report):
    client_of(people.coordinator).post(at(report, "presence"))
    Membership.objects.filter(person=people.coordinator).update(valid_until=timezone.now())
    assert client_of(people.coordinator3).post(at(report, "presence")).json() == {"sentence": ""}


def test_a_page_that_is_closed_or_silent_is_gone(people, report):
    now = timezone.now()
    reader, other = people.coordinator, people.coordinator3
    presence.come(report.pk, reader.pk, now)
    assert presence.others(report.pk, other.pk, now + timedelta(seconds=59)) == [reader]
    assert presence.others(report.pk, other.pk, now + timedelta(seconds=61)) == []
    presence.come(report.pk, reader.pk, now)
    presence.leave(report.pk, reader.pk, now)
    assert presence.others(report.pk, other.pk, now) == []


def test_an_open_page_writes_nothing_to_the_database_and_seldom_to_the_cache(
    client_of, people, report, monkeypatch
):
    client = client_of(people.coordinator)
    client.post(at(report, "presence"))
    written = []
    monkeypatch.setattr(cache, "set", lambda *args, **kwargs: written.append(args))
    with CaptureQueriesContext(connection) as captured:
        for _ in range(5):
            client.post(at(report, "presence"))
    assert [q["sql"] for q in captured if not q["sql"].lstrip().startswith("SELECT")] == []
    assert [args for args in written if args[0].startswith("desk:reading")] == []


# ---- near by

HERE = {"latitude": 26.3303, "longitude": 43.9744}


def moved(report, north=0.0, east=0.0):
    Report.objects.filter(pk=report.pk).update(
        latitude=HERE["latitude"] + north / 111_320, longitude=HERE["longitude"] + east / 99_800
    )
    return Report.objects.get(pk=report.pk)


def near(user, report):
    return [row.report.pk for row in nearby(report, scope_of(user), timezone.now())]


def test_the_distance_is_that_of_a_map():
    # Buraydah to Unayzah.
    assert distance((26.3303, 43.9744), (26.0916, 43.9877)) == pytest.approx(26_575, rel=0.01)
    assert distance((26.0, 44.0), (26.0, 44.0)) == 0


def test_the_nearest_of_the_same_service_and_days_come_first(people):
    report = moved(factories.submitted_report())
    far = moved(factories.submitted_report(), north=490)
    close = moved(factories.submitted_report(), east=120)
    moved(factories.submitted_report(), north=400, east=400)
    moved(factories.submitted_report(), north=520)
    moved(factories.submitted_report(service="thanks", answers={}), east=10)
    moved(factories.submitted_report(at=timezone.now() - timedelta(days=31)), east=10)
    rows = nearby(report, scope_of(people.coordinator), timezone.now())
    assert [row.report.pk for row in rows] == [close.pk, far.pk]
    assert rows[0].where == "على بعد نحو 120 م"


def test_without_a_point_the_place_is_what_is_near(people):
    report, same = factories.submitted_report(), factories.submitted_report()
    factories.submitted_report(place="village")
    assert near(people.coordinator3, report) == [same.pk]


def test_what_is_near_is_only_what_one_may_see(people, client_of, report_in):
    report = moved(factories.submitted_report())
    returned = moved(report_in("received"), east=50)
    assert near(people.coordinator, report) == []
    assert near(people.supervisor, report) == [returned.pk]
    page = client_of(people.coordinator).get(at(report, "report"))
    assert returned.reference not in page.content.decode()


def test_a_confidential_report_is_near_for_its_grantees_alone(people):
    first = moved(factories.submitted_report(service="abuse", answers={}, anonymous=True))
    second = moved(factories.submitted_report(service="abuse", answers={}, anonymous=True), east=20)
    assert near(people.grantee, first) == [second.pk]
    assert near(people.coordinator2, first) == []
    assert near(people.supervisor, first) == []


def test_near_by_is_one_query(people):
    report = moved(factories.submitted_report())
    for _ in range(4):
        moved(factories.submitted_report(), east=30)
    scope, now = scope_of(people.coordinator), timezone.now()
    with CaptureQueriesContext(connection) as captured:
        assert len(nearby(report, scope, now)) == 4
    assert len(captured) == 1


# ---- calls in notes


def choices(client, report):
    form = client.get(at(report, "mention")).context["form"]
    return {pk for pk, _name in form.fields["people"].choices}


def call(client, report, *users, text="راجعوا موقع العمود."):
    return client.post(at(report, "mention"), {"text": text, "people": [user.pk for user in users]})


def mentions_of(client):
    [panel] = [p for p in client.get("/admin/").context["panels"] if getattr(p, "name", "") == "queue"]
    return panel.get_context_data({})["mentions"]


def test_only_who_sees_the_report_can_be_called(client_of, people, report_in):
    report = report_in("assigned")
    offered = choices(client_of(people.coordinator), report)
    assert {people.specialist.pk, people.coordinator3.pk, people.supervisor.pk} <= offered
    assert offered.isdisjoint(
        {
            people.coordinator.pk,
            people.specialist_b.pk,
            people.coordinator2.pk,
            people.editor.pk,
            people.admin.pk,
        }
    )
    before = Event.objects.filter(report=report).count()
    for stranger in (people.coordinator2, people.specialist_b, people.coordinator):
        assert call(client_of(people.coordinator), report, stranger).status_code == 422
    assert Event.objects.filter(report=report).count() == before
    assert Mention.objects.count() == 0


def test_who_is_called_finds_it_at_home_until_they_have_seen_it(client_of, people, report_in):
    report = report_in("assigned")
    assert call(client_of(people.coordinator), report, people.specialist).status_code == 302
    event = report.events.get(code="note")
    assert event.body.text == f"@{people.specialist.name}\nراجعوا موقع العمود."
    client = client_of(people.specialist)
    [mention] = mentions_of(client)
    assert (mention.report, mention.by, mention.event) == (report, people.coordinator, event)
    assert report.reference in client.get("/admin/").content.decode()
    # Reading the page alone changes nothing; the page's own word that it is open does.
    client.get(at(report, "report"))
    assert len(mentions_of(client)) == 1
    client.post(at(report, "presence"), {"first": "1"})
    assert mentions_of(client) == []


def test_a_call_can_be_put_away_by_who_was_called_alone(client_of, people, report_in):
    report = report_in("assigned")
    call(client_of(people.coordinator), report, people.specialist, people.supervisor)
    mine = Mention.objects.get(person=people.specialist)
    url = reverse("desk:mention_seen", args=[mine.pk])
    for other in (people.coordinator, people.supervisor):
        assert client_of(other).post(url).status_code == 404
    mine.refresh_from_db()
    assert mine.seen_at is None
    assert client_of(people.specialist).post(url).status_code == 302
    assert mentions_of(client_of(people.specialist)) == []
    assert len(mentions_of(client_of(people.supervisor))) == 1


def test_a_call_from_a_report_that_one_sees_no_longer_is_not_shown(client_of, people, report_in):
    report = report_in("assigned")
    call(client_of(people.coordinator), report, people.specialist)
    factories.ReasonFactory()
    from cms.reports import actions
    from cms.reports.actors import StaffActor

    report.refresh_from_db()
    actions.return_(
        report.pk, actor=StaffActor(people.coordinator), version=report.version, reason="wrong_entity"
    )
    assert mentions_of(client_of(people.specialist)) == []
    assert report.reference not in client_of(people.specialist).get("/admin/").content.decode()


@pytest.mark.parametrize("who", ["leader", "auditor", "emirate"])
def test_who_writes_no_notes_calls_nobody(client_of, people, report, who):
    client = client_of(getattr(people, who))
    assert client.get(at(report, "mention")).status_code == 302
    assert call(client, report, people.coordinator).status_code == 302
    assert Event.objects.filter(report=report, code="note").count() == 0


def test_a_hidden_report_calls_nobody(client_of, people, report):
    client = client_of(people.coordinator2)
    assert client.get(at(report, "mention")).status_code == 404
    assert call(client, report, people.supervisor).status_code == 404
    assert Mention.objects.count() == 0


def test_an_empty_call_comes_back(client_of, people, report):
    client = client_of(people.coordinator)
    assert call(client, report, text="نص بلا أحد").status_code == 422
    assert call(client, report, people.supervisor, text="  ").status_code == 422
    assert Event.objects.filter(report=report, code="note").count() == 0


# ---- on paper


def test_the_print_masks_the_sender_and_leaves_the_notes_out(client_of, people, report_in):
    report = report_in("answered")
    client = client_of(people.coordinator)
    call(client, report, people.specialist, text="ملاحظة لا تُطبع.")
    page = client.get(at(report, "print")).content.decode()
    assert report.reference in page
    assert report.text in page
    assert "أصلحنا العمود اليوم." in page
    assert people.coordinator.name in page
    assert "ملاحظة لا تُطبع." not in page
    assert report.sender.name not in page
    assert report.sender.phone not in page
    # Paper is read on another day: every moment has its date, and what is invented says so.
    assert not re.search(r"<time[^>]*>(?!\S+ \d+ \S+ 20\d\d)", page)
    assert "عرض تجريبي" in page


def test_a_hidden_report_is_not_printed_and_a_confidential_one_is_audited(client_of, people, report):
    assert client_of(people.coordinator2).get(at(report, "print")).status_code == 404
    secret = factories.submitted_report(service="abuse", answers={}, anonymous=True)
    assert client_of(people.coordinator2).get(at(secret, "print")).status_code == 404
    assert AuditEvent.objects.filter(code="confidential_view").count() == 0
    assert client_of(people.grantee).get(at(secret, "print")).status_code == 200
    assert AuditEvent.objects.filter(code="confidential_view", actor=people.grantee).count() == 1
