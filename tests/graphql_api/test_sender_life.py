"""The sender's side of a report's life, through the API alone; the entity's side through its actions."""

import uuid

import pytest

from cms.reports import actions, senders
from cms.reports.actors import StaffActor
from cms.reports.models import Event, Report
from cms.reports.workflow import TRANSITIONS, Who
from tests.factories import SenderFactory, report_in, submit

pytestmark = pytest.mark.django_db


class Life:
    """One report, its secret, and the two people of its entity."""

    def __init__(self, api, people, state, **kwargs):
        self.api, self.people = api, people
        submitted = submit(**kwargs)
        self.secret = submitted.secret
        self.report = report_in(
            state, report=submitted.report, coordinator=people.coordinator, specialist=people.specialist
        )

    def do(self, mutation, **fields):
        given = {"reference": self.report.reference, "secret": self.secret, **fields}
        return self.api.mutate(mutation, {name: value for name, value in given.items() if value is not None})

    def staff(self, action, person="specialist", **kwargs):
        self.report.refresh_from_db()
        actor = StaffActor(getattr(self.people, person))
        self.report = actions.BY_NAME[action](
            self.report.pk, actor=actor, version=self.report.version, **kwargs
        )


@pytest.fixture
def life(api, people):
    return lambda state, **kwargs: Life(api, people, state, **kwargs)


def codes(answer):
    return [error["code"] for error in answer["errors"]]


def test_the_whole_life_of_a_report(api, people, life):
    lamp = life("awaiting_sender")
    tracked = api.track(lamp.report.reference, lamp.secret)
    assert tracked["state"] == "AWAITING_SENDER"
    assert tracked["conversation"] == [{"author": "ENTITY", "text": "أي عمود بالتحديد؟"}]
    assert tracked["availableActions"] == ["SENDER_REPLY", "WITHDRAW"]

    replied = lamp.do("replyToEntity", text="الثالث من جهة المسجد.")
    assert replied["errors"] == []
    assert replied["report"]["state"] == "IN_PROGRESS"
    assert replied["report"]["conversation"][-1] == {"author": "SENDER", "text": "الثالث من جهة المسجد."}

    added = lamp.do("addInformation", text="العمود يحمل الرقم 17.")
    assert added["report"]["conversation"][-1]["text"] == "العمود يحمل الرقم 17."

    lamp.staff("draft_reply", text="أصلحنا العمود اليوم.")
    drafted = api.track(lamp.report.reference, lamp.secret)
    assert drafted["state"] == "IN_PROGRESS"
    assert drafted["answer"] is None
    assert "أصلحنا" not in str(drafted)

    lamp.staff("answer", "coordinator", text="أصلحنا العمود اليوم.")
    answered = api.track(lamp.report.reference, lamp.secret)
    assert (answered["state"], answered["answer"]["text"]) == ("ANSWERED", "أصلحنا العمود اليوم.")
    assert answered["answer"]["entityName"] == "البلدية الشمالية"
    assert answered["dueAt"] is None
    assert answered["availableActions"] == ["ACCEPT", "RATE", "REOPEN"]

    reopened = lamp.do("reopenReport", reason="انطفأ مرة أخرى في المساء نفسه.")
    assert reopened["report"]["state"] == "WITH_ENTITY"
    assert reopened["report"]["answer"] is None

    lamp.staff("answer", "coordinator", text="استبدلنا المصباح.")
    accepted = lamp.do("acceptReply", rating=5, comment="شكرًا")
    assert accepted["errors"] == []
    assert accepted["report"]["state"] == "CLOSED"
    assert accepted["report"]["availableActions"] == ["REOPEN"]
    assert [entry["code"] for entry in accepted["report"]["timeline"]] == [
        "submit", "assign", "start", "ask_sender", "sender_reply", "add_information",
        "answer", "reopen", "answer", "accept", "rate",
    ]  # fmt: skip


def test_withdrawing_ends_it(life):
    lamp = life("assigned")
    assert lamp.do("withdrawReport")["report"]["state"] == "WITHDRAWN"
    assert codes(lamp.do("addInformation", text="معلومة أخيرة")) == ["WRONG_STATE"]


@pytest.mark.parametrize(
    ("state", "mutation", "fields"),
    [
        ("awaiting_sender", "replyToEntity", {"text": "الثالث من جهة المسجد."}),
        ("awaiting_sender", "addInformation", {"text": "الثالث من جهة المسجد."}),
        ("with_entity", "addInformation", {"text": "العمود يحمل الرقم 17."}),
        ("answered", "acceptReply", {"rating": 4, "comment": "شكرًا"}),
        ("answered", "acceptReply", {}),
        ("answered", "rateReport", {"rating": 2}),
        ("answered", "reopenReport", {"reason": "لم يصلح شيء."}),
        ("in_progress", "withdrawReport", {}),
    ],
)
def test_the_same_content_again_gives_the_report_and_writes_nothing(life, state, mutation, fields):
    lamp = life(state)
    first = lamp.do(mutation, **fields)
    assert first["errors"] == []
    events = Event.objects.count()
    assert lamp.do(mutation, **fields) == first
    assert Event.objects.count() == events


def test_a_key_writes_once_though_the_entity_wrote_in_between(life):
    lamp = life("in_progress")
    key = uuid.uuid4().hex
    lamp.do("addInformation", text="العمود يحمل الرقم 17.", idempotencyKey=key)
    lamp.staff("start" if lamp.report.state == "assigned" else "ask_sender", text="أي شارع؟")
    again = lamp.do("addInformation", text="العمود يحمل الرقم 17.", idempotencyKey=key)
    assert again["errors"] == []
    assert again["report"]["state"] == "AWAITING_SENDER"
    other = lamp.do("addInformation", text="نص آخر", idempotencyKey=key)
    assert codes(other) == ["IDEMPOTENCY_CONFLICT"]
    assert other["errors"][0]["message"] == "استُعمل هذا المفتاح لنص آخر."
    assert Event.objects.filter(code__in=["add_information", "sender_reply"]).count() == 1


@pytest.mark.parametrize(
    ("state", "mutation", "fields", "code"),
    [
        ("with_entity", "acceptReply", {}, "WRONG_STATE"),
        ("with_entity", "rateReport", {"rating": 3}, "WRONG_STATE"),
        ("with_entity", "replyToEntity", {"text": "لم يسألني أحد"}, "WRONG_STATE"),
        ("answered", "withdrawReport", {}, "WRONG_STATE"),
        ("rejected", "reopenReport", {"reason": "أعترض"}, "WRONG_STATE"),
        ("answered", "rateReport", {"rating": 6}, "INVALID"),
        ("answered", "acceptReply", {"rating": 0}, "INVALID"),
        ("answered", "reopenReport", {"reason": "  "}, "REQUIRED"),
        ("with_entity", "addInformation", {"text": ""}, "REQUIRED"),
        ("with_entity", "addInformation", {"text": "أ\x00ب"}, "BAD_CHARACTERS"),
        ("with_entity", "addInformation", {"text": "x", "idempotencyKey": "short"}, "INVALID"),
    ],
)
def test_what_may_not_be_done_is_a_coded_error_and_writes_nothing(life, state, mutation, fields, code):
    lamp = life(state)
    before = Report.objects.values().get(), Event.objects.count()
    answer = lamp.do(mutation, **fields)
    assert (codes(answer), answer["report"]) == ([code], None)
    assert (Report.objects.values().get(), Event.objects.count()) == before


def test_a_second_rating_of_the_same_answer_is_refused(life):
    lamp = life("answered")
    lamp.do("rateReport", rating=5)
    assert codes(lamp.do("rateReport", rating=1)) == ["ALREADY_RATED"]


def test_31_a_wrong_secret_and_an_unknown_reference_answer_alike(api, life):
    lamp = life("with_entity")
    wrong = "AAAA-AAAA-AAAA"
    assert api.track(lamp.report.reference, wrong) is None
    unknown = Report.objects.get().reference
    Report.objects.update(reference="QS-26-0000000-0")
    assert api.track(unknown, lamp.secret) is None
    Report.objects.update(reference=unknown)
    answers = [
        api.mutate("withdrawReport", {"reference": reference, "secret": secret})
        for reference, secret in ((lamp.report.reference, wrong), (_another_reference(), lamp.secret))
    ]
    assert answers[0] == answers[1]
    assert codes(answers[0]) == ["NOT_FOUND"]


def _another_reference():
    from cms.reports.reference import draw

    return draw("QS", 2026)


def test_31_guessing_is_slowed_and_the_right_secret_still_opens(api, life):
    lamp = life("with_entity")
    query = "query($r: String!, $s: String!) { trackReport(reference: $r, secret: $s) { reference } }"
    found = None
    for _ in range(10):
        found = api(query, {"r": lamp.report.reference, "s": "AAAA-AAAA-AAAA"})
        if "errors" in found:
            break
    [error] = found["errors"]
    assert error["extensions"]["code"] == "TOO_MANY_ATTEMPTS"
    assert error["extensions"]["retryAfter"] > 0
    assert api.track(lamp.report.reference, lamp.secret)["reference"] == lamp.report.reference


@pytest.mark.parametrize(
    ("reference", "code"), [("hello", "REFERENCE_MALFORMED"), ("\ud800\x00", "REFERENCE_MALFORMED")]
)
def test_what_is_no_reference_is_told_before_any_look_up(api, reference, code):
    query = 'query($r: String!) { trackReport(reference: $r, secret: "x") { reference } }'
    answer = api(query, {"r": reference})
    assert answer["data"] == {"trackReport": None}
    assert answer["errors"][0]["extensions"]["code"] == code


def test_a_reference_as_people_type_it_is_understood(api, life):
    lamp = life("with_entity")
    typed = lamp.report.reference.lower().replace("-", " ").translate({ord("2"): "٢", ord("6"): "٦"})
    assert api.track(typed, lamp.secret.lower())["reference"] == lamp.report.reference


def test_a_signed_in_sender_needs_no_secret_for_their_own(api, people, life):
    mine, other = SenderFactory(), SenderFactory()
    lamp = life("with_entity", sender=mine)
    own, foreign = (senders.issue_token(sender)[0] for sender in (mine, other))
    given = {"reference": lamp.report.reference, "text": "العمود يحمل الرقم 17."}
    denied = api.mutate("addInformation", given, token=foreign)
    assert codes(denied) == ["NOT_FOUND"]
    assert codes(api.mutate("addInformation", given)) == ["SIGN_IN_REQUIRED"]
    assert codes(api.mutate("addInformation", given, token="nonsense")) == ["SIGN_IN_REQUIRED"]
    assert codes(api.mutate("addInformation", given, token=own)) == []


def test_a_confidential_report_needs_its_secret_also_from_its_sender(api, people, life):
    mine = SenderFactory()
    submitted = submit(sender=mine, service="abuse", answers={})
    token = senders.issue_token(mine)[0]
    given = {"reference": submitted.report.reference}
    assert codes(api.mutate("withdrawReport", given, token=token)) == ["NOT_FOUND"]
    assert api.data("{ myReports { edges { node { reference } } } }", token=token)["myReports"]["edges"] == []
    assert codes(api.mutate("withdrawReport", {**given, "secret": submitted.secret}, token=token)) == []


def test_my_reports_are_mine_newest_first_in_pages(api, people):
    mine, other = SenderFactory(), SenderFactory()
    references = [submit(sender=mine).report.reference for _ in range(3)]
    submit(sender=other)
    token = senders.issue_token(mine)[0]
    query = (
        "query($after: String) { myReports(first: 2, after: $after)"
        " { edges { node { reference state timeline { code } } } pageInfo { hasNextPage endCursor } } }"
    )
    page = api.data(query, {}, token=token)["myReports"]
    rest = api.data(query, {"after": page["pageInfo"]["endCursor"]}, token=token)["myReports"]
    assert (page["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    listed = [edge["node"]["reference"] for edge in page["edges"] + rest["edges"]]
    assert listed == references[::-1]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [("first: 101", "first"), ("first: 0", "first"), ('after: "x"', "after"), ('after: "WzEsMl0="', "after")],
)
def test_a_page_that_cannot_be_is_refused_by_its_argument(api, people, arguments, field):
    token = senders.issue_token(SenderFactory())[0]
    answer = api(f"{{ myReports({arguments}) {{ edges {{ cursor }} }} }}", token=token)
    assert answer["errors"][0]["extensions"] == {"code": "INVALID", "field": [field], "retryAfter": None}


def test_a_rejection_is_appealed_against_once(life):
    rejected = life("rejected")
    first = rejected.do("appealRejection", reason="لم يزر أحد الموقع.")
    assert (first["errors"], first["report"]["state"]) == ([], "RECEIVED")
    again = rejected.do("appealRejection", reason="لم يزر أحد الموقع.")
    assert (again["errors"], again["report"]) == ([], first["report"])
    assert codes(rejected.do("appealRejection", reason="سبب آخر لم يذكر.")) == ["WRONG_STATE"]


def test_only_built_actions_of_the_sender_are_in_the_schema():
    from graphql_api.enums import SenderAction

    built = {
        action
        for action, row in TRANSITIONS.items()
        if row.built and action != "submit" and any(way.who is Who.SENDER for way in row.ways)
    }
    assert {choice.value for choice in SenderAction} == built
    assert "split" not in built
