"""Elasticsearch away, slow, full, red, or closed to us: nobody who reports notices, and nothing is lost.

The kill with -9 is in `script/prove search`, which has a server of its own to kill.
"""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
from django.utils import timezone

from cms.outbox import lines
from cms.outbox.models import Effect
from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from search import checking, documents, indexing, searching
from search.backends.elastic import building
from search.backends.elastic.keeping import ElasticStore
from search.scope import LINE
from tests.search.conftest import elastic, index, indexed

__all__ = ["elastic", "index", "indexed"]

pytestmark = pytest.mark.django_db


def waiting() -> int:
    return Effect.objects.filter(line=LINE, state="pending").count()


def due_again() -> None:
    """The pause has passed."""
    Effect.objects.filter(line=LINE).update(not_before=timezone.now())
    indexing.forget()
    searching.forget()


def no_drift() -> bool:
    return not checking.check(ElasticStore(), mending=False).drift.ids


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
