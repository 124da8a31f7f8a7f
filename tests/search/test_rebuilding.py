"""An index built beside the one that lives, and what tells whether either holds what the database says."""

import io
import time

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cms.entities.wording import meant
from cms.outbox import lines
from cms.outbox.models import Effect
from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from search import analysis, checking, filling, rebuilding, searching, tasks
from search.asking import Asked
from search.backends.elastic import building, keeping, mapping
from search.backends.elastic.keeping import ElasticStore
from search.backends.embedded import tokens
from search.documents import documents
from search.queries import Query, Term
from search.scope import LINE

pytestmark = pytest.mark.django_db
# Of both stores.
NO_DRIFT = ["embedded: no drift", "elasticsearch: no drift"]


def said(*arguments):
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def states():
    return [index.state for index in building.indices()]


def test_the_first_index_is_built_from_the_database_alone(elastic, report_in, people):
    reports = [report_in("with_entity").pk for _ in range(3)]
    rebuilt = rebuilding.rebuild()
    assert (rebuilt.written, rebuilt.mended, rebuilt.refused) == (3, 0, {})
    assert states() == ["live"]
    hits = searching.search(StaffActor(people.supervisor), Asked(), at=timezone.now()).hits
    assert sorted(hit.report.pk for hit in hits) == reports


def test_one_old_index_is_kept_and_no_more(elastic, report_in):
    report_in("with_entity")
    names = [rebuilding.rebuild().name for _ in range(3)]
    assert [(index.name, index.state) for index in building.indices()] == [
        (names[2], "live"),
        (names[1], "old"),
    ]


def test_writes_go_on_while_it_is_built_and_none_is_lost(elastic, report_in, people, monkeypatch):
    # given an index that lives, and a report
    report = report_in("with_entity")
    rebuilding.rebuild()
    # when another one is built, and the report changes after it was read for it
    read = filling.documents_between

    def read_and_changed(first, last):
        made = read(first, last)
        report.refresh_from_db()
        actions.update_sender(report.pk, actor=StaffActor(people.coordinator), text="نعمل على ذلك الآن.")
        assert lines.run(LINE) >= 1
        return made

    monkeypatch.setattr(filling, "documents_between", read_and_changed)
    rebuilding.rebuild()
    # then the later document is in the one that lives now, and the earlier did not win
    report.refresh_from_db()
    assert ElasticStore().stamps(1, checking.END)[report.pk].revision == report.revision


def test_a_build_that_was_broken_off_goes_on_where_it_was(elastic, report_in, monkeypatch):
    reports = [report_in("with_entity").pk for _ in range(4)]
    monkeypatch.setattr(rebuilding, "AT_ONCE", 2)
    # given one whose time was over after the first batch
    first = rebuilding.rebuild(seconds=0)
    assert (first.name, first.written, states()) == ("", 2, ["next"])
    # when it is run again
    second = rebuilding.rebuild()
    # then only the rest is written
    assert (second.written, states()) == (2, ["live"])
    assert sorted(ElasticStore().stamps(1, checking.END)) == reports


def test_two_do_not_build_at_once(elastic, report_in):
    report_in("with_entity")
    index = building.begin(at=timezone.now())
    building.remember(index, last=0, sign=time.time())
    with pytest.raises(rebuilding.UnderWay):
        rebuilding.rebuild()
    assert states() == ["next"]


def test_what_the_server_will_not_build_is_told_with_its_reason(elastic, report_in, monkeypatch):
    report_in("with_entity")
    # as one that lacks a part of what our mapping needs
    made = mapping.settings

    def unknown(*, shards):
        settings = made(shards=shards)
        settings["analysis"] = {"analyzer": {"of_ours": {"tokenizer": "none_such"}}}
        return settings

    monkeypatch.setattr(mapping, "settings", unknown)
    with pytest.raises(CommandError) as refused:
        said("search_rebuild")
    assert "400" in str(refused.value)
    assert "none_such" in str(refused.value)


def test_an_index_of_another_mapping_is_neither_asked_nor_written(
    elastic, report_in, people, indexed, index, monkeypatch
):
    # given an index that an earlier release made
    report = report_in("with_entity", text="حفرة في الطريق")
    indexed()
    question = Asked(Query(terms=(Term("حفرة"),)))
    supervisor = StaffActor(people.supervisor)
    assert not searching.search(supervisor, question, at=timezone.now()).degraded
    # when the next one is there
    monkeypatch.setattr(building.mapping, "VERSION", 999)
    # then the database answers until an index of its own is built
    result = searching.search(supervisor, question, at=timezone.now())
    assert ([hit.report.pk for hit in result.hits], result.degraded) == ([report.pk], True)
    assert "-v999-" in tasks.build()
    searching.forget()
    result = searching.search(supervisor, question, at=timezone.now())
    assert ([hit.report.pk for hit in result.hits], result.degraded) == ([report.pk], False)
    assert [one.state for one in building.indices()] == ["live", "old"]


def test_the_check_names_what_differs_and_mends_it(elastic, report_in, people, indexed, index):
    # given four reports and an index that is as they are
    missing, behind, access, ahead = (report_in("with_entity") for _ in range(4))
    indexed()
    assert said("search_check").splitlines() == NO_DRIFT
    # when a document is lost, one is behind, one can be found by others, one is left of a report that is not
    # there, and the database was restored from before a change
    store = ElasticStore()
    store.drop([missing.pk])
    Report.objects.filter(pk=behind.pk).update(revision=7)
    Report.objects.filter(pk=access.pk).update(privacy="confidential")
    Report.objects.filter(pk=ahead.pk).update(revision=0)
    elastic.index(index=index.name, id="999999", document={"id": 999999, "stamp": "x"}, refresh=True)
    # then each is named; the database's own store differs in the three whose reports were changed
    with pytest.raises(CommandError, match="8 documents differ"):
        said("search_check")
    assert vars(checking.check(store, mending=False).drift) == {
        "missing": [missing.pk],
        "left_over": [999999],
        "behind": [behind.pk],
        "ahead": [ahead.pk],
        "access": [access.pk],
    }
    # and mended
    told = said("search_check", "--mend")
    assert f"1 missing: {missing.reference}" in told
    assert "1 left over: id 999999" in told
    assert "5 mended" in told
    assert said("search_check").splitlines() == NO_DRIFT


def test_documents_of_words_as_an_earlier_release_made_them_are_made_again(
    elastic, report_in, people, indexed, monkeypatch
):
    # given reports that an earlier release has indexed, which took bridges for old people
    bridge = report_in("with_entity", text="الكباري في الطريق متصدعة").pk
    people_there = report_in("with_entity", text="كبار السن ينتظرون في الشمس").pk
    with monkeypatch.context() as earlier:
        earlier.setattr(analysis, "VERSION", analysis.VERSION - 1)
        earlier.setattr(tokens, "meant", lambda word: "كبار" if "كبار" in word else meant(word))
        indexed()
    # Its successor is another process.
    tokens._found_by.cache_clear()

    def found(query):
        asked = Asked(Query(terms=(Term(query),)))
        hits = searching.search(StaffActor(people.supervisor), asked, at=timezone.now()).hits
        return {hit.report.pk for hit in hits}

    assert (found("كبار"), found("كوبري")) == ({bridge, people_there}, set())
    # when the day's check comes by, which finds both in both stores
    assert tasks.check() == 4
    # then each is found by what it says
    assert (found("كبار"), found("كوبري")) == ({people_there}, {bridge})
    assert said("search_check").splitlines() == NO_DRIFT


def test_what_is_on_its_way_is_no_drift(elastic, report_in, indexed):
    report_in("with_entity")
    indexed()
    report_in("with_entity")
    assert said("search_check").splitlines() == NO_DRIFT


def test_a_document_that_is_refused_is_set_aside_with_its_reason(elastic, report_in, indexed, monkeypatch):
    # given two reports, of which the server refuses one
    bad, good = report_in("with_entity"), report_in("with_entity")
    made = keeping.body

    def body(document):
        return {**made(document), **({"unheard_of": 1} if document.id == bad.pk else {})}

    monkeypatch.setattr(keeping, "body", body)
    # when both are indexed
    indexed()
    # then the other one is there, and of this one it is said why it is not
    assert sorted(ElasticStore().stamps(1, checking.END)) == [good.pk]
    failed = Effect.objects.get(state="failed")
    assert failed.payload["report"] == bad.pk
    assert "strict_dynamic_mapping_exception" in failed.last_error
    # and once it can be taken, the next change brings it and nothing is left
    monkeypatch.setattr(keeping, "body", made)
    Effect.objects.filter(pk=failed.pk).update(key="earlier")
    Effect.objects.create(
        kind="search_report",
        key="later",
        line="search",
        payload={"report": bad.pk},
        not_before=timezone.now(),
        created_at=timezone.now(),
    )
    indexed()
    assert sorted(ElasticStore().stamps(1, checking.END)) == [bad.pk, good.pk]
    assert Effect.objects.get(pk=failed.pk).state == "cancelled"


def test_an_earlier_revision_never_wins(elastic, report_in, people, indexed):
    # given a document of the second revision
    report = report_in("with_entity")
    early = documents([report.pk])
    actions.update_sender(report.pk, actor=StaffActor(people.coordinator), text="نعمل على ذلك الآن.")
    indexed()
    # when a slow worker writes the first one
    assert ElasticStore().put(early) == {}
    # then nothing has changed, and it is no failure
    assert ElasticStore().stamps(1, checking.END)[report.pk].revision == 2


def test_a_report_that_is_not_there_any_more_leaves_the_index(elastic, report_in, indexed):
    report = report_in("with_entity")
    indexed()
    at = timezone.now()
    rebuilding.checking.Effect.objects.create(
        kind="search_access",
        key="gone",
        line="search",
        payload={"report": 10**6},
        not_before=at,
        created_at=at,
    )
    elastic.index(index=building.alias(), id=str(10**6), document={"id": 10**6, "stamp": "x"}, refresh=True)
    indexed()
    assert sorted(ElasticStore().stamps(1, checking.END)) == [report.pk]


def test_no_index_is_made_by_a_write(elastic, report_in):
    report_in("with_entity")
    assert lines.run(LINE) == 0
    assert building.indices() == []
    assert set(Effect.objects.filter(line="search").values_list("state", "held_reason", "attempts")) == {
        ("pending", "search_down", 0)
    }


def test_a_search_for_everything_costs_no_words(elastic, report_in, people, indexed):
    report_in("with_entity")
    indexed()
    question = Asked(Query(terms=(Term("في"), Term("من"))))
    assert searching.search(StaffActor(people.supervisor), question, at=timezone.now()).total <= 1
