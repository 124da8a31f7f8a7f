"""Setting right priority, place and service: the report stays where it is, and so do its promises."""

import pytest

from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.errors import Code, DomainError
from cms.reports.models import Report
from cms.reports.timeline import sender_timeline

pytestmark = pytest.mark.django_db

WHY = "وصفه المرسل خطأ."
CASES = [
    (actions.set_priority, {"priority": "urgent"}, "priority", "urgent"),
    (actions.set_place, {"place": "village"}, "place.code", "village"),
    (actions.set_service, {"service": "leak"}, "service.code", "leak"),
]


def value(report, path):
    for name in path.split("."):
        report = getattr(report, name)
    return report


@pytest.mark.parametrize(("action", "given", "path", "now"), CASES, ids=[c[0].__name__ for c in CASES])
def test_it_changes_that_alone(people, report_in, action, given, path, now):
    report = report_in("assigned")
    was = value(report, path)
    set_right = action(report.pk, actor=StaffActor(people.coordinator), text=WHY, **given)
    fresh = Report.objects.get(pk=report.pk)
    assert value(fresh, path) == now
    assert (fresh.version, fresh.entity, fresh.resolution_due_at) == (
        report.version,
        report.entity,
        report.resolution_due_at,
    )
    assert fresh.revision == report.revision + 1
    event = set_right.events.latest("sequence")
    assert (event.data["was"], event.body.text) == (was, WHY)


def test_the_sender_reads_that_the_place_was_corrected_and_not_why(people, report_in):
    report = report_in("assigned")
    fresh = actions.set_place(
        report.pk, actor=StaffActor(people.coordinator), place="village", text="المرسل لا يعرف المنطقة."
    )
    last = sender_timeline(fresh)[-1]
    assert (last.code, last.text) == ("set_place", "")
    fresh = actions.set_priority(
        report.pk, actor=StaffActor(people.coordinator), priority="low", text="ليس عاجلًا."
    )
    assert sender_timeline(fresh)[-1].code == "set_place"


@pytest.mark.parametrize(("action", "given", "path", "now"), CASES, ids=[c[0].__name__ for c in CASES])
@pytest.mark.parametrize("broken", ["same", "unknown", "no reason"])
def test_what_makes_no_sense_is_refused(people, report_in, action, given, path, now, broken):
    report = report_in("assigned")
    field = next(iter(given))
    arguments = {
        "same": {field: value(report, path), "text": WHY},
        "unknown": {field: "nothing-like-it", "text": WHY},
        "no reason": {**given, "text": " "},
    }[broken]
    with pytest.raises(DomainError) as refused:
        action(report.pk, actor=StaffActor(people.coordinator), **arguments)
    assert refused.value.field == (("text",) if broken == "no reason" else (field,))
    fresh = Report.objects.get(pk=report.pk)
    assert (fresh.event_count, fresh.revision) == (report.event_count, report.revision)


@pytest.mark.parametrize("service", ["abuse", "thanks"])
def test_another_privacy_or_thanks_is_the_supervisors_to_set(people, report_in, service):
    report = report_in("with_entity")
    with pytest.raises(DomainError) as refused:
        actions.set_service(report.pk, actor=StaffActor(people.coordinator), service=service, text=WHY)
    assert refused.value.code is Code.DENIED
    fresh = actions.set_service(report.pk, actor=StaffActor(people.supervisor), service=service, text=WHY)
    # Privacy was snapshotted at submission; only set_privacy changes it.
    assert (fresh.service.code, fresh.privacy, fresh.kind) == (service, "normal", fresh.service.kind)
    assert fresh.deadlines.filter(outcome="open").count() == report.deadlines.filter(outcome="open").count()


def test_a_specialist_sets_nothing(people, report_in):
    report = report_in("in_progress")
    with pytest.raises(DomainError) as refused:
        actions.set_priority(report.pk, actor=StaffActor(people.specialist), priority="urgent", text=WHY)
    assert refused.value.code is Code.DENIED
    assert Report.objects.get(pk=report.pk).priority == report.priority
