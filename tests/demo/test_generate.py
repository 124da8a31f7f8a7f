"""Many reports from the lives of a few: whole, and never where real ones may be."""

from collections import Counter

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.db.models import F

from cms.demo import generate as generating
from cms.demo.generate import generate
from cms.demo.models import LoadedReport
from cms.notifications.models import SentMessage
from cms.outbox.models import Effect
from cms.reports import deadlines, promises, secrets
from cms.reports.history import verify
from cms.reports.models import Assignment, Custody, Deadline, Event, EventText, Rating, Report, Sender
from cms.reports.reference import parse
from cms.reports.timeline import answer_of
from cms.reports.workflow import OPEN, State

pytestmark = pytest.mark.django_db
WITH_RESPONSIBLE = {State.ASSIGNED, State.IN_PROGRESS, State.REPLY_DRAFTED}


@pytest.fixture(scope="module")
def generated(demonstration, django_db_blocker):
    """Two hundred reports beside the demonstration's: (theirs, what was counted before)."""
    # Taken back at the end: the other tests count the demonstration alone.
    with django_db_blocker.unblock(), transaction.atomic():
        told = SentMessage.objects.count(), Effect.objects.count()
        generate(200)
        yield Report.objects.exclude(pk__in=LoadedReport.objects.values("report_id")), told
        made = Report.objects.exclude(pk__in=LoadedReport.objects.values("report_id"))
        assert made.count() == 200
        transaction.set_rollback(True)


def test_there_are_as_many_as_were_asked_for_and_their_histories_verify(generated):
    reports, _ = generated
    assert reports.count() == 200
    assert Event.objects.filter(report__in=reports).count() > 800
    assert EventText.objects.filter(event__report__in=reports).count() > 400
    assert list(verify()) == []


def test_they_stand_in_every_state_that_the_demonstration_has(generated):
    reports, _ = generated
    theirs = set(Report.objects.values_list("state", flat=True))
    states = Counter(reports.values_list("state", flat=True))
    assert set(states) == theirs >= OPEN | {State.ANSWERED, State.CLOSED, State.REJECTED, State.WITHDRAWN}


def test_a_merged_one_follows_the_primary_that_was_made_with_it(generated):
    reports, _ = generated
    merged = list(reports.filter(state=State.MERGED))
    assert merged
    for member in merged:
        assert reports.filter(pk=member.merged_into_id).exists()
        assert member.events.get(code="merge").data["primary"] == member.merged_into_id
        assert answer_of(member).common


def test_who_is_responsible_is_assigned_and_nobody_is_where_nobody_may_be(generated):
    reports, _ = generated
    working = reports.filter(state__in=WITH_RESPONSIBLE)
    assert working.exists()
    for report in working:
        current = report.assignments.filter(until=None, is_responsible=True)
        assert [row.person_id for row in current] == [report.responsible_id]
    idle = reports.filter(state__in={State.RECEIVED, State.WITH_ENTITY})
    assert not idle.exclude(responsible=None).exists()
    assert not Assignment.objects.filter(report__in=idle, until=None).exists()


def test_promises_add_up_and_custody_ends_before_the_present_entity_begins(generated):
    reports, _ = generated
    kept = Deadline.objects.filter(report__in=reports)
    assert kept.exclude(pauses=[]).exists()
    for deadline in kept:
        due = deadlines.due(
            deadline.starts_at, deadline.minutes, promises.calendar_of(deadline), promises.spans_of(deadline)
        )
        assert deadline.due_at == due
    running = reports.filter(next_due_at__isnull=False)
    for report in running:
        assert report.deadlines.get(promise="resolution", outcome="open").due_at == report.next_due_at
    passed_on = Custody.objects.filter(report__in=reports)
    assert passed_on.exists()
    assert not passed_on.filter(until__gt=F("report__entity_since")).exists()
    assert Rating.objects.filter(report__in=reports).exists()


def test_each_has_a_reference_and_a_secret_of_its_own(generated):
    reports, _ = generated
    for report in reports:
        assert parse(report.reference, configured.SAWT_REFERENCE_PREFIX) == report.reference
        secret = secrets.secret_for(report.public_id, report.secret_version)
        assert secrets.matches(secret, report.secret_hash, report.secret_version)
    for name in ("reference", "public_id", "secret_hash", "head_hash"):
        assert Report.objects.values(name).distinct().count() == Report.objects.count()


def test_their_senders_have_numbers_that_cannot_ring_and_nobody_is_told(generated):
    reports, told = generated
    senders = Sender.objects.filter(reports__in=reports).distinct()
    assert senders.exclude(phone="").exists()
    assert {len(phone) for phone in senders.values_list("phone", flat=True)} <= {0, 15}
    assert not senders.exclude(email="").exists()
    assert (SentMessage.objects.count(), Effect.objects.count()) == told


def test_what_comes_after_them_gets_ids_after_them(generated):
    last = Sender.objects.order_by("-pk").first()
    after = Sender.objects.create(created_at=last.created_at, last_seen_at=last.last_seen_at)
    assert after.pk > last.pk


def test_a_taken_reference_is_drawn_again(generated, monkeypatch):
    reports, _ = generated
    taken, fresh = reports.first().reference, "QS-26-0000000-0"
    draws = iter([taken, "in flight", fresh, fresh])
    monkeypatch.setattr(generating, "draw", lambda prefix, year: next(draws))
    assert generating._references(1, besides={"in flight"}) == {fresh}


def test_a_number_that_is_none_is_refused(generated):
    with pytest.raises(CommandError, match="1 or more"):
        call_command("generate_reports", count=0)


def test_nothing_is_generated_where_demonstrations_are_not_allowed(demonstration, settings):
    settings.SAWT_DEMO = False
    before = Report.objects.count()
    with pytest.raises(CommandError, match="SAWT_DEMO"):
        call_command("generate_reports", count=5)
    assert Report.objects.count() == before
