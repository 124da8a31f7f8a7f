"""The contract of access: each surface of the search gives each role what `visible_to` gives it, and counts
of that; on both backends. The reports are those of `tests.search.leaks`.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.desk.models import SavedSearch, SearchExport
from cms.desk.searching import exporting, suggesting, watching
from cms.entities.snapshot import catalogue as read_catalogue
from cms.reports.actors import SYSTEM, Actor, StaffActor
from cms.reports.files import storing
from cms.reports.models import Report
from cms.reports.workflow import OPEN
from permissions.policy import scope_of
from search import searching
from search.asking import Asked, Filter, Order
from search.queries import parse
from search.wanted import FACETS
from tests.search import leaks
from tests.search.leaks import COMMON, RARE, World, ask, is_staff, pks, wrong

pytestmark = pytest.mark.django_db


def test_the_roles_differ_in_what_they_see(world: World) -> None:
    """Or the rest would prove nothing: hardly two see the same, and something is seen by each that should."""
    seen = {name: frozenset(world.sees(actor)) for name, actor in world.actors.items()}
    nothing = {"agent", "editor", "admin", "specialist2", "who has left", "superuser"}
    nothing |= {"sends for nobody", "sends for north"}
    assert {name for name, pks in seen.items() if not pks} == nothing
    assert len(set(seen.values())) >= 11
    assert seen["system"] == set(world.reports.values())
    assert set(world.finds(SYSTEM)) < seen["system"]


@pytest.mark.parametrize("typed", ["", COMMON])
def test_hits_and_totals(typed: str, backend: str, world: World) -> None:
    for order in Order:
        assert not wrong(
            world,
            lambda actor, order=order: ((found := ask(actor, typed, order=order)).total, pks(found.hits)),
            lambda actor: (len(right := world.finds(actor)), right),
        ), order


def test_page_after_page(backend: str, world: World) -> None:
    def pages(actor: Actor) -> tuple[set[int], set[int]]:
        asked = Asked(query=parse(COMMON), size=3)
        seen: list[int] = []
        totals = set()
        while True:
            page = searching.search(actor, asked, at=timezone.now())
            seen += [hit.report.pk for hit in page.hits]
            totals.add(page.total)
            if not page.after:
                assert len(seen) == len(set(seen))
                return set(seen), totals
            asked = replace(asked, after=page.after)

    assert not wrong(world, pages, lambda actor: (right := world.finds(actor), {len(right)}), staff=True)


def test_each_word_is_found_by_whoever_may_read_it(backend: str, world: World) -> None:
    for word in world.words:
        assert not wrong(
            world,
            lambda actor, word=word: pks(ask(actor, word).hits),
            lambda actor, word=word: world.finds_by(word, actor),
        ), word


def test_what_is_left_out_by_a_word_tells_nothing_of_it(backend: str, world: World) -> None:
    """“-word” leaves out those where one may read the word; a note of others keeps nothing from anybody."""
    internal = [word for word, (_, event) in world.words.items() if event is not None]
    for word in internal:
        assert not wrong(
            world,
            lambda actor, word=word: pks(ask(actor, f"-{word}").hits),
            lambda actor, word=word: world.finds(actor) - world.finds_by(word, actor),
        ), word


def test_what_is_marked_is_of_what_one_may_read(backend: str, world: World) -> None:
    """A hit by its text shows nothing of its internal texts to who reads none."""
    internal = {word for word, (_, event) in world.words.items() if event is not None}

    def shown(actor: Actor) -> set[str]:
        # Any of the words is enough where not all are there; those that are read are marked.
        found = set()
        for word in internal:
            asked = Asked(query=parse(f"{COMMON} {word}"), size=100)
            for hit in searching.search(actor, asked, at=timezone.now()).hits:
                for name, pieces in hit.highlights.items():
                    said = "".join(piece.text for piece in pieces)
                    found |= {f"{name}:{one}" for one in internal if one in said}
        return {told.partition(":")[2] for told in found}

    def may(actor: Actor) -> set[str]:
        return {word for word in internal if world.finds_by(word, actor)}

    assert not wrong(world, lambda actor: shown(actor) <= may(actor), lambda actor: True)
    assert shown(world.actors["specialist"])


@pytest.mark.parametrize("typed", ["", RARE])
def test_facets_and_the_histogram(typed: str, backend: str, world: World) -> None:
    def counts(actor: Actor) -> dict[str, Counter[str]]:
        found = ask(actor, typed, facets=FACETS, histogram="month")
        told = {
            name: +(Counter({one.key: one.count for one in facet.buckets}) + Counter({"": facet.other}))
            for name, facet in found.facets.items()
        }
        return {name: counted for name, counted in told.items() if counted} | {
            "months": Counter({one.key[:7]: one.count for one in found.histogram})
        }

    def right(actor: Actor) -> dict[str, Counter[str]]:
        those = world.finds(actor) & (world.having(typed) if typed else world.sees(actor))
        told = {name: Counter(leaks.counted(those, name)) for name in FACETS}
        months = Report.objects.filter(pk__in=those).values_list("submitted_at", flat=True)
        return {name: counted for name, counted in told.items() if counted} | {
            "months": Counter(f"{timezone.localtime(at):%Y-%m}" for at in months)
        }

    assert not wrong(world, counts, right)


def test_facets_of_what_was_chosen(backend: str, world: World) -> None:
    chosen = Filter(states=("with_entity",), entities=("water",))

    def right(actor: Actor) -> tuple[int, Counter[str], Counter[str]]:
        those = Report.objects.filter(pk__in=world.finds(actor))
        at_water = set(those.filter(entity__code="water").values_list("pk", flat=True))
        waiting = set(those.filter(state="with_entity").values_list("pk", flat=True))
        return (
            len(at_water & waiting),
            Counter(leaks.counted(at_water, "states")),
            +Counter({key: n for key, n in Counter(leaks.counted(waiting, "entities")).items() if key}),
        )

    def given(actor: Actor) -> tuple[int, Counter[str], Counter[str]]:
        found = ask(actor, filter=chosen, facets=("states", "entities"))
        told = [
            Counter({one.key: one.count for one in found.facets[name].buckets})
            if name in found.facets
            else Counter()
            for name in ("states", "entities")
        ]
        return found.total, told[0], told[1]

    assert not wrong(world, given, right)


def test_a_number_opens_what_one_sees_from_its_first_moment(backend: str, world: World) -> None:
    for pk, reference in Report.objects.values_list("pk", "reference"):
        assert not wrong(
            world,
            lambda actor, reference=reference: pks(ask(actor, reference).hits),
            lambda actor, pk=pk: world.sees(actor) & {pk},
        )


def test_a_number_that_is_being_typed_proposes_what_one_sees(backend: str, world: World) -> None:
    """From its first moment too; and the saved searches of others are proposed to nobody."""
    cat = read_catalogue()
    for name, actor in world.actors.items():
        if isinstance(actor, StaffActor):
            SavedSearch.objects.create(person=actor.user, name=f"{COMMON} {name}", query="")

    def proposed(typed: str, group: str, actor: Any) -> list[str]:
        found = suggesting.suggest(typed, actor, scope_of(actor.user), cat, at=timezone.now())
        return [row.label for one in found if one.name == group for row in one.rows]

    for pk, reference in Report.objects.values_list("pk", "reference"):
        for typed in (reference[:9], reference.lower().replace("-", " ")):
            # Two of so few that begin alike would be chance, and right.
            alike = set(
                Report.objects.filter(reference__startswith=reference[:9]).values_list("pk", flat=True)
            )
            those = alike if typed == reference[:9] else {pk}
            assert not wrong(
                world,
                lambda actor, typed=typed: set(proposed(typed, "reports", actor)),
                lambda actor, those=those: references(world.sees(actor) & those),
                staff=True,
            )
    assert not wrong(
        world,
        lambda actor: proposed(COMMON, "saved", actor),
        lambda actor: list(SavedSearch.objects.filter(person=actor.user).values_list("name", flat=True)),
        staff=True,
    )


def test_similar_ones(backend: str, world: World) -> None:
    one = Report.objects.get(pk=world.reports["answered"])
    assert not wrong(
        world,
        lambda actor: pks(searching.similar(actor, one, at=timezone.now(), limit=100)),
        lambda actor: world.finds(actor) - {one.pk},
    )


def test_similar_ones_that_a_stranger_is_told_of(backend: str, world: World) -> None:
    cases = searching.similar_public(
        f"{leaks.TEXT} {RARE}", service="lamp", place="town.safra", point=None, at=timezone.now(), limit=100
    )
    told = {signing.loads(case.key, salt="search.case") for case in cases}
    public = Report.objects.filter(
        pk__in=world.finds(SYSTEM), privacy="normal", about_entity=None, erased_at=None
    )
    near = {one.public_id.hex for one in public if one.state in OPEN and one.place.code.startswith("town")}
    assert told == near


def test_the_page_of_similar_ones(backend: str, world: World, contexts: None) -> None:
    one = Report.objects.get(pk=world.reports["answered"])

    def shown(actor: Any) -> Any:
        client = Client()
        client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
        answer = client.get(
            reverse("desk:alike", args=[one.public_id]), headers={"X-Requested-With": "XMLHttpRequest"}
        )
        if answer.status_code != 200:
            return None
        return {row["report"].pk for row in answer.context["alike"]} <= world.finds(actor)

    assert not wrong(world, shown, lambda actor: True if one.pk in world.sees(actor) else None, staff=True)


def test_what_a_watched_search_counts(backend: str, world: World) -> None:
    now, cat = timezone.now(), read_catalogue()
    today = timezone.localdate(now)
    since = today - timedelta(days=2)
    assert not wrong(
        world,
        lambda actor: watching.new_in(f"q={RARE}", actor.user, since, today, cat, now),
        lambda actor: len(world.finds(actor) & world.having(RARE)),
        staff=True,
    )


def test_an_exports_rows(backend: str, world: World, folder: Any) -> None:
    def rows(actor: Any) -> set[str]:
        made = exporting.ask(
            actor.user, "col=reference&col=text", "csv", total=1, language="ar", at=timezone.now()
        )
        assert made is not None
        assert exporting.run(made.pk)
        export = SearchExport.objects.get(pk=made.pk)
        assert export.state == SearchExport.State.DONE
        with storing.storage().open(
            export.file.name if hasattr(export.file, "name") else export.file
        ) as file:
            told = list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"))))
        assert export.rows == len(told) - 1
        return {row[0] for row in told[1:]}

    assert not wrong(
        world,
        rows,
        lambda actor: set(
            Report.objects.filter(pk__in=world.finds(actor)).values_list("reference", flat=True)
        ),
        staff=True,
    )


SEARCH = """query($q: String!) { searchReports(query: $q, first: 50) {
  hits { report { reference } } total facets { name buckets { key count } } } }"""
SIMILAR = "query($r: ID!) { similarReports(reference: $r) { report { reference } } }"


def graphql(actor: Any, query: str, variables: Any) -> Any:
    client = Client()
    client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["csrftoken"] = "a" * 32
    body = json.dumps({"query": query, "variables": variables})
    headers = {"X-CSRFToken": "a" * 32}
    return client.post("/graphql", body, content_type="application/json", headers=headers).json()


def references(those: set[int]) -> set[str]:
    return set(Report.objects.filter(pk__in=those).values_list("reference", flat=True))


def test_graphql(backend: str, world: World) -> None:
    def found(actor: Actor) -> Any:
        told = graphql(actor, SEARCH, {"q": ""})["data"]["searchReports"]
        states = next((one["buckets"] for one in told["facets"] if one["name"] == "states"), [])
        return (
            {hit["report"]["reference"] for hit in told["hits"]},
            told["total"],
            {one["key"]: one["count"] for one in states},
        )

    def right(actor: Actor) -> Any:
        those = world.finds(actor)
        return references(those), len(those), dict(Counter(leaks.counted(those, "states")))

    assert not {
        name: both
        for name, actor in world.actors.items()
        if isinstance(actor, StaffActor) and (both := (found(actor), right(actor)))[0] != both[1]
    }
    one = Report.objects.get(pk=world.reports["answered"])
    for name, actor in world.actors.items():
        if not isinstance(actor, StaffActor):
            continue
        told = graphql(actor, SIMILAR, {"r": one.reference})
        if one.pk not in world.sees(actor):
            assert [error["extensions"]["code"] for error in told["errors"]] == ["NOT_FOUND"], name
        else:
            alike = {row["report"]["reference"] for row in told["data"]["similarReports"]}
            assert alike, name
            assert alike <= references(world.finds(actor)), name


def test_words_that_rise(backend: str, world: World) -> None:
    """A word is told of as many reports as one finds by it, or of fewer: never of those one does not see."""
    of = {word: world.having(word) for word in (COMMON, RARE)}

    def rising(actor: Actor) -> dict[str, int]:
        told = searching.rising(actor, Asked(), at=timezone.now(), limit=50)
        return {one.key: one.count for one in told if one.key in of}

    found = {name: rising(actor) for name, actor in world.actors.items()}
    assert not {
        (name, word): count
        for name, told in found.items()
        for word, count in told.items()
        if count > len(of[word] & world.finds(world.actors[name]))
    }
    assert RARE in found["system"]
    assert not [
        name
        for name, told in found.items()
        if RARE in told and len(of[RARE] & world.finds(world.actors[name])) < 3
    ]


def test_what_the_page_draws(backend: str, world: World, contexts: None) -> None:
    """Hits, total, chips of facets, tiles of the map, and two years side by side."""

    def drawn(actor: Any) -> Any:
        client = Client()
        client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
        tiles = client.get("/admin/report-search/?show=map&size=100").context
        compared = client.get("/admin/report-search/?show=compare").context
        return (
            {one.row.report.pk for one in tiles["found"]},
            tiles["total"],
            sum(tile.count for tile in tiles["tiles"]),
            compared["compared"]["now"],
            compared["compared"]["before"],
        )

    def right(actor: Actor) -> Any:
        those = world.finds(actor)
        new_year = timezone.localtime().replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
        of_this_year = Report.objects.filter(pk__in=those, submitted_at__gte=new_year).count()
        return those, str(len(those)), len(those), str(of_this_year), "0"

    assert not wrong(world, drawn, right, staff=True)


def test_who_sees_nothing_opens_no_page(world: World, backend: str) -> None:
    for name, actor in world.actors.items():
        if isinstance(actor, StaffActor) and not is_staff(actor):
            client = Client()
            client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
            answer = client.get("/admin/report-search/", headers={"X-Requested-With": "XMLHttpRequest"})
            assert answer.status_code in (302, 403), name
