"""A merged report over the API: the primary's state and common replies, and no word of its sender."""

import json

import pytest

from cms.reports import actions, senders
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from tests.factories import SenderFactory, as_sender, report_in, submit

from .test_query_counts import Statements

pytestmark = pytest.mark.django_db

READ = (
    "query($r: String!, $s: String!) { trackReport(reference: $r, secret: $s) { reference state"
    " stateLabel merged entity { code } reopenUntil availableActions timeline { code state text by common }"
    " conversation { author text common } answer { text common } } }"
)
OTHERS = "أسكن مقابل العمود المكسور تمامًا، ورقم بيتي مكتوب عليه."


@pytest.fixture
def group(people):
    """(submitted member, primary): the primary has a question and its answer, and is answered."""
    member = submit()
    primary = submit(text=OTHERS).report
    staff = {"coordinator": people.coordinator, "specialist": people.specialist}
    lead = StaffActor(people.coordinator)
    actions.merge(member.report.pk, actor=lead, version=member.report.version, primary=primary.reference)
    return member, report_in("awaiting_sender", report=primary, **staff)


def read(api, submitted):
    return api.data(READ, {"r": submitted.report.reference, "s": submitted.secret})["trackReport"]


def test_it_reads_the_primarys_state_and_no_question(api, group):
    member, primary = group
    tracked = read(api, member)
    assert (tracked["state"], tracked["merged"]) == ("IN_PROGRESS", True)
    assert tracked["availableActions"] == ["ADD_INFORMATION", "WITHDRAW"]
    assert tracked["conversation"] == []
    assert primary.reference not in json.dumps(tracked)


def test_the_answer_is_common_and_lets_rate_and_reopen(api, people, group):
    member, primary = group
    asked = Report.objects.get(pk=primary.pk)
    actions.sender_reply(primary.pk, actor=as_sender(primary), text="الثالث من جهة بيتي.")
    actions.answer(
        primary.pk, actor=StaffActor(people.coordinator), version=asked.version + 1, text="أصلحنا العمود."
    )
    tracked = read(api, member)
    assert (tracked["state"], tracked["answer"]) == ("ANSWERED", {"text": "أصلحنا العمود.", "common": True})
    assert tracked["availableActions"] == ["ADD_INFORMATION", "RATE", "REOPEN", "WITHDRAW"]
    assert tracked["reopenUntil"] is not None
    said = json.dumps(tracked, ensure_ascii=False)
    assert [
        words for words in (OTHERS, "من جهة بيتي", "أي عمود بالتحديد", primary.reference) if words in said
    ] == []
    own = {"reference": member.report.reference, "secret": member.secret}
    assert api.mutate("rateReport", {**own, "rating": 4})["errors"] == []
    reopened = api.mutate("reopenReport", {**own, "reason": "ما زال مطفأ."})
    assert reopened["errors"] == []
    assert (reopened["report"]["state"], reopened["report"]["merged"]) == ("WITH_ENTITY", False)


def test_following_a_primary_costs_2_more(api, group):
    member, _primary = group
    read(api, member)
    with Statements() as statements:
        assert read(api, member)["timeline"][-1]["common"] is True
    statements.at_most(4)


def test_my_reports_stand_where_their_primaries_do(api, people):
    sender = SenderFactory()
    mine, other = submit(sender=sender).report, submit().report
    actions.merge(
        mine.pk, actor=StaffActor(people.coordinator), version=mine.version, primary=other.reference
    )
    report_in("answered", report=other, coordinator=people.coordinator, specialist=people.specialist)
    token, _expires = senders.issue_token(sender)
    query = "query($s: [SenderState!]) { myReports(state: $s) { edges { node { reference state merged } } } }"

    def listed(*states):
        return api.data(query, {"s": list(states)}, token=token)["myReports"]["edges"]

    assert listed("ANSWERED") == [
        {"node": {"reference": mine.reference, "state": "ANSWERED", "merged": True}}
    ]
    assert listed("WITH_ENTITY", "IN_PROGRESS", "CLOSED") == []
