"""An index filled by several processes. The command has a process of its own: one that forks has no threads
beside, and all of its processes see what was committed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from search import checking, rebuilding
from search.backends.elastic import building
from search.backends.elastic.keeping import ElasticStore

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committing_db")]
ROOT = Path(__file__).resolve().parents[2]
# A span for each report; the process that comes to the span that ends with `killed` is killed.
COMMAND = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from search import filling, rebuilding
killed, read, here = int(sys.argv[1]), filling.documents_between, os.getpid()

def read_or_killed(first, last):
    if last == killed and os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    return read(first, last)

rebuilding.AT_ONCE, filling.documents_between = 1, read_or_killed
call_command("search_rebuild", "--processes=2")
"""


@pytest.fixture
def rebuilt(elastic, settings, tmp_path):
    """Call it: what the command says, and whether it ended well."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: another process must see what is committed")
    to = connection.settings_dict
    password = f":{to['PASSWORD']}" if to["PASSWORD"] else ""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "cms.settings.embedded",
        "SAWT_VAR": str(tmp_path),
        "DATABASE_URL": f"postgresql://{to['USER']}{password}@{to['HOST']}:{to['PORT']}/{to['NAME']}",
        "ELASTICSEARCH_URL": settings.ELASTICSEARCH_URL,
        "SAWT_SEARCH_PREFIX": settings.SAWT_SEARCH_PREFIX,
    }

    def run(killed=0):
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, str(killed)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=100,
        )
        return done.stdout, done.returncode == 0

    return run


def states():
    return [index.state for index in building.indices()]


def test_several_processes_write_it(rebuilt, report_in):
    reports = [report_in("with_entity").pk for _ in range(5)]
    said, is_well = rebuilt()
    assert is_well, said
    assert "5 written, 0 mended, 0 refused" in said
    assert states() == ["live"]
    assert sorted(ElasticStore().stamps(1, checking.END)) == reports


def test_the_next_run_goes_on_where_one_of_them_was_killed(rebuilt, report_in, monkeypatch):
    # given five reports, of which the fourth costs the process that reads it its life
    reports = [report_in("with_entity").pk for _ in range(5)]
    said, is_well = rebuilt(killed=reports[3])
    # then the build says so and is not asked
    assert not is_well
    assert "A process that wrote was killed; the next run goes on." in said
    assert states() == ["next"]
    # and, once nobody is thought to be at it, the next one is whole
    monkeypatch.setattr(rebuilding, "SILENT", 0)
    assert rebuilding.rebuild().mended == 0
    assert (states(), sorted(ElasticStore().stamps(1, checking.END))) == (["live"], reports)
