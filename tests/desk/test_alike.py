"""Similar reports at the desk: likely duplicates first, and the way from one to the form of merging."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.outbox import lines
from cms.reports.models import Report
from permissions.models import User
from search.scope import LINE
from tests import factories

pytestmark = pytest.mark.django_db
HOLE = "حفرة كبيرة في الطريق أمام المسجد"
HERE = {"latitude": 26.3300, "longitude": 43.9700}
# About 300 metres off, and about 700.
NEAR, FAR = {**HERE, "latitude": 26.3327}, {**HERE, "latitude": 26.3363}


@pytest.fixture
def told(people: factories.People) -> Callable[..., Report]:
    """A report of a hole, there, so many days ago."""

    def made(days: int = 0, text: str = HOLE, **where: float) -> Report:
        at = timezone.now() - timedelta(days=days)
        return factories.submitted_report(text=text, at=at, **(where or HERE))

    return made


def rows(client: Client, report: Report) -> list[dict[str, Any]]:
    lines.run(LINE)
    response = client.get(reverse("desk:alike", args=[report.public_id]))
    assert response.status_code == 200
    return list(response.context["alike"])


def test_duplicates_stand_first_and_lead_to_the_form_filled_in(
    client_of: Callable[[User], Client], people: factories.People, told: Callable[..., Report]
) -> None:
    report = told()
    long_ago, far, near = told(days=15), told(**FAR), told(days=13, text="حفرة قرب المسجد", **NEAR)
    client = client_of(people.coordinator)
    found = rows(client, report)
    assert {row["report"].pk for row in found} == {long_ago.pk, far.pk, near.pk}
    assert [row["report"].pk for row in found if row["is_duplicate"]] == [near.pk]
    assert found[0]["report"].pk == near.pk
    page = client.get(found[0]["merge"]).content.decode()
    form = page[page.index('id="act-merge"') :]
    form = form[: form.index("</details>")]
    assert " open" in form[: form.index(">")]
    chosen = [tag for tag in form.split("<input")[1:] if " checked" in tag]
    assert [near.reference in tag for tag in chosen] == [True]


def test_what_has_ended_long_ago_is_not_offered_and_what_still_waits_is(
    client_of: Callable[[User], Client], people: factories.People, told: Callable[..., Report], report_in: Any
) -> None:
    report, waits = told(), told(days=334)
    long_ago, lately = (timezone.now() - timedelta(days=days) for days in (100, 80))
    report_in("closed", text=HOLE, at=long_ago, **HERE)
    ended = report_in("closed", text=HOLE, at=lately, **HERE)
    found = rows(client_of(people.coordinator), report)
    assert {row["report"].pk for row in found} == {waits.pk, ended.pk}


def test_a_report_that_the_form_does_not_offer_is_filled_in_by_its_number(
    client_of: Callable[[User], Client], people: factories.People, told: Callable[..., Report]
) -> None:
    report, other = told(), told(days=20)
    client = client_of(people.coordinator)
    (row,) = rows(client, report)
    assert not row["is_duplicate"]
    page = client.get(row["merge"]).content.decode()
    assert f'value="{other.reference}"' in page[page.index('id="act-merge"') :]


def test_who_may_not_merge_and_what_cannot_be_merged_have_no_button(
    client_of: Callable[[User], Client], people: factories.People, told: Callable[..., Report], report_in: Any
) -> None:
    report, ended = told(), report_in("closed", text=HOLE, **HERE)
    about = told()
    Report.objects.filter(pk=about.pk).update(about_entity=people.coordinator.memberships.get().entity)
    other = told()
    by_leader = rows(client_of(people.leader), report)
    assert other.pk in {row["report"].pk for row in by_leader}
    assert {row["merge"] for row in by_leader} == {""}
    by_lead = {row["report"].pk: bool(row["merge"]) for row in rows(client_of(people.supervisor), report)}
    assert by_lead == {ended.pk: False, about.pk: False, other.pk: True}


@pytest.mark.parametrize("typed", ["", "x" * 5000, "QS-26-0000000-1", "\x00", "<b>", "%FF"])
def test_an_address_that_names_no_report_proposes_nothing(
    client_of: Callable[[User], Client], people: factories.People, told: Callable[..., Report], typed: str
) -> None:
    report = told()
    address = reverse("desk:report", args=[report.public_id])
    shown = client_of(people.coordinator).get(address, {"merge": typed})
    assert shown.status_code == 200
    (form,) = [row["form"] for row in shown.context["panels"] if row["spec"].action == "merge"]
    assert {"primary", "likely"}.isdisjoint(form.initial)
