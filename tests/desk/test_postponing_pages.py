"""Holidays at the desk, and applying them to open promises: as an administrator does it."""

from datetime import date

import pytest
from django.urls import reverse

from cms.entities.models import CalendarVersion, Occasion
from cms.reports.models import Deadline, Postponement
from cms.reports.postponing import plans
from tests import factories

pytestmark = pytest.mark.django_db
DAY = {
    "kind": "holiday",
    "name_ar": "إجازة اليوم",
    "name_en": "The day",
    "first_day": "2026-12-06",
    "last_day": "2026-12-07",
    "source": "announced",
    "code": "the-day",
}


def test_a_holiday_is_announced_and_applied_as_it_was_read(client_of, people, catalogue):
    report = factories.submitted_report()
    due = Deadline.objects.get(report=report, promise="resolution")
    Deadline.objects.filter(pk=due.pk).update(minutes=40 * 7 * 60, due_at="2027-01-17T11:30:00Z")
    admin = client_of(people.admin)

    # The form says what is wrong, and nothing is kept.
    wrong = {**DAY, "last_day": "2026-12-01", "place": catalogue.town.pk}
    page = admin.post(reverse("occasions:add"), wrong)
    assert set(page.context["form"].errors) == {"last_day", "place"}
    assert not Occasion.objects.exists()

    page = admin.post(reverse("occasions:add"), DAY, follow=True)
    occasion = Occasion.objects.get()
    assert (occasion.first_day, occasion.last_day) == (date(2026, 12, 6), date(2026, 12, 7))
    newest = CalendarVersion.objects.order_by("-number")[0]
    assert "the-day" in [row["code"] for row in newest.hours["dated"]]
    assert f"?occasion={occasion.pk}" in page.content.decode()

    answer = admin.post(reverse("desk:postponements"), {"occasion": occasion.pk})
    made = Postponement.objects.get()
    address = reverse("desk:postponement", args=[made.pk])
    assert answer["Location"] == address
    read = admin.get(address)
    # Administrators see no report: they read the promise and its times, and no number.
    assert [row.report for row in read.context["rows"]] == [None]
    assert report.reference not in read.content.decode()
    supervisor = client_of(people.supervisor)
    assert supervisor.get(address).context["rows"][0].report.reference == report.reference
    given = {"do": "confirm", "seen": made.shown, "reason": "أُعلنت."}
    assert supervisor.post(address, given).status_code in (302, 403)
    made.refresh_from_db()
    assert made.state == "planned"

    # Without a reason, and against another list than the one that was read, nothing is confirmed.
    assert admin.post(address, {**given, "reason": ""}).status_code == 422
    assert admin.post(address, {**given, "seen": "0" * 16}).status_code == 422
    assert admin.post(address, given).status_code == 302
    plans.run(made.pk)
    done = admin.get(f"{address}?outcome=moved").context
    assert (done["plan"].state, [row.outcome for row in done["rows"]]) == ("done", ["moved"])
    assert admin.get(reverse("desk:postponement_progress", args=[made.pk])).status_code == 200

    # What was applied is not deleted any more.
    admin.post(reverse("occasions:delete", args=[occasion.pk]))
    assert Occasion.objects.filter(pk=occasion.pk).exists()
    other = Occasion.objects.create(
        code="x", kind="working", first_day=date(2026, 12, 12), last_day=date(2026, 12, 12), name_ar="س"
    )
    admin.post(reverse("occasions:delete", args=[other.pk]))
    assert not Occasion.objects.filter(pk=other.pk).exists()


def test_a_single_day_that_is_worked_has_hours_past_midnight(client_of, people, catalogue):
    given = {**DAY, "kind": "working", "last_day": DAY["first_day"]}
    admin = client_of(people.admin)
    page = admin.post(reverse("occasions:add"), given)
    assert set(page.context["form"].errors) == {"begins"}
    admin.post(reverse("occasions:add"), {**given, "begins": "20:00", "ends": "02:00"})
    occasion = Occasion.objects.get()
    assert occasion.hours == [[1200, 1560]]
    form = admin.get(reverse("occasions:edit", args=[occasion.pk])).context["form"]
    assert (form["begins"].value(), form["ends"].value()) == ("20:00", "02:00")
