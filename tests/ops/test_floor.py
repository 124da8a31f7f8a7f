"""The floor that script/prove queue compares with does the same work: the same rows in the same order."""

import json

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from benchmarks.floor import queue_page, report_page
from cms.desk.queue import paging, rows
from cms.reports.models import Report

REFERENCE = 1


@pytest.fixture
def bare(report_in):
    """Some reports with a promise and some without, and a connection that is not Django's cursor."""
    if connection.vendor != "postgresql":
        pytest.skip("the floor is written for PostgreSQL")
    for state in ("with_entity", "in_progress", "answered", "closed", "in_progress"):
        report_in(state)
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        yield cursor


@pytest.mark.parametrize("states", [None, ["in_progress"], ["closed", "answered"]])
def test_the_floor_has_the_rows_of_the_queue(bare, states):
    ours = Report.objects.filter(privacy="normal")
    ours = ours.filter(state__in=states) if states else ours
    page, _, _ = paging.page(rows.with_promise(ours, timezone.now()))
    floor = json.loads(queue_page(bare, entities=None, service=None, states=states))
    assert [row[REFERENCE] for row in floor] == [report.reference for report in page]


def test_it_goes_on_after_the_same_row(bare):
    ours = list(Report.objects.filter(privacy="normal").order_by(*paging.DUE.forwards))
    key = paging.DUE.key(ours[1])
    page, _, _ = paging.page(
        rows.with_promise(Report.objects.filter(privacy="normal"), timezone.now()), after=paging.written(key)
    )
    floor = json.loads(queue_page(bare, entities=None, service=None, states=None, after=key))
    # It stops where those with a promise end: at a million reports no page that is measured holds both.
    assert [row[REFERENCE] for row in floor] == [one.reference for one in page if one.next_due_at]
    assert page == ours[2:]


def test_the_reports_own_statement_finds_its_history(bare):
    report = Report.objects.filter(state="closed").get()
    found = json.loads(report_page(bare, report.public_id))
    assert found[0] == report.reference
    assert len(found[-2]) == report.event_count
