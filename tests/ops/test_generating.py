"""Where reports are generated and where not, on a database without the demonstration's own."""

from collections import Counter

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from cms.demo.generate import NotADemonstration, generate
from cms.demo.models import LoadedReport
from cms.reports.history import verify
from cms.reports.models import Report
from permissions.models import User


def test_nothing_is_generated_beside_reports_that_are_no_demonstration(report_in):
    report_in("answered")
    with pytest.raises(CommandError, match="may be a real one"):
        call_command("generate_reports", count=5)
    assert Report.objects.count() == 1


def test_nothing_is_generated_where_only_people_are_there(people):
    assert User.objects.exists()
    with pytest.raises(NotADemonstration):
        generate(5)
    assert Report.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_batches_are_committed_one_by_one(committing_db, report_in):
    for number, state in enumerate(("with_entity", "in_progress", "answered")):
        LoadedReport.objects.create(code=f"r{number}", report=report_in(state))
    totals = []
    generate(10, wrote=totals.append)
    assert totals == [3, 6, 9, 10]
    connection.close()
    assert Counter(Report.objects.values_list("state", flat=True)) == {
        "with_entity": 5,
        "in_progress": 4,
        "answered": 4,
    }
    assert list(verify()) == []
