"""Elasticsearch away, slow, full, without its shards, or closed to us: nobody who reports notices.

Nothing is lost by it. The kill with -9 is in `script/prove search_faults`, on a server of its own.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from cms.outbox import lines
from cms.outbox.models import Effect
from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from search import checking, circuit, documents, indexing, searching
from search.asking import Asked
from search.backends.elastic import building, keeping, mapping
from search.backends.elastic.client import alias, family
from search.backends.elastic.keeping import ElasticStore
from search.queries import parse
from search.scope import LINE
from tests.search import between as servers
from tests.search.conftest import SERVER, elastic, index, indexed

__all__ = ["elastic", "index", "indexed"]

pytestmark = pytest.mark.django_db


def waiting() -> int:
    return Effect.objects.filter(line=LINE, state="pending").count()


def due_again() -> None:
    """The pause of what is to be written has passed."""
    Effect.objects.filter(line=LINE).update(not_before=timezone.now())
    indexing.forget()


def no_drift() -> bool:
    return not checking.check(ElasticStore(), mending=False).drift.ids


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now

    def rest(self) -> None:
        """The pause of whatever was found to be away is over."""
        self.now += circuit.LONGEST


@pytest.fixture
def clock(monkeypatch: Any) -> Clock:
    """The search's circuit goes by it."""
    made = Clock()
    monkeypatch.setattr(searching, "circuit", circuit.Circuit(clock=made))
    return made


@pytest.fixture
def between(index: Any, settings: Any) -> Iterator[servers.Between]:
    """What stands between us and the server from now on."""
    with servers.between(SERVER) as made:
        settings.ELASTICSEARCH_URL = made.address()
        yield made


@pytest.fixture
def found(people: Any) -> Callable[[str], tuple[list[int], bool]]:
    """Whom the search finds, and whether it says that another answered than should."""

    def ask(typed: str) -> tuple[list[int], bool]:
        asked = Asked(query=parse(typed), facets=("states",))
        result = searching.search(StaffActor(people.supervisor), asked, at=timezone.now())
        return sorted(hit.report.pk for hit in result.hits), result.degraded

    return ask


def test_a_server_that_is_away_is_noticed_by_nobody_who_reports(
    between: Any, clock: Clock, found: Any, indexed: Any, report_in: Any
) -> None:
    # given a report that is in the index
    first = report_in("with_entity", text="قزحطم عند الباب")
    indexed()
    assert found("قزحطم") == ([first.pk], False)
    # when nobody listens there any more
    between.close()
    second = report_in("with_entity", text="قزحطم عند النافذة")
    # then reporting goes on, what is to be indexed waits, and the database answers and says so
    assert lines.run(LINE) == 0
    assert waiting() == 1
    assert found("قزحطم") == ([first.pk, second.pk], True)
    assert searching.is_degraded()
    # and it is not asked again before its pause is over, though it has come back
    between.open()
    assert found("قزحطم")[1]
    clock.rest()
    due_again()
    assert indexed() == 1
    assert found("قزحطم") == ([first.pk, second.pk], False)
    assert not searching.is_degraded()
    assert no_drift()


def test_two_answers_that_come_too_late_are_enough(
    between: Any, clock: Clock, found: Any, indexed: Any, report_in: Any
) -> None:
    report = report_in("with_entity", text="قزحطم عند الباب")
    indexed()
    # when what is asked of it takes longer than anybody waits
    between.hangs = ("/_search",)
    assert [found("قزحطم"), searching.is_degraded()] == [([report.pk], True), False]
    assert [found("قزحطم"), searching.is_degraded()] == [([report.pk], True), True]
    # then it is let alone until its pause is over
    between.hangs = ()
    assert found("قزحطم") == ([report.pk], True)
    clock.rest()
    assert found("قزحطم") == ([report.pk], False)
    assert no_drift()


def test_what_was_written_and_not_acknowledged_is_written_again(
    between: Any, clock: Clock, found: Any, indexed: Any, report_in: Any, people: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(keeping, "WRITING", 0.5)
    report = report_in("with_entity", text="قزحطم عند الباب")
    # given an answer to a write that never arrives
    between.hangs = ("/_bulk",)
    assert lines.run(LINE) == 0
    assert waiting() == 1
    # when the report has changed since, and answers come again
    actions.update_sender(report.pk, actor=StaffActor(people.coordinator), text="وصل الخبر عن البلاغ.")
    between.hangs = ()
    due_again()
    # then both are done with the last revision alone
    assert indexed() == 2
    report.refresh_from_db()
    there = ElasticStore().stamps(1, checking.END)
    assert {pk: stamp.revision for pk, stamp in there.items()} == {report.pk: report.revision}
    assert no_drift()


def test_wrong_credentials_cost_nobody_a_report(
    between: Any, clock: Clock, found: Any, indexed: Any, report_in: Any, settings: Any
) -> None:
    # given a server that asks for a password, and knows another one than we do
    between.password = "right"
    settings.ELASTICSEARCH_URL = between.address("sawt:wrong")
    report = report_in("with_entity", text="قزحطم عند الباب")
    assert lines.run(LINE) == 0
    assert (waiting(), Effect.objects.filter(state="failed").exists()) == (1, False)
    assert found("قزحطم") == ([report.pk], True)
    assert between.refused >= 2
    # when it was put right
    settings.ELASTICSEARCH_URL = between.address("sawt:right")
    clock.rest()
    due_again()
    assert indexed() == 1
    assert found("قزحطم") == ([report.pk], False)
    assert no_drift()


def test_a_full_disk_holds_the_line_and_loses_nothing(
    index: Any, indexed: Any, elastic: Any, report_in: Any
) -> None:
    # given what the server does to every index when its disk is full
    report = report_in("with_entity")
    indexed()
    elastic.indices.put_settings(index=index.name, settings={"blocks.read_only_allow_delete": True})
    other = report_in("with_entity")
    # when something is to be written
    assert lines.run(LINE) == 0
    # then it waits, and nothing is given up
    assert waiting() == 1
    assert not Effect.objects.filter(state="failed").exists()
    # and comes when there is room again
    elastic.indices.put_settings(index=index.name, settings={"blocks.read_only_allow_delete": None})
    due_again()
    assert indexed() == 1
    assert sorted(ElasticStore().stamps(1, checking.END)) == [report.pk, other.pk]
    assert no_drift()


def test_an_index_without_its_shards_is_answered_for_and_catches_up(
    clock: Clock, found: Any, elastic: Any, report_in: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(keeping, "WRITING", 0.5)
    # given an index that no machine may hold: one that it held before it would be given all the same
    name = f"{family()}-v{mapping.VERSION}-red"
    nowhere = "routing.allocation.require.box"
    elastic.indices.create(
        index=name,
        settings={**mapping.settings(), nowhere: "none"},
        mappings=mapping.mappings(),
        aliases={alias(): {}},
        wait_for_active_shards=0,
    )
    assert elastic.cluster.health(index=name)["status"] == "red"
    # then what is to be indexed waits, and the database answers and says so
    report = report_in("with_entity", text="قزحطم عند الباب")
    assert lines.run(LINE) == 0
    assert waiting() == 1
    assert found("قزحطم") == ([report.pk], True)
    assert not Effect.objects.filter(state="failed").exists()
    # and once there is room for it, it is as if nothing had been
    elastic.indices.put_settings(index=name, settings={nowhere: None})
    elastic.cluster.health(index=name, wait_for_status="yellow", timeout="30s")
    clock.rest()
    due_again()
    assert lines.run(LINE) == 1
    building.refresh(name)
    assert found("قزحطم") == ([report.pk], False)
    assert no_drift()


def test_in_a_storm_of_writes_the_last_revision_stands(
    index: Any, indexed: Any, report_in: Any, people: Any
) -> None:
    # given five reports of which ten revisions were read
    reports = [report_in("with_entity") for _ in range(5)]
    ids = [report.pk for report in reports]
    read = [documents.documents(ids)]
    for number in range(9):
        for report in reports:
            actions.update_sender(
                report.pk, actor=StaffActor(people.coordinator), text=f"الخبر رقم {number} عن البلاغ."
            )
        read.append(documents.documents(ids))
    # when eight workers write all of them at once, each in an order of its own
    refused: list[Any] = []

    def work(seed: int) -> None:
        mine = list(read)
        random.Random(seed).shuffle(mine)
        for batch in mine:
            refused.append(ElasticStore().put(batch))

    workers = [threading.Thread(target=work, args=[seed]) for seed in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    # then nothing was refused, and each is the last one
    assert refused == [{}] * 80
    ElasticStore().settle()
    there = ElasticStore().stamps(1, checking.END)
    assert {pk: stamp.revision for pk, stamp in there.items()} == dict.fromkeys(ids, 10)
    assert set(Report.objects.values_list("revision", flat=True)) == {10}
    assert building.count(index.name) == 5
    # and nothing is left over for the outbox to spoil
    indexed()
    assert no_drift()
