"""An index filled by several processes, which see what was committed."""

import os
import signal
from concurrent.futures import BrokenExecutor

import pytest

from search import checking, filling, rebuilding
from search.backends.elastic import building
from search.backends.elastic.keeping import ElasticStore

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committing_db")]


def states():
    return [index.state for index in building.indices()]


def test_several_processes_write_it(elastic, report_in, monkeypatch):
    reports = [report_in("with_entity").pk for _ in range(5)]
    monkeypatch.setattr(rebuilding, "AT_ONCE", 1)
    rebuilt = rebuilding.rebuild(processes=2)
    assert (rebuilt.written, rebuilt.mended, states()) == (5, 0, ["live"])
    assert sorted(ElasticStore().stamps(1, checking.END)) == reports


def test_the_next_run_goes_on_where_one_of_them_was_killed(elastic, report_in, monkeypatch):
    # given five reports, of which the fourth costs the process that reads it its life
    reports = [report_in("with_entity").pk for _ in range(5)]
    read = filling.documents_between
    here = os.getpid()

    def read_or_killed(first, last):
        if os.getpid() != here and last == reports[3]:
            os.kill(os.getpid(), signal.SIGKILL)
        return read(first, last)

    monkeypatch.setattr(rebuilding, "AT_ONCE", 1)
    monkeypatch.setattr(filling, "documents_between", read_or_killed)
    # then the build says so and is not asked
    with pytest.raises(BrokenExecutor):
        rebuilding.rebuild(processes=2)
    assert states() == ["next"]
    # and, once nobody is thought to be at it, the next one is whole
    monkeypatch.setattr(rebuilding, "SILENT", 0)
    assert rebuilding.rebuild().mended == 0
    assert (states(), sorted(ElasticStore().stamps(1, checking.END))) == (["live"], reports)
