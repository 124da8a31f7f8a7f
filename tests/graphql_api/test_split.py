"""A split report over the API: its parts under one reference, and the sender's actions on each."""

import json

import pytest

from cms.reports import actions, senders
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from tests.factories import SenderFactory, split_report, submit

from .test_query_counts import Statements

pytestmark = pytest.mark.django_db

READ = (
    "query($r: String!, $s: String!) { trackReport(reference: $r, secret: $s) { reference state"
    " parts { number reference title state entity { code } service { code } dueAt timeline { code }"
    " conversation { text } answer { text } availableActions } } }"
)


@pytest.fixture
def whole(people):
    return submit()


@pytest.fixture
def parts(people, whole):
    return split_report(whole.report, people.supervisor, "municipality.north", "water")


def read(api, submitted):
    return api.data(READ, {"r": submitted.report.reference, "s": submitted.secret})["trackReport"]


def own(submitted, **more):
    return {"reference": submitted.report.reference, "secret": submitted.secret, **more}


def test_the_parts_stand_under_one_reference(api, whole, parts):
    tracked = read(api, whole)
    assert [(p["number"], p["title"], p["state"], p["entity"]["code"]) for p in tracked["parts"]] == [
        (1, "موضوع 1", "WITH_ENTITY", "municipality.north"),
        (2, "موضوع 2", "WITH_ENTITY", "water"),
    ]
    assert {p["reference"] for p in tracked["parts"]} == {tracked["reference"]}
    assert tracked["parts"][0]["timeline"] == [{"code": "split"}]
    said = json.dumps(tracked, ensure_ascii=False)
    assert [w for w in ("سبب للموظفين", parts[0].reference, parts[1].reference) if w in said] == []


def test_a_report_that_was_not_split_asks_nothing_more(api, people):
    submitted = submit()
    read(api, submitted)
    with Statements() as statements:
        assert read(api, submitted)["parts"] == []
    statements.at_most(2)


def test_a_part_is_acted_on_by_its_number(api, people, whole, parts):
    asked = actions.ask_sender(
        parts[1].pk, actor=StaffActor(people.supervisor), version=parts[1].version, text="أين التسرب؟"
    )
    done = api.mutate("replyToEntity", own(whole, part=2, text="عند الزاوية."))
    assert done["errors"] == []
    assert done["report"]["reference"] == whole.report.reference
    assert Report.objects.get(pk=asked.pk).state == "with_entity"
    assert api.mutate("withdrawReport", own(whole, part=1))["errors"] == []
    states = [Report.objects.get(pk=part.pk).state for part in parts]
    assert states == ["withdrawn", "with_entity"]
    assert Report.objects.get(pk=whole.report.pk).state == "with_entity"


@pytest.mark.parametrize("number", [0, 3, -1])
def test_a_part_that_is_not_there(api, whole, parts, number):
    done = api.mutate("withdrawReport", own(whole, part=number))
    assert [(error["code"], error["field"]) for error in done["errors"]] == [("NOT_FOUND", ["part"])]
    assert {Report.objects.get(pk=part.pk).state for part in parts} == {"with_entity"}


def test_the_token_lists_the_whole_alone_and_opens_no_part_by_its_own_number(api, people):
    sender = SenderFactory()
    whole = submit(sender=sender)
    part = split_report(whole.report, people.coordinator)[0]
    token, _expires = senders.issue_token(sender)
    query = "{ myReports { edges { node { reference parts { number } } } } }"
    assert api.data(query, token=token)["myReports"]["edges"] == [
        {"node": {"reference": whole.report.reference, "parts": [{"number": 1}, {"number": 2}]}}
    ]
    refused = api.mutate("withdrawReport", {"reference": part.reference}, token=token)
    assert [error["code"] for error in refused["errors"]] == ["NOT_FOUND"]
    done = api.mutate("withdrawReport", {"reference": whole.report.reference, "part": 1}, token=token)
    assert done["errors"] == []
    assert Report.objects.get(pk=part.pk).state == "withdrawn"
