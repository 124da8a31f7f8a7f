"""What the search proposes while one types: numbers of reports, places, services, saved searches."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from cms.desk.models import SavedSearch
from cms.desk.searching import suggesting
from cms.entities.models import Service
from cms.entities.snapshot import catalogue as read_catalogue
from cms.reports import reference
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from permissions.models import User
from permissions.policy import scope_of
from search import searching
from tests import factories

pytestmark = pytest.mark.django_db
# Wagtail leads who may not to the first page, and says 403 to scripts.
TOLD = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture
def region(catalogue: factories.SmallCatalogue) -> factories.SmallCatalogue:
    """Places and services with names as people write them."""
    for code, arabic, english in (
        ("rass", "الرس", "Ar Rass"),
        ("asyah", "الأسياح", "Al Asyah"),
        ("unayzah", "عنيزة", "Unayzah"),
    ):
        factories.PlaceFactory(
            parent=catalogue.region, code=code, kind="governorate", name_ar=arabic, name_en=english
        )
    category = catalogue.lamp.category
    for code, arabic, english, keywords in (
        ("schools", "صيانة المباني المدرسية", "School buildings", ["مدرسة", "فصل"]),
    ):
        factories.ServiceFactory(
            code=code, category=category, name_ar=arabic, name_en=english, keywords_ar=keywords
        )
    return catalogue


def found(typed: str, user: User) -> dict[str, list[tuple[str, str]]]:
    """Group → (what is proposed, the words that stay beside it)."""
    actor, now = StaffActor(user), timezone.now()
    groups = suggesting.suggest(typed, actor, scope_of(user), read_catalogue(), at=now)
    return {group.name: [(row.value or row.label, row.rest) for row in group.rows] for group in groups}


# --- Places and services ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "place", "rest"),
    [
        ("عني", "unayzah", ""),
        ("عنيزه", "unayzah", ""),
        ("عُنيـزة", "unayzah", ""),
        ("اسياح", "asyah", ""),
        ("الاسي", "asyah", ""),
        ("بالأسياح", "asyah", ""),
        ("un", "unayzah", ""),
        ("AL ASY", "asyah", ""),
        ("تسرب مياه الرس", "rass", "تسرب مياه"),
        ("حفرة في شارع في عني", "unayzah", "حفرة في شارع"),
        ("رس", "rass", ""),
        ("مكان:عني", "unayzah", ""),
        ("حفره المكان: عني", "unayzah", "حفره"),
        ('place:"al asy', "asyah", ""),
    ],
)
def test_a_place_is_found_however_it_is_begun(
    people: factories.People, region: factories.SmallCatalogue, typed: str, place: str, rest: str
) -> None:
    assert found(typed, people.supervisor)["places"] == [(place, rest)]


@pytest.mark.parametrize(
    ("typed", "service", "rest"),
    [
        ("صيان", "schools", ""),
        ("المباني المدرسيه", "schools", ""),
        # The plural, and what people call it.
        ("مدارس", "schools", ""),
        ("مويه", "leak", ""),
        ("تسرب الميا", "leak", ""),
        ("water le", "leak", ""),
        ("عاجل جدا مدارس", "schools", "عاجل جدا"),
        ("خدمة:مدر", "schools", ""),
    ],
)
def test_a_service_is_found_by_its_name_and_by_what_it_is_called(
    people: factories.People, region: factories.SmallCatalogue, typed: str, service: str, rest: str
) -> None:
    assert found(typed, people.supervisor)["services"] == [(service, rest)]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ع",
        "على",
        "قغقغقغ",
        "-عنيزة",
        "حفرة -عني",
        '"عني',
        "جهة:عني",
        "state:عني",
        "QS",
        "QS-26-",
        "QS-26-7K",
    ],
)
def test_what_is_no_name_or_too_little_proposes_nothing(
    people: factories.People, region: factories.SmallCatalogue, typed: str
) -> None:
    factories.submitted_report()
    assert found(typed, people.supervisor) == {}


def test_a_service_that_is_given_up_is_still_a_filter(
    people: factories.People, region: factories.SmallCatalogue
) -> None:
    row = Service.objects.get(code="schools")
    row.is_active = False
    row.save()
    assert found("صيانة المب", people.supervisor)["services"] == [("schools", "")]


def test_only_so_many_and_those_that_begin_so_first(
    people: factories.People, region: factories.SmallCatalogue
) -> None:
    names = ["حي النخيل", "النخيل الشرقي", *(f"النخلة {number}" for number in range(8))]
    for number, name in enumerate(names):
        factories.PlaceFactory(parent=region.region, code=f"n{number}", name_ar=name, name_en=f"N{number}")
    told = [code for code, _ in found("نخ", people.supervisor)["places"]]
    assert len(told) == suggesting.MOST
    assert "n0" not in told
    assert found("نخيل", people.supervisor)["places"] == [("n1", ""), ("n0", "")]


def test_a_governorate_comes_before_the_quarters_that_begin_alike(
    people: factories.People, region: factories.SmallCatalogue
) -> None:
    above = factories.PlaceFactory(parent=region.region, code="g0", name_ar="أبانات", name_en="G0")
    factories.PlaceFactory(parent=above, code="q0", name_ar="الشملي", name_en="Q0")
    factories.PlaceFactory(parent=region.region, code="g1", name_ar="الشماسية", name_en="G1")
    assert [code for code, _ in found("الشم", people.supervisor)["places"]] == ["g1", "q0"]


# --- Numbers of reports -----------------------------------------------------------------------------------


def test_a_number_in_any_form_proposes_the_reports_that_begin_so(people: factories.People) -> None:
    report = factories.submitted_report()
    year, body, check = report.reference.split("-")[1:]
    eastern = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    for typed in (
        f"QS-{year}-{body[:3]}",
        f"qs {year} {body[:4].lower()}",
        f"{year}{body[:5]}",
        f"QS-{year}-{body}-{check}".translate(eastern),
        f"ref:{year}-{body}",
        f"رقم: qs{year}{body[:6]}",
        f"  q s . {year} / {' '.join(body)}",
    ):
        assert found(typed, people.supervisor)["reports"] == [(report.reference, "")], typed
    other = "0" if check != "0" else "1"
    for typed in (f"QS-{year}-{body[:2]}", f"QS-{year}-{body}-{other}", f"QS-{year}-{body}-{check}5"):
        assert "reports" not in found(typed, people.supervisor), typed


@given(st.text(max_size=40))
def test_the_ends_of_a_range_are_of_one_shape_and_hold_what_begins_so(typed: str) -> None:
    drawn = reference.draw("QS", 2026)
    for text in (typed, drawn[: 9 + len(typed) % 7], drawn.lower()[3:9] + typed):
        ends = reference.begun(text, "QS")
        if ends is not None:
            assert [len(end) for end in ends] == [len(drawn)] * 2
            assert ends[0] <= ends[1]
    for end in range(9, len(drawn) + 1):
        ends = reference.begun(drawn[:end], "QS")
        assert ends is not None
        assert ends[0] <= drawn <= ends[1]
        assert ends[0][:end] == ends[1][:end] == drawn[:end]


def test_the_reports_are_read_by_a_range_of_their_index_alone(people: factories.People) -> None:
    for _ in range(2):
        factories.submitted_report()
    typed = "QS-26-7K4"
    assert reference.begun(typed, "QS") == ("QS-26-7K40000-0", "QS-26-7K4ZZZZ-Z")
    one, _ = Report.objects.order_by("pk")
    Report.objects.filter(pk=one.pk).update(reference=reference.example("QS"))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Of a handful of rows the whole table is cheaper than any index.
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    for user in (people.supervisor, people.leader):
        with CaptureQueriesContext(connection) as captured:
            assert found(typed, user)["reports"] == [(reference.example("QS"), "")]
        first, second = (one["sql"] for one in captured if 'FROM "reports_report"' in one["sql"])
        of_a_range = "Index Cond: (((reference)::text >= ", "(reference>? AND reference<?)"
        assert any(said in plan_of(first) for said in of_a_range), plan_of(first)
        # By their ids, whatever else one sees by; of two rows PostgreSQL may filter what another index gives.
        assert re.search(r"rowid=\?|(Index Cond|Filter): .*\bid = ", plan_of(second)), plan_of(second)


def plan_of(sql: str) -> str:
    """How the database goes about a statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'' if connection.vendor == 'postgresql' else 'QUERY PLAN '}{sql}")
        return "\n".join(" ".join(str(part) for part in row) for row in cursor.fetchall())


# --- Saved searches ---------------------------------------------------------------------------------------


def test_saved_searches_are_ones_own_or_shared_where_one_serves(people: factories.People) -> None:
    north = people.coordinator.memberships.get().entity

    def save(person: User, name: str, **given: Any) -> None:
        SavedSearch.objects.create(person=person, name=name, query=f"q={name}", **given)

    save(people.leader, "مدارس الرس")
    save(people.coordinator, "المدارس المتأخرة", is_shared=True, entity=north)
    save(people.coordinator, "مدارس لي وحدي")
    save(people.supervisor, "مدارس المنطقة", is_shared=True)
    told = found("مدارس", people.leader)["saved"]
    assert sorted(name for name, _ in told) == ["المدارس المتأخرة", "مدارس الرس"]
    # In the singular, and by two words of it.
    assert found("المدرسة", people.leader)["saved"] == told
    assert found("رس مدار", people.leader)["saved"] == [("مدارس الرس", "")]
    assert "saved" not in found("مدارس الرس حفرة", people.leader)
    assert [name for name, _ in found("منطق", people.auditor)["saved"]] == ["مدارس المنطقة"]


# --- The address ------------------------------------------------------------------------------------------


def test_the_options_lead_on_and_are_text(
    client_of: Callable[[User], Client], people: factories.People, region: factories.SmallCatalogue
) -> None:
    report = factories.submitted_report(title='<b>"مصباح"</b>')
    SavedSearch.objects.create(person=people.leader, name="<i>عنيزة</i>", query="q=a&state=open")
    client, there = client_of(people.leader), reverse("desk:search_suggestions")
    said = client.get(there, {"q": report.reference[:9]}).content.decode()
    assert f'data-address="{reverse("desk:report", args=[report.public_id])}"' in said
    assert "&lt;b&gt;&quot;مصباح&quot;&lt;/b&gt;" in said
    answer = client.get(there, {"q": '<a href="/"> عني'})
    said = answer.content.decode()
    assert 'data-name="place" data-value="unayzah" data-rest="&lt;a href=&quot;/&quot;&gt;"' in said
    assert "no-store" in answer["Cache-Control"]
    said = client.get(there, {"q": "عنيزه"}).content.decode()
    assert 'data-address="/admin/report-search/?q=a&amp;state=open"' in said
    assert "&lt;i&gt;عنيزة" in said
    assert "<i>" not in said
    with translation.override("en"):
        assert "option" not in client.get(there, {"q": "zzzz"}).content.decode()
    for nothing in ({}, {"q": "\0"}, {"q": "كلمة " * 3000}, {"q": ":" * 50}, {"q": '"' * 99}):
        assert client.get(there, nothing).status_code == 200
    assert client.post(there, {"q": "عني"}).status_code == 405
    for who in (people.agent, people.editor, people.admin):
        assert client_of(who).get(there, {"q": "عني"}, headers=TOLD).status_code == 403


def test_it_is_four_statements_at_the_most(
    client_of: Callable[[User], Client],
    people: factories.People,
    region: factories.SmallCatalogue,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    reports = [factories.submitted_report() for _ in range(4)]
    for person in (people.leader, people.specialist):
        actor, scope = StaffActor(person), scope_of(person)
        for typed in (reports[0].reference[:9], "تسرب مياه عني", reports[1].reference):
            SavedSearch.objects.create(person=person, name=f"{typed} {person.pk}", query="")
            # The stamp of the catalogue, the reports, the saved searches.
            with django_assert_max_num_queries(4):
                suggesting.suggest(typed, actor, scope, read_catalogue(), at=timezone.now())


def test_it_is_the_same_while_the_search_server_is_away(
    client_of: Callable[[User], Client],
    people: factories.People,
    region: factories.SmallCatalogue,
    settings: Any,
) -> None:
    report = factories.submitted_report()
    client, there = client_of(people.leader), reverse("desk:search_suggestions")

    def told() -> list[bytes]:
        return [client.get(there, {"q": typed}).content for typed in (report.reference[:9], "مدارس", "عني")]

    before = told()
    assert all(b"option" in one for one in before)
    # Nothing listens there.
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"
    searching.forget()
    assert told() == before
    searching.forget()
