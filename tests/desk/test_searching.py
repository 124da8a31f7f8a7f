"""The search's page: what an address asks, who finds what, what is drawn of it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from cms.desk.models import SavedSearch, SearchWatch
from cms.desk.searching import address, heat, histogram
from cms.desk.searching.hits import markup
from cms.entities.snapshot import catalogue
from cms.notifications.templates_data import load_templates
from cms.outbox import lines
from cms.reports.models import Report
from permissions.models import User
from search import searching
from search.asking import Order
from search.results import Bucket, Piece
from search.scope import LINE
from tests import factories

pytestmark = pytest.mark.django_db
PAGE = "/admin/report-search/"
# Wagtail leads who may not to the first page, and says 403 to scripts.
TOLD = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture
def lamps(people: factories.People) -> dict[str, Report]:
    """Two reports of the north branch, one of the water company."""
    now = timezone.now()
    found = {
        "old": factories.submitted_report(title="مصباح قديم", at=now - timedelta(days=400)),
        "new": factories.submitted_report(title="مصباح <b>جديد</b>", place="town"),
        "water": factories.submitted_report(
            service="leak", answers={}, title="تسرب", text="ماء قرب مصباح الشارع منذ يومين."
        ),
    }
    lines.run(LINE)
    return found


def titles(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"{PAGE}?{query}")
    assert answer.status_code == 200
    return sorted(one.row.report.title for one in answer.context["found"])


# --- The address ------------------------------------------------------------------------------------------


def test_what_names_nothing_is_left_out_and_told(people: factories.People) -> None:
    given = "state=closed&state=nonsense&place=town&place=zz&kind=x&late=late&since=2026-13-01&sort=zz&size=7"
    asked = address.read(
        QueryDict(f"{given}&after=<x>&show=zz&bars=year&col=a&until=2026-11-01"), catalogue()
    )
    assert asked.chosen == {"place": ("town",), "state": ("closed",), "late": ("late",)}
    assert (asked.dropped, asked.since, asked.until, asked.after) == (4, None, date(2026, 11, 1), "")
    assert (asked.order, asked.size, asked.show, asked.bars) == (Order.newest, 20, "time", "")
    assert asked.filter.late == ("late",)
    both = address.read(QueryDict("late=late&late=on_time&since=2026-02-01&until=2026-01-01"), catalogue())
    assert (both.filter.late, both.turned, both.since) == (("late", "on_time"), True, date(2026, 1, 1))


def test_a_link_asks_the_same_with_something_else() -> None:
    links = address.Links(QueryDict("q=a&state=closed&state=open&after=x&csrf=1&size=50"))
    assert parse_qs(links.without("state", "open")[1:]) == {"q": ["a"], "state": ["closed"], "size": ["50"]}
    assert parse_qs(links.to(q="", sort="due")[1:]) == {
        "state": ["closed", "open"],
        "sort": ["due"],
        "size": ["50"],
    }


def test_the_bars_fill_what_is_empty_and_lead_into_their_span() -> None:
    links = address.Links(QueryDict("q=a"))
    buckets = [Bucket("2026-01-01", 4), Bucket("2026-03-01", 2)]
    with translation.override("ar"):
        drawn = histogram.chart(buckets, "month", links, before=[Bucket("2025-03-01", 1)])
    assert drawn is not None
    assert [(bar.first, bar.last, bar.count, bar.before) for bar in drawn.bars] == [
        (date(2026, 1, 1), date(2026, 1, 31), 4, 0),
        (date(2026, 2, 1), date(2026, 2, 28), 0, 0),
        (date(2026, 3, 1), date(2026, 3, 31), 2, 1),
    ]
    asked = parse_qs(drawn.bars[1].address[1:])
    assert asked == {"q": ["a"], "since": ["2026-02-01"], "until": ["2026-02-28"]}
    # In Arabic the oldest stands right, in English left.
    assert float(drawn.bars[0].x) > float(drawn.bars[2].x)
    with translation.override("en"):
        turned = histogram.chart(buckets, "month", links)
    assert turned is not None
    assert float(turned.bars[0].x) < float(turned.bars[2].x)
    assert histogram.chart([], "day", links) is None
    assert histogram.shifted(date(2028, 2, 29), -1) == date(2027, 2, 28)


def test_tiles_lie_as_the_places_do() -> None:
    cells = heat.laid_out([("west", 42.0, 26.0), ("north", 43.5, 27.0), ("east", 45.0, 26.0)])
    assert cells == {"west": (1, 5), "north": (3, 1), "east": (6, 5)}
    assert heat.laid_out([("a", None, None), ("b", 1.0, 1.0)]) == {}
    assert [heat.shade(count, 40) for count in (0, 1, 10, 11, 21, 31)] == [0, 1, 1, 2, 3, 4]


def test_what_was_found_is_text_and_never_markup() -> None:
    pieces = (Piece("<script>"), Piece('a"b', marked=True), Piece("</p>"))
    assert markup(pieces) == "&lt;script&gt;<mark>a&quot;b</mark>&lt;/p&gt;"


# --- The page ---------------------------------------------------------------------------------------------


def test_each_finds_what_they_may_see_and_counts_no_more(
    client_of: Callable[[User], Client], people: factories.People, lamps: dict[str, Report]
) -> None:
    supervisor = client_of(people.supervisor)
    assert titles(supervisor) == ["تسرب", "مصباح <b>جديد</b>", "مصباح قديم"]
    assert titles(supervisor, "q=مصباح&entity=water") == ["تسرب"]
    leader = client_of(people.leader)
    assert titles(leader, "q=مصباح") == ["مصباح <b>جديد</b>", "مصباح قديم"]
    assert titles(leader, "q=مصباح&entity=water") == []
    answer = leader.get(f"{PAGE}?q=مصباح")
    counts = {g.name: {c.value: c.count for c in g.choices} for g in answer.context["groups"]}
    assert answer.context["counted"].total == 2
    assert counts["entity"] == {"municipality.north": 2}
    assert counts["place"] == {"town": 2}
    assert counts["state"] == {"open": 2, "with_entity": 2}
    assert counts["late"] == {"late": 1, "on_time": 1, "ended_late": 0}
    assert "أُجيبت أو أُغلقت متأخرة" in answer.content.decode()
    assert titles(leader, "late=late") == ["مصباح قديم"]
    assert titles(leader, "late=ended_late") == []
    assert sum(bar.count for bar in answer.context["chart"].bars) == 2
    assert "&lt;b&gt;" in answer.content.decode()
    assert "<b>جديد" not in answer.content.decode()
    today = timezone.localdate()
    assert titles(leader, f"since={today - timedelta(days=30)}") == ["مصباح <b>جديد</b>"]
    for who, status in (
        (people.agent, 403),
        (people.editor, 403),
        (people.admin, 403),
        (people.auditor, 200),
    ):
        assert client_of(who).get(PAGE, headers=TOLD).status_code == status


def test_every_panel_and_the_table_are_drawn(
    client_of: Callable[[User], Client], people: factories.People, lamps: dict[str, Report]
) -> None:
    client = client_of(people.supervisor)
    compared = client.get(f"{PAGE}?show=compare").context["compared"]
    # Of this year so far; the one of 400 days ago is of the same days of last year, or before them.
    year = timezone.localdate().replace(month=1, day=1)
    old = timezone.localdate() - timedelta(days=400)
    of_last_year = int(histogram.shifted(year, -1) <= old <= histogram.shifted(timezone.localdate(), -1))
    assert (compared["now"], compared["before"], compared["percent"]) == ("2", str(of_last_year), None)
    # What nobody chose cannot be taken away.
    assert client.get(f"{PAGE}?show=compare").context["chips"] == []
    assert len(client.get(f"{PAGE}?show=compare&since={year}").context["chips"]) == 1
    tiles = {tile.name: tile.count for tile in client.get(f"{PAGE}?show=map").context["tiles"]}
    assert tiles == {"البلدة": 3, "القرية": 0}
    assert client.get(f"{PAGE}?show=rising").status_code == 200
    table = client.get(f"{PAGE}?layout=table&col=reference&col=late&col=zz&sort=oldest").context["table"]
    assert next(cells for _address, cells in table["rows"]) == [
        ("رقم البلاغ", lamps["old"].reference),
        ("متأخر الآن", "نعم"),
    ]


def test_the_page_says_since_when_the_server_is_away(
    client_of: Callable[[User], Client],
    people: factories.People,
    lamps: dict[str, Report],
    settings: Any,
) -> None:
    client = client_of(people.leader)
    assert "بوضع محدود" not in client.get(PAGE).content.decode()
    # Nothing listens there.
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"
    searching.forget()
    pages = [client.get(PAGE) for _ in range(2)]
    since = pages[0].context["degraded_since"]
    # The order stays what it was, and can be chosen.
    relevance, *others = client.get(f"{PAGE}?q=مصباح").context["orders"]
    assert (relevance["current"], relevance["stopped"], relevance["simpler"]) == (True, False, True)
    assert not any(one["simpler"] for one in others)
    assert "الصلة (مبسّطة الآن)</a>" in client.get(f"{PAGE}?q=مصباح&sort=newest").content.decode()
    searching.forget()
    assert [page.context["degraded_since"] for page in pages] == [since, since]
    said = pages[1].content.decode()
    assert "خادم البحث لا يجيب منذ:" in said
    assert f'datetime="{since.isoformat(timespec="minutes")}"' in said


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("مصباح before:2026-99-99", "لا شيء هنا يُعرف بـ«before:2026-99-99»"),
        ("place:باريس", "لا شيء هنا يُعرف بـ«باريس»"),
        ("QS-26-7K4MQ2P-9", "في رقم البلاغ خطأ كتابي"),
    ],
    ids=["day", "place", "number"],
)
def test_what_was_not_understood_is_said(
    client_of: Callable[[User], Client], people: factories.People, typed: str, told: str
) -> None:
    assert told in client_of(people.supervisor).get(PAGE, {"q": typed}).content.decode()


def test_a_mistyped_word_is_named(
    client_of: Callable[[User], Client], people: factories.People, lamps: dict[str, Report]
) -> None:
    answer = client_of(people.supervisor).get(PAGE, {"q": "مصباج"})
    assert answer.context["found"]
    assert "لا شيء هنا يقول «مصباج»" in answer.content.decode()
    assert "لا شيء هنا يقول" not in client_of(people.supervisor).get(PAGE, {"q": "مصباح"}).content.decode()


def test_what_the_services_keywords_alone_say_is_told_so(
    client_of: Callable[[User], Client], people: factories.People
) -> None:
    factories.submitted_report(title="العمود مائل", text="يوشك أن يسقط على بيتنا منذ يومين.")
    lines.run(LINE)
    [found] = client_of(people.supervisor).get(PAGE, {"q": "لمبة"}).context["found"]
    assert (found.row.report.title, found.places) == ("العمود مائل", "الكلمات الدالة على خدمته")


def test_a_page_follows_the_other(
    client_of: Callable[[User], Client], people: factories.People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address, "SIZES", (2, 50, 100))
    for number in range(3):
        factories.submitted_report(title=f"مصباح {number}")
    lines.run(LINE)
    client = client_of(people.leader)
    first = client.get(f"{PAGE}?sort=oldest&size=2")
    second = client.get(f"{PAGE}{first.context['next']}")
    seen = [[one.row.report.title for one in page.context["found"]] for page in (first, second)]
    assert seen == [["مصباح 0", "مصباح 1"], ["مصباح 2"]]
    assert second.context["next"] == ""
    assert 'rel="prev"' not in first.content.decode()
    assert 'rel="prev"' in second.content.decode()
    back = client.get(f"{PAGE}{second.context['previous']}")
    assert [one.row.report.title for one in back.context["found"]] == seen[0]
    assert (back.context["previous"], back.context["first"]) == ("", "")
    assert [
        one.row.report.title for one in client.get(f"{PAGE}{back.context['next']}").context["found"]
    ] == seen[1]
    assert second.context["counted"].total == 3
    # A cursor that is nobody's begins at the first page.
    assert (
        client.get(f"{PAGE}?sort=oldest&size=2&after=abc").context["found"][0].row.report.title == "مصباح 0"
    )


def test_a_number_opens_its_report_for_who_sees_it(
    client_of: Callable[[User], Client], people: factories.People, lamps: dict[str, Report]
) -> None:
    typed = lamps["water"].reference.lower().replace("-", " ")
    there = client_of(people.supervisor).get(PAGE, {"q": typed})
    assert there.url == reverse("desk:report", args=[lamps["water"].public_id])
    hidden = client_of(people.leader).get(PAGE, {"q": typed})
    unknown = client_of(people.leader).get(PAGE, {"q": "QS-26-7K4MQ2P-0"})
    assert hidden.status_code == unknown.status_code == 200
    assert list(hidden.context["found"]) == list(unknown.context["found"]) == []


@pytest.mark.parametrize(
    "query",
    [
        "q=" + "كلمة+" * 2000,
        "q=%22%22%22((((*~?\\[]&sort=relevance",
        "q=%00%01&after=%FF%FE",
        "&".join(f"state=x{n}" for n in range(300)),
        "since=0000-00-00&until=99999-1-1",
        "q=before:9999-99-99+after:x+ref:",
    ],
)
def test_nothing_that_is_typed_breaks_the_page(
    client_of: Callable[[User], Client], people: factories.People, query: str
) -> None:
    assert client_of(people.leader).get(f"{PAGE}?{query}").status_code == 200


# --- Saved searches ---------------------------------------------------------------------------------------


def test_a_search_is_ones_own_or_shared_where_one_serves(
    client_of: Callable[[User], Client], people: factories.People
) -> None:
    load_templates()
    north = people.coordinator.memberships.get().entity_id
    coordinator, leader = client_of(people.coordinator), client_of(people.leader)
    new, listed = reverse("desk:save_search"), reverse("desk:searches")
    coordinator.post(new, {"name": " مياه  الرس ", "back": "q=مياه&after=x&csrf=1", "watch": "1"})
    coordinator.post(new, {"name": "مشترك", "back": "state=open", "share": str(north)})
    coordinator.post(new, {"name": "لغيري", "back": "q=a", "share": "region"})
    coordinator.post(new, {"name": "مشترك", "back": "q=b"})
    rows = list(SavedSearch.objects.order_by("pk").values_list("name", "is_shared", "entity_id"))
    assert rows == [("مياه الرس", False, None), ("مشترك", True, north)]
    own, shared = SavedSearch.objects.order_by("pk")
    assert parse_qs(own.query) == {"q": ["مياه"]}
    assert SearchWatch.objects.get().told_until == timezone.localdate() - timedelta(days=1)
    assert [one["search"].name for one in leader.get(listed).context["saved"]] == ["مشترك"]
    assert client_of(people.leader2).get(listed).context["saved"] == []
    # Who reads it may watch it, and change nothing else.
    change = reverse("desk:change_search", args=[shared.pk])
    assert leader.post(change, {"do": "watch"}).status_code == 302
    for do in ("rename", "delete", "unshare"):
        assert leader.post(change, {"do": do, "name": "x"}).status_code == 404
    other = reverse("desk:change_search", args=[own.pk])
    assert leader.post(other, {"do": "watch"}).status_code == 404
    shared.refresh_from_db()
    assert (shared.name, SearchWatch.objects.filter(person=people.leader).count()) == ("مشترك", 1)
    coordinator.post(change, {"do": "unshare"})
    assert not SearchWatch.objects.filter(person=people.leader).exists()
    coordinator.post(change, {"do": "delete"})
    assert list(SavedSearch.objects.values_list("name", flat=True)) == ["مياه الرس"]
