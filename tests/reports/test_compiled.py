"""Statements that are compiled once answer as the querysets they were compiled from, afresh each time."""

import pytest
from django.db import connection
from django.db.models import BigIntegerField, Q, signals
from django.test.utils import CaptureQueriesContext

from cms.reports import merging, tracking
from cms.reports.compiled import Compiled, Parameter
from cms.reports.models import Event, Report
from tests.factories import report_in, submit

pytestmark = pytest.mark.django_db


def shown(instance):
    """All that was read of a row: what is deferred is not in `__dict__`."""
    return {name: value for name, value in vars(instance).items() if not name.startswith("_")}


def by_pk(first):
    return Report.objects.filter(pk=first).with_rated().only("reference", "submitted_at", "public_id")


@pytest.fixture
def reports(people):
    states = ("with_entity", "in_progress", "answered", "rejected")
    return [
        report_in(state, report=submit().report, coordinator=people.coordinator, specialist=people.specialist)
        for state in states
    ]


def test_a_compiled_row_has_the_values_and_types_of_the_queryset(reports):
    compiled = Compiled(lambda: by_pk(Parameter("pk", BigIntegerField())))
    for report in reports:
        (row,) = compiled(pk=report.pk)
        expected = by_pk(report.pk).get()
        assert shown(row) == shown(expected)
        assert row.get_deferred_fields() == expected.get_deferred_fields()
        assert row == report


def test_events_come_with_their_text_and_entity_as_from_the_queryset(reports):
    for report in reports:
        expected = list(merging._events_of(Q(report_id=report.pk)))
        with CaptureQueriesContext(connection) as statements:
            told = merging.read_chains([report.pk])[report.pk]
            assert [shown(event) for event in told] == [shown(event) for event in expected]
            for event, same in zip(told, expected, strict=True):
                assert shown(event.entity) == shown(same.entity) if event.entity else same.entity is None
                assert getattr(event, "body", None) == getattr(same, "body", None)
        assert len(statements) == 1


def test_two_reports_chains_are_read_together_and_kept_apart(reports):
    first, second = reports[0], reports[2]
    with CaptureQueriesContext(connection) as statements:
        chains = merging.read_chains([first.pk, second.pk])
    assert len(statements) == 1
    for report in (first, second):
        expected = Event.objects.filter(report=report).order_by("sequence").values_list("pk", flat=True)
        assert [event.pk for event in chains[report.pk]] == list(expected)


def test_each_call_asks_the_database(people):
    submitted = submit()
    reference, secret = submitted.report.reference, submitted.secret
    assert tracking.find(reference, secret, client="tests").title == submitted.report.title
    Report.objects.filter(pk=submitted.report.pk).update(title="عنوان جديد")
    with CaptureQueriesContext(connection) as statements:
        assert tracking.find(reference, secret, client="tests").title == "عنوان جديد"
    assert len(statements) == 1


def test_a_row_is_an_instance_like_any_other(reports):
    compiled = Compiled(lambda: by_pk(Parameter("pk", BigIntegerField())))
    (row,) = compiled(pk=reports[0].pk)
    assert (row._state.db, row._state.adding) == ("default", False)
    assert row.state == "with_entity"
    row.title = "عنوان جديد"
    row.save(update_fields=["title"])
    assert Report.objects.get(pk=row.pk).title == "عنوان جديد"


def test_a_model_that_somebody_listens_to_is_made_by_itself(reports):
    made = []

    def listen(instance, **_kwargs):
        made.append(instance.reference)

    signals.post_init.connect(listen, sender=Report)
    try:
        Compiled(lambda: by_pk(Parameter("pk", BigIntegerField())))(pk=reports[0].pk)
    finally:
        signals.post_init.disconnect(listen, sender=Report)
    assert made == [reports[0].reference]


@pytest.mark.postgres
def test_postgresql_keeps_the_plan_and_a_new_connection_makes_it_again(reports):
    compiled = Compiled(lambda: by_pk(Parameter("pk", BigIntegerField())))
    kept = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"
    with connection.cursor() as cursor:
        # What the tests before have kept on this connection.
        (before,) = cursor.execute(kept, ["%reports_report%"]).fetchone()
        for report in reports:
            assert compiled(pk=report.pk)[0].reference == report.reference
        (count,) = cursor.execute(kept, ["%reports_report%"]).fetchone()
        assert count == before + 1
        cursor.execute("DEALLOCATE ALL")
    assert compiled(pk=reports[0].pk)[0].reference == reports[0].reference


def test_a_missing_value_is_an_error_and_not_somebody_elses_row(reports):
    compiled = Compiled(lambda: by_pk(Parameter("pk", BigIntegerField())))
    compiled(pk=reports[0].pk)
    with pytest.raises(KeyError):
        compiled()
