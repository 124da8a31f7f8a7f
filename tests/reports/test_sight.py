"""Who can see a report, and why: the screen says what the rule says, for everybody."""

import pytest
from django.utils import timezone

from cms.reports.actors import EntitySender, StaffActor
from cms.reports.models import Report
from cms.reports.sight import sight_of, who_can_see, who_follows
from permissions.models import User
from tests import factories

pytestmark = pytest.mark.django_db


def asked(report):
    return {sight.person.username: sight for sight in who_can_see(report, at=timezone.now())}


@pytest.mark.parametrize("state", ["received", "with_entity", "in_progress", "closed"])
def test_it_names_exactly_those_whom_the_rule_lets_see(people, report_in, state):
    report = report_in(state)
    seeing = {name for name, sight in asked(report).items() if sight.sees}
    rule = {
        user.username
        for user in User.objects.all()
        if Report.objects.filter(pk=report.pk).visible_to(StaffActor(user)).exists()
    }
    assert seeing == rule
    assert "coordinator2" not in seeing


def test_a_confidential_report_names_who_is_kept_out_and_why(people):
    report = factories.submitted_report(service="abuse", place="town", answers={})
    found = asked(report)
    assert {name for name, sight in found.items() if sight.sees} == {
        "grantee",
        "triage-confidential1",
        "triage-confidential2",
    }
    assert found["grantee"].because[-1].startswith("مسمّى")
    assert not found["coordinator2"].sees
    assert "سري" in found["coordinator2"].in_spite[0]
    assert not found["supervisor"].sees


def test_the_sentence_says_where_the_right_comes_from(people, report_in):
    found = asked(report_in("in_progress"))
    assert found["specialist"].because[-1] == "المسؤول عنه"
    assert people.coordinator3.username in found
    assert "الأعلى" in found["coordinator3"].because[0]
    assert found["specialist-b"].in_spite == ["لا يرى هذا الدور إلا ما أُسند إلى صاحبه."]


def test_who_follows_what_their_entity_sent_is_named_apart(people, catalogue):
    factories.grant(people.specialist, "submit_on_behalf", catalogue.north)
    report = factories.letter(people.coordinator, sender="municipality.north", to="water")
    following = who_follows(report, at=timezone.now())
    assert {sight.person.username for sight in following} == {
        user.username
        for user in User.objects.all()
        if Report.objects.filter(pk=report.pk).visible_to(EntitySender(user)).exists()
    }
    assert {sight.person.username: sight.because for sight in following}["specialist"] == [
        "مسمّى للإرسال عن البلدية الشمالية"
    ]
    # Its notes are not theirs to be called to: they are none of those who see it.
    assert "coordinator" not in asked(report)
    apart = sight_of(people.coordinator, report, at=timezone.now())
    assert not apart.sees
    assert apart.in_spite[-1] == "يتابعه مرسِلًا عن البلدية الشمالية، ولا يقرأ بذلك شيئًا داخليًا."
    plain = factories.submitted_report()
    assert who_follows(plain, at=timezone.now()) == []
