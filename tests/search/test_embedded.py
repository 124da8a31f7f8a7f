"""The search in the database itself: what it finds, counts and marks, and for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from cms.entities.snapshot import catalogue as read_catalogue
from cms.reports import actions
from cms.reports.actors import StaffActor, SystemActor
from cms.reports.models import Report
from cms.reports.workflow import OPEN, State
from search.asking import Asked, Filter, Order
from search.backends import Like
from search.backends.embedded import asking, tables
from search.backends.embedded.finding import EmbeddedFinder
from search.backends.embedded.keeping import EmbeddedStore
from search.backends.embedded.wording import MOST_IN_PHRASE, MOST_TERMS, sentence
from search.documents import documents
from search.queries import parse
from search.results import Piece
from search.scope import scope_for
from search.wanted import FACETS, wanted

pytestmark = pytest.mark.django_db


def filled() -> None:
    EmbeddedStore().put(documents(list(Report.objects.values_list("pk", flat=True))))


def find(typed: str = "", actor: Any = None, **asked: Any) -> Any:
    after = asked.pop("after_this", None)
    made = wanted(Asked(query=parse(typed), **asked), read_catalogue(), after=after)
    # Nothing is on its way: what has changed is in.
    scope = replace(scope_for(actor or SystemActor()), left_out=())
    return EmbeddedFinder().find(scope, made, at=timezone.now())


def ids(found: Any) -> list[int]:
    return [hit.id for hit in found.hits]


@pytest.fixture
def told(report_in: Any) -> list[Report]:
    """Newer ones last."""
    made = [
        report_in("with_entity", title="سور حديقة مائل", text="سور الحديقة مائل أمام المدارس وقد يسقط"),
        report_in("with_entity", title="كلب ضال", text="كلاب تطارد الأطفال، والمبلغ ٤٨٠٠ ريال"),
        report_in("in_progress", title="Torn fence", text="The fence is torn since the 2,340 metre race"),
    ]
    filled()
    return made


@pytest.mark.parametrize(
    ("typed", "those"),
    [
        ("حديقه", [0]),
        ("والسور", [0]),
        ("مدرسة", [0]),
        ("المدرسه", [0]),
        ("كلب", [1]),
        ("الكلاب", [1]),
        ("4800", [1]),
        ("٢٣٤٠", [2]),
        ("fences", [2]),
        ('"سور الحديقة"', [0]),
        ('"حديقة سور"', []),
        # From one text into the next there is no phrase.
        ('"مائل سور"', []),
        # One letter wrong, beside one that is right or alone.
        ("سور مالل", [0]),
        ("كلالب", [1]),
        ("بنفسجي أخطبوط", []),
        ("كلاب -ريال", []),
    ],
)
def test_words_are_found_in_every_form_and_nothing_else_is(typed: str, those: list[int], told: Any) -> None:
    found = find(typed)
    assert ids(found) == [told[number].pk for number in those]
    assert (found.total, found.exact) == (len(those), True)


def test_what_is_marked_is_pieces_of_the_text(told: Any) -> None:
    (hit,) = find("المدارس سور").hits
    assert hit.highlights["title"] == (Piece("سور", True), Piece(" حديقة مائل"))
    assert hit.highlights["text"] == (
        Piece("سور", True),
        Piece(" الحديقة مائل أمام "),
        Piece("المدارس", True),
        Piece(" وقد يسقط"),
    )


@pytest.mark.parametrize(
    ("typed", "states"),
    [
        ("حالة:مغلقة", {"closed"}),
        ("حالة:المغلق", {"closed"}),
        ('حالة:"غير مقبولة"', {"rejected"}),
        ("حالة:مرفوضة", {"rejected"}),
        ("حالة:مفتوحة", set(OPEN)),
        ("حالة:منتهية", set(State) - OPEN),
        ("state:merged", {"merged"}),
        ('state:"in progress"', {"in_progress"}),
        ("حالة:ضائع", None),
    ],
)
def test_a_state_is_understood_in_any_form(typed: str, states: set[str] | None) -> None:
    limits = {limit.field: limit.keys for limit in wanted(Asked(query=parse(typed)), read_catalogue()).limits}
    assert limits.get("states") == states


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("سور الحديقة مائل.", "سور", " مائل."),
        ("كلام " * 30 + "سور مائل.", "…كلام", " مائل."),
        ("سور مائل، " + "وكلام " * 60, "سور", "وكلام…"),
        ("سور " + "كلام " * 60 + "وسور آخر.", "سور", " آخر."),
    ],
)
def test_a_quotation_says_at_which_end_something_is_left_out(
    text: str, begins: str, ends: str, report_in: Any
) -> None:
    report_in("with_entity", title="بلاغ", text=text)
    filled()
    (hit,) = find("سور").hits
    quoted = "".join(piece.text for piece in hit.highlights["text"])
    assert quoted.startswith(begins)
    assert quoted.endswith(ends)


@pytest.mark.parametrize(
    ("typed", "text", "marked"),
    [
        ("مدرسة", "باب المدرسة مكسور والدراسة متوقفة، ومدارس الحي كذلك", ["المدرسة", "ومدارس"]),
        ("عمال", "العمال تركوا حفرة وكل عامل أزعج العملاء", ["العمال", "عامل"]),
        # Where it does not stand itself, its root is all that there is to show.
        ("مدرسة", "الدراسة متوقفة", ["الدراسة"]),
        ("مدرسة حفرة", "حفرة أمام المدرسة، والحفر تعطل الدراسة", ["حفرة", "المدرسة", "والحفر"]),
    ],
)
def test_another_word_of_its_root_is_marked_only_where_the_word_itself_is_not(
    typed: str, text: str, marked: list[str], report_in: Any
) -> None:
    report_in("with_entity", title="بلاغ", text=text)
    filled()
    (hit,) = find(typed).hits
    assert [piece.text for piece in hit.highlights["text"] if piece.marked] == marked


def test_nobody_finds_or_counts_what_is_not_shown_to_them(
    people: Any, report_in: Any, catalogue: Any
) -> None:
    # given a word in reports here, elsewhere, and in one that is confidential
    here = report_in("in_progress", text="قزحطم عند الباب")
    elsewhere = report_in("in_progress", text="قزحطم عند النافذة")
    Report.objects.filter(pk=elsewhere.pk).update(entity=catalogue.water)
    secret = report_in("in_progress", text="قزحطم في السر")
    Report.objects.filter(pk=secret.pk).update(privacy="confidential")
    filled()

    # when those search who see all, one entity, and what is assigned to them
    leader = StaffActor(people.leader)
    for actor in (StaffActor(people.coordinator), StaffActor(people.specialist), leader):
        visible = set(Report.objects.visible_to(actor).values_list("pk", flat=True))
        for typed in ("قزحطم", ""):
            found = find(typed, actor, facets=FACETS, histogram="month")

            # then hits, totals, every facet and the histogram are of what the rule shows
            assert set(ids(found)) == visible
            assert found.total == len(visible)
            for name in set(FACETS) - {"late"}:
                assert sum(count for _, count in found.facets[name].buckets) == len(visible), name
            assert sum(count for _, count in found.histogram) == len(visible)
    assert set(ids(find("قزحطم"))) == {here.pk, elsewhere.pk, secret.pk}
    assert elsewhere.pk not in ids(find("قزحطم", StaffActor(people.specialist)))


def test_an_internal_note_is_found_by_staff_alone(people: Any, report_in: Any) -> None:
    report = report_in("in_progress", text="عمود مائل هنا")
    actions.note(report.pk, actor=StaffActor(people.specialist), text="شسيبل في المستودع")
    filled()
    assert ids(find("شسيبل", StaffActor(people.specialist))) == [report.pk]
    stranger = replace(scope_for(SystemActor()), reads_notes=False, reads_all_notes=False, public=True)
    stranger = replace(stranger, left_out=())
    made = wanted(Asked(query=parse("شسيبل")), read_catalogue())
    assert EmbeddedFinder().find(stranger, made, at=timezone.now()).hits == ()


def test_what_is_on_its_way_to_others_is_left_out(told: Any) -> None:
    scope = replace(scope_for(SystemActor()), left_out=(told[0].pk,))
    made = wanted(Asked(facets=("states",)), read_catalogue())
    found = EmbeddedFinder().find(scope, made, at=timezone.now())
    assert set(ids(found)) == {told[1].pk, told[2].pk}
    assert sum(count for _, count in found.facets["states"].buckets) == 2


def test_what_is_chosen_limits_hits_and_not_its_own_facet(told: Any) -> None:
    found = find("", filter=Filter(states=("in_progress",)), facets=("states",))
    assert ids(found) == [told[2].pk]
    assert dict(found.facets["states"].buckets) == {"with_entity": 2, "in_progress": 1}


@pytest.mark.parametrize("order", list(Order))
def test_pages_follow_one_another_without_a_gap_or_a_double(order: Order, told: Any) -> None:
    whole = ids(find("", order=order))
    assert sorted(whole) == sorted(report.pk for report in told)
    seen, after = [], None
    for _ in whole:
        page = find("", order=order, size=1, after_this=after)
        assert page.total == len(whole)
        seen += ids(page)
        after = page.after
    assert seen == whole
    assert after is None


def test_an_export_is_told_all_and_in_batches(told: Any) -> None:
    for typed in ("", "سور كلب torn"):
        made = wanted(Asked(query=parse(typed), order=Order.newest), read_catalogue())
        scope = replace(scope_for(SystemActor()), left_out=())
        batches = list(EmbeddedFinder().ids(scope, made, at=timezone.now(), batch=2))
        assert [len(batch) for batch in batches] == [2, 1], typed
        assert {pk for batch in batches for pk in batch} == {report.pk for report in told}


def test_the_same_thing_near_by_comes_first(told: Any, report_in: Any) -> None:
    text = "سور الحديقة مائل ويسقط"
    far, near = report_in("with_entity", text=text), report_in("with_entity", text=text)
    Report.objects.filter(pk=far.pk).update(latitude=26.5, longitude=43.9)
    Report.objects.filter(pk=near.pk).update(latitude=26.3301, longitude=43.97)
    filled()
    like = Like(text, point=(26.33, 43.97), about=timezone.now(), besides=told[0].pk)
    scope = replace(scope_for(SystemActor()), left_out=())
    found = EmbeddedFinder().similar(scope, like, at=timezone.now(), limit=5)
    assert [hit.id for hit in found] == [near.pk, far.pk]


def test_words_that_rise_are_those_of_these_days(told: Any, report_in: Any) -> None:
    old = [report_in("with_entity", text="حفرة في الطريق") for _ in range(3)]
    then = timezone.now() - timedelta(days=60)
    Report.objects.filter(pk__in=[report.pk for report in old]).update(submitted_at=then)
    for _ in range(3):
        report_in("with_entity", text="جراد في الطريق")
    filled()
    scope = replace(scope_for(SystemActor()), left_out=())
    rising = EmbeddedFinder().rising(scope, wanted(Asked(), read_catalogue()), at=timezone.now(), limit=5)
    assert rising[0] == ("جراد", 3)
    assert "حفره" not in dict(rising)


def test_an_earlier_revision_changes_nothing_and_what_is_dropped_is_gone(told: Any) -> None:
    store, first = EmbeddedStore(), told[0].pk
    (document,) = documents([first])
    store.put([replace(document, revision=document.revision + 5, title="سيفطبل")])
    store.put([document])
    assert store.stamps(first, first)[first].revision == document.revision + 5
    assert ids(find("سيفطبل")) == [first]
    store.drop([first])
    assert (ids(find("سيفطبل")), store.stamps(first, first)) == ([], {})


@pytest.mark.parametrize(
    ("typed", "most"), [("عمود مائل -كلب", 2), ("عمودز مائل", 4), ("", 1), ('"عمود إنارة"', 2)]
)
def test_a_question_takes_few_statements(
    typed: str, most: int, told: Any, django_assert_max_num_queries: Any
) -> None:
    scope, cat = replace(scope_for(SystemActor()), left_out=()), read_catalogue()
    made = wanted(Asked(query=parse(typed), facets=FACETS, histogram="day"), cat)
    with django_assert_max_num_queries(most):
        EmbeddedFinder().find(scope, made, at=timezone.now())


@pytest.mark.parametrize(
    "hostile",
    [
        " ".join(f"كلمة{number}" for number in range(10_000)),
        "* ? ~ ^ NEAR( AND OR NOT title: \" ' ; -- \\",
        "(((" * 1000 + ")" * 999,
        "\x00\x01\x1b[31m",
        "(a+)+$ /(x+x+)+y/ .*.*.*",
        "'| ! & <-> :*A'::tsquery",
        "a" * 50_000,
        f'"{"سور " * 900}" ' + "-سور " * 500,
        "ß ǅ ﷺ ٪ ½ ² 𝟘 🙂 e\u0301",
    ],
)
def test_a_hostile_question_is_few_words_and_statements(
    hostile: str, told: Any, django_assert_max_num_queries: Any
) -> None:
    scope, cat = replace(scope_for(SystemActor()), left_out=()), read_catalogue()
    made = wanted(Asked(query=parse(hostile), facets=FACETS * 25), cat)
    with django_assert_max_num_queries(4):
        found = EmbeddedFinder().find(scope, made, at=timezone.now())
    said = sentence(scope, made.terms)
    assert len(said.sought) <= MOST_TERMS
    assert all(len(one.said) <= MOST_IN_PHRASE for one in said.sought)
    assert set(found.facets) == set(FACETS)


def test_what_must_not_be_there_is_not_lost_among_many_words(told: Any) -> None:
    # given one that has a word, and more words than are looked for
    many = " ".join(f"قزحطم{sign}" for sign in "بتثجحخدذرز")
    assert told[0].pk in ids(find("سور"))
    assert told[0].pk not in ids(find(f"سور {many} -سور"))


def test_who_has_the_rare_word_is_looked_at_however_many_have_the_common_one(
    report_in: Any, monkeypatch: Any
) -> None:
    # given an old report with a rare word, and newer ones than are looked at with a common one
    monkeypatch.setattr(asking, "MOST", 3)
    rare = report_in("with_entity", text="قزحطم في الطريق")
    for _ in range(5):
        report_in("with_entity", text="جراد في الطريق")
    filled()
    found = find("جراد قزحطم")
    assert rare.pk in ids(found)
    assert (len(found.hits), found.exact) == (3, False)


def test_a_report_of_one_word_without_an_end_is_kept_like_any_other(report_in: Any) -> None:
    report = report_in("with_entity", title="قزحطم", text="لا" * 2000)
    filled()
    assert ids(find("قزحطم")) == [report.pk]


def plans(typed: str, scope: Any) -> str:
    """How the database would look for it, as it says itself."""
    said: list[tuple[str, Any]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            asking.tables, "told", lambda cursor, statement, params: said.append((statement, params)) or ()
        )
        made = wanted(Asked(query=parse(typed)), read_catalogue())
        EmbeddedFinder().find(scope, made, at=timezone.now())
    statement, params = said[0]
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        rows = list(tables.told(cursor, statement, params, before=explain))
    return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize("typed", ["سور", "سور كلب torn", '"سور الحديقة"', "سور -كلب"])
def test_who_has_a_word_is_asked_of_the_index_and_never_of_every_row(typed: str, told: Any) -> None:
    # when PostgreSQL believes the table to be small, it is still not read from end to end
    plan = plans(typed, replace(scope_for(SystemActor()), left_out=()))
    if connection.vendor == "sqlite":
        assert "VIRTUAL TABLE INDEX" in plan
        assert "SCAN reports_report" not in plan
        assert "SEARCH e USING INDEX" in plan
    else:
        assert "Bitmap Index Scan on search_words_dated" in plan
        assert "Seq Scan" not in plan
        assert "Filter: (common" not in plan


def test_what_one_is_told_of_few_reports_is_looked_up_once(people: Any, told: Any) -> None:
    scope = replace(scope_for(StaffActor(people.coordinator)), left_out=())
    plan = plans("سور كلب torn", scope)
    if connection.vendor == "sqlite":
        assert plan.count("MATERIALIZE few") == 1
    else:
        assert "Seq Scan on search_words" not in plan


def test_the_advice_to_the_planner_does_not_outlive_the_question(told: Any) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite is told nothing")
    find("سور")
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_seqscan")
        assert cursor.fetchone() == ("on",)


def test_a_number_that_was_not_counted_to_its_end_says_so(report_in: Any, monkeypatch: Any) -> None:
    # given as many reports with a word as are looked at, and one more with another
    monkeypatch.setattr(asking, "MOST", 3)
    for text in ("جراد", "جراد", "قزحطم"):
        report_in("with_entity", text=f"{text} في الطريق")
    filled()
    assert (find("جراد").total, find("جراد").exact) == (2, True)
    report_in("with_entity", text="جراد في الطريق")
    filled()
    assert (find("جراد").total, find("جراد").exact) == (3, False)
    assert find("قزحطم").exact
