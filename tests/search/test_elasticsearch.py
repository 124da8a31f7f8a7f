"""The search on a real Elasticsearch: as people write, counted, marked, paged, and only what one may see."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import signing
from django.utils import timezone

from cms.outbox import lines
from cms.outbox.models import Effect
from cms.reports import actions
from cms.reports.actors import SYSTEM, SenderActor, StaffActor
from cms.reports.models import Report
from search import searching
from search.asking import Asked, Filter, Order
from search.backends.elastic.finding import ElasticFinder
from search.queries import Query, Term
from search.results import Bucket, Piece
from search.scope import LINE, pending_access
from tests.factories import ReasonFactory, as_sender

pytestmark = pytest.mark.django_db


def asked(text="", **more):
    return Asked(Query(terms=tuple(Term(word) for word in text.split())), **more)


def found(actor, question):
    return [hit.report.pk for hit in searching.search(actor, question, at=timezone.now()).hits]


@pytest.fixture
def lamp(report_in):
    return report_in("answered", text="عمود الإنارة أمام المدرسة مطفأ منذ أسبوع.")


@pytest.fixture
def water(report_in):
    return report_in(
        "with_entity", service="leak", answers={}, text="تسرب المياه في شارع ٣٠ والأرصفة متكسّرة."
    )


@pytest.mark.parametrize(
    "typed", ["اناره", "الانارة", "إنارة المدارس", "والمدرسه", "مُطفأ", "انـــارة", "عمود الانارة"]
)
def test_it_is_found_as_people_write_it(typed, lamp, water, people, indexed):
    indexed()
    assert found(StaffActor(people.supervisor), asked(typed))[:1] == [lamp.pk]


def test_digits_are_digits_and_water_is_not_not(lamp, water, people, indexed):
    indexed()
    supervisor = StaffActor(people.supervisor)
    assert found(supervisor, asked("شارع 30"))[:1] == [water.pk]
    assert found(supervisor, asked("ماء")) == [water.pk]
    assert found(supervisor, asked("ما")) == []


def test_a_typo_is_forgiven_only_where_nothing_was_found(lamp, water, people, indexed):
    indexed()
    assert found(StaffActor(people.supervisor), asked("المدرصة")) == [lamp.pk]
    assert found(StaffActor(people.supervisor), asked("قققطططعععع")) == []


def test_phrases_and_what_must_not_be_there(lamp, water, people, indexed):
    indexed()
    supervisor = StaffActor(people.supervisor)
    phrase = Asked(Query(terms=(Term("عمود الإنارة", phrase=True),)))
    assert found(supervisor, phrase) == [lamp.pk]
    assert found(supervisor, Asked(Query(terms=(Term("الإنارة عمود", phrase=True),)))) == []
    assert found(supervisor, Asked(Query(terms=(Term("أسبوع", without=True),)))) == [water.pk]


def test_hits_are_marked_in_pieces_and_counted(lamp, water, people, catalogue, indexed):
    indexed()
    question = asked(
        "الاناره", facets=("services", "entities", "places", "states", "late"), histogram="month"
    )
    result = searching.search(StaffActor(people.supervisor), question, at=timezone.now())
    assert (result.total, result.exact, result.degraded, result.after) == (1, True, False, "")
    assert result.hits[0].highlights["text"] == (
        Piece("عمود ", False),
        Piece("الإنارة", True),
        Piece(" أمام المدرسة مطفأ منذ أسبوع.", False),
    )
    assert result.facets["states"].buckets == (Bucket("answered", 1),)
    assert result.facets["services"].buckets == (Bucket(lamp.service.code, 1),)
    assert result.facets["entities"].buckets == (Bucket(lamp.entity.code, 1),)
    assert result.facets["late"].buckets == (
        Bucket("late", 0),
        Bucket("on_time", 0),
        Bucket("ended_late", 0),
    )
    assert [bucket.count for bucket in result.histogram] == [1]


def test_a_facet_counts_without_what_was_chosen_in_it(lamp, water, people, indexed):
    indexed()
    chosen = Filter(states=("answered",))
    question = Asked(filter=chosen, facets=("states", "services"))
    result = searching.search(StaffActor(people.supervisor), question, at=timezone.now())
    assert [hit.report.pk for hit in result.hits] == [lamp.pk]
    assert set(result.facets["states"].buckets) == {Bucket("answered", 1), Bucket("with_entity", 1)}
    assert sum(bucket.count for bucket in result.facets["services"].buckets) == 1


def test_pages_go_on_where_the_last_one_ended(report_in, people, indexed):
    reports = [report_in("with_entity").pk for _ in range(5)]
    indexed()
    question = Asked(order=Order.newest, size=2)
    seen, after = [], ""
    while True:
        result = searching.search(
            StaffActor(people.supervisor), replace(question, after=after), at=timezone.now()
        )
        seen.append([hit.report.pk for hit in result.hits])
        assert result.total == 5
        after = result.after
        if not after:
            break
    assert seen == [[reports[4], reports[3]], [reports[2], reports[1]], [reports[0]]]
    # A page of another question, or one that somebody changed, is the first.
    other = searching.search(
        StaffActor(people.supervisor),
        replace(question, size=3, after="x" + seen.__repr__()),
        at=timezone.now(),
    )
    assert [hit.report.pk for hit in other.hits] == reports[:1:-1]


def test_an_export_gets_all_ids_in_order(report_in, people, indexed):
    reports = [report_in("with_entity").pk for _ in range(3)]
    indexed()
    batches = searching.keys(StaffActor(people.supervisor), Asked(order=Order.oldest), at=timezone.now())
    assert [pk for batch in batches for pk in batch] == reports


@pytest.mark.parametrize("typed", ["المدرصة", "تكييف قطار المدرسة"])
def test_an_export_has_what_the_page_found_where_little_answers(typed, lamp, water, people, indexed):
    """A slip of the finger, and several words of which one is there."""
    indexed()
    supervisor, question = StaffActor(people.supervisor), asked(typed)
    assert found(supervisor, question) == [lamp.pk]
    batches = searching.keys(supervisor, question, at=timezone.now())
    assert [pk for batch in batches for pk in batch] == [lamp.pk]


def test_an_export_goes_on_when_another_question_saw_first_that_the_server_is_away(
    report_in, people, indexed, settings, monkeypatch
):
    # given an export under way, in batches of one
    reports = [report_in("with_entity").pk for _ in range(3)]
    indexed()
    ids = ElasticFinder.ids
    monkeypatch.setattr(ElasticFinder, "ids", lambda *args, **more: ids(*args, **{**more, "batch": 1}))
    actor = StaffActor(people.supervisor)
    batches = searching.keys(actor, Asked(order=Order.oldest), at=timezone.now())
    exported = [*next(batches)]
    # when the server goes, and somebody's page is told so before the export is
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"
    assert searching.search(actor, Asked(), at=timezone.now()).degraded
    assert searching.is_degraded()
    # then the rest comes from the database, nothing twice
    exported += [pk for batch in batches for pk in batch]
    assert exported == reports


def test_a_page_costs_four_statements(lamp, water, people, indexed, django_assert_num_queries):
    indexed()
    searching.search(StaffActor(people.supervisor), asked("شارع"), at=timezone.now())
    question = asked("عمود", facets=("services", "entities", "places", "states", "kinds"))
    # what one holds, what has just changed, the catalogue's stamp, the reports
    with django_assert_num_queries(4):
        result = searching.search(StaffActor(people.supervisor), question, at=timezone.now())
        assert result.hits[0].report.service.name
        assert result.hits[0].report.entity.short_name
        assert result.hits[0].report.place.name


def test_what_changed_hands_is_counted_for_nobody_until_it_is_indexed(lamp, people, catalogue, indexed):
    # given a report of the north branch that its coordinator finds
    indexed()
    question = asked("الانارة", facets=("states",))
    coordinator = StaffActor(people.coordinator)
    assert found(coordinator, question) == [lamp.pk]
    # when it becomes confidential
    ReasonFactory(used_for="set_privacy", code="sensitive")
    lamp.refresh_from_db()
    actions.set_privacy(
        lamp.pk,
        actor=StaffActor(people.supervisor),
        version=lamp.version,
        privacy="confidential",
        reason="sensitive",
        text="كذا وكذا",
    )
    # then the index, which does not know yet, is told to leave it out of hits and counts
    result = searching.search(coordinator, question, at=timezone.now())
    assert (result.hits, result.total, result.facets["states"].buckets) == ((), 0, ())
    # and afterwards it knows
    indexed()
    assert searching.search(coordinator, question, at=timezone.now()).total == 0
    assert found(SYSTEM, question) == [lamp.pk]


def test_what_changed_hands_is_done_when_the_answers_know_it(
    lamp, people, catalogue, index, indexed, elastic
):
    # given an index that shows what was written when it is told to, and not before
    indexed()
    elastic.indices.put_settings(index=index.name, settings={"index.refresh_interval": "-1"})
    question = asked("الانارة", facets=("states",))
    assert searching.search(StaffActor(people.coordinator), question, at=timezone.now()).total == 1
    # when the report goes elsewhere and its document is renewed
    ReasonFactory(used_for="transfer", code="other_jurisdiction")
    lamp.refresh_from_db()
    actions.reopen(lamp.pk, actor=as_sender(lamp), text="عاد العطل.")
    lamp.refresh_from_db()
    given = {"entity": "water", "reason": "other_jurisdiction"}
    actions.transfer(lamp.pk, actor=StaffActor(people.supervisor), version=lamp.version, **given)
    lines.run(LINE)
    # then nobody is left out of the question any more, and nobody counts what they have lost
    assert not pending_access().exists()
    result = searching.search(StaffActor(people.coordinator), question, at=timezone.now())
    assert (result.hits, result.total, result.facets["states"].buckets) == ((), 0, ())
    assert found(StaffActor(people.coordinator2), question) == [lamp.pk]


def test_a_reference_is_asked_of_the_database(lamp, people, indexed):
    # Nothing is indexed yet.
    question = Asked(Query(reference=lamp.reference))
    assert found(StaffActor(people.coordinator), question) == [lamp.pk]
    assert found(StaffActor(people.specialist_b), question) == []


def test_who_sees_nothing_asks_nobody(lamp, people, sender, indexed):
    indexed()
    for actor in (StaffActor(people.admin), SenderActor(sender_id=sender.pk)):
        assert found(actor, asked("الانارة")) == []


def test_similar_ones_near_by_in_these_days_come_first(report_in, people, indexed):
    near = {"latitude": 26.3300, "longitude": 43.9700}
    one = report_in("with_entity", text="حفرة كبيرة في الطريق أمام المسجد")
    other = report_in("with_entity", text="حفرة كبيرة في الطريق أمام المسجد وحفرة في الطريق")
    same = report_in("with_entity", text="حفرة قرب المسجد")
    # What has ended, and came in long before, is of no help.
    long_ago = timezone.now() - timedelta(days=100)
    report_in("closed", text="حفرة كبيرة في الطريق أمام المسجد", at=long_ago)
    Report.objects.filter(pk__in=[one.pk, same.pk]).update(**near)
    Report.objects.filter(pk=other.pk).update(latitude=26.1, longitude=43.9)
    one.refresh_from_db()
    indexed()
    hits = searching.similar(StaffActor(people.supervisor), one, at=timezone.now())
    assert [hit.report.pk for hit in hits] == [same.pk, other.pk]


def test_what_is_done_is_marked_so(lamp, people, indexed):
    assert indexed() == Effect.objects.filter(line="search").count()
    assert set(Effect.objects.filter(line="search").values_list("state", flat=True)) == {"done"}


def test_a_stranger_is_told_of_similar_ones_what_is_public_and_no_more(report_in, people, indexed):
    shown = report_in("in_progress", text="حفرة كبيرة في الطريق أمام المسجد")
    hidden = report_in("with_entity", text="حفرة كبيرة في الطريق أمام المسجد")
    about = report_in("with_entity", text="حفرة كبيرة في الطريق أمام المسجد")
    report_in("closed", text="حفرة كبيرة في الطريق أمام المسجد")
    Report.objects.filter(pk=shown.pk).update(latitude=26.33012, longitude=43.97077)
    Report.objects.filter(pk=hidden.pk).update(privacy="confidential")
    Report.objects.filter(pk=about.pk).update(about_entity=about.entity_id)
    indexed()
    given = {"service": "lamp", "place": shown.place.code, "point": (26.3301, 43.9707), "at": timezone.now()}
    (case,) = searching.similar_public("حفرة في الطريق", **given)
    assert (case.service.code, case.state, case.place) == ("lamp", "in_progress", shown.place)
    assert (case.point, case.month.day) == ((26.33, 43.97), 1)
    assert set(vars(case)) == {"service", "state", "place", "month", "point", "key"}
    assert signing.loads(case.key, salt="search.case") == shown.public_id.hex
    assert shown.reference not in str(case)
