"""How many SQL statements the hot operations cost (budgets.md; savepoints, sign-in and throttles apart)."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms.entities.snapshot import catalogue as present_catalogue
from cms.reports import senders
from tests.factories import SenderFactory, submit

from .conftest import SUBMIT, submission

pytestmark = pytest.mark.django_db
FRAMES = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK", "BEGIN", "COMMIT")
# A statement of its own; the counter that comes with a tracked report is a column of that report's.
THROTTLE = re.compile(r'^(SELECT|UPDATE|INSERT INTO|DELETE FROM) .{0,80}"permissions_attempts"')


class Statements(CaptureQueriesContext):
    """The statements within, without the frames of transactions."""

    def __init__(self):
        super().__init__(connection)

    @property
    def all(self):
        statements = [row["sql"] for row in self.captured_queries]
        return [sql for sql in statements if not sql.startswith(FRAMES) and not THROTTLE.match(sql)]

    def at_most(self, limit):
        assert len(self.all) <= limit, "\n".join(self.all)


@pytest.fixture(autouse=True)
def _warm(api, people):
    present_catalogue()
    api.data("{ __typename }")


@pytest.mark.parametrize(
    "state", ["received", "with_entity", "awaiting_sender", "reply_drafted", "answered", "closed", "rejected"]
)
def test_tracking_costs_2(api, people, state):
    from tests.factories import report_in

    submitted = submit()
    report_in(state, report=submitted.report, coordinator=people.coordinator, specialist=people.specialist)
    with Statements() as statements:
        assert api.track(submitted.report.reference, submitted.secret)["timeline"]
    statements.at_most(2)


def test_a_wrong_secret_costs_no_event(api, people):
    submitted = submit()
    with Statements() as statements:
        assert api.track(submitted.report.reference, "AAAA-AAAA-AAAA") is None
    assert not [sql for sql in statements.all if "reports_event" in sql]


def test_submitting_costs_8(api):
    query = (
        "mutation($input: SubmitReportInput!) { submitReport(input: $input) { secret errors { code }"
        " report { reference state service { name } entity { name } dueAt trackUrl } } }"
    )
    with Statements() as statements:
        answer = api.data(query, {"input": submission()})
    assert answer["submitReport"]["errors"] == []
    statements.at_most(8)


def test_submitting_and_reading_the_whole_report_costs_one_more(api):
    with Statements() as statements:
        api.data(SUBMIT, {"input": submission()})
    statements.at_most(9)


def test_the_catalogue_costs_its_stamp_alone(api):
    queries = (
        "{ services { id name category { name parent { name } } emergency { number }"
        " firstReply { value unit } intakeQuestions { code label choices { code name }"
        " showWhen { question } } } }",
        "{ places { id name children { id name children { name kind location { latitude } } } } }",
        "{ entities { id name shortName kind } }",
    )
    for query in queries:
        with Statements() as statements:
            api.data(query)
        statements.at_most(1)


@pytest.mark.parametrize("count", [1, 6])
def test_my_reports_cost_the_same_for_any_number_of_rows(api, people, count):
    sender = SenderFactory()
    token, _ = senders.issue_token(sender)
    for _ in range(count):
        submit(sender=sender)
    query = (
        "{ myReports { edges { node { reference stateLabel dueAt trackUrl availableActions"
        " service { name } place { name } entity { name } timeline { label entityName }"
        " conversation { text } answer { text } } } } }"
    )
    with Statements() as statements:
        listed = api.data(query, token=token)["myReports"]["edges"]
    assert len(listed) == count
    # The token, the page, and the events of all its reports.
    statements.at_most(3)


def test_what_has_left_the_catalogue_is_still_named_to_its_sender(api, catalogue):
    submitted = submit()
    for row in (catalogue.lamp, catalogue.north):
        row.is_active = False
        row.save()
    tracked = api.track(submitted.report.reference, submitted.secret)
    assert tracked["service"] == {"code": "lamp", "name": "عمود إنارة مطفأ"}
    assert tracked["entity"] == {"code": "municipality.north", "name": "البلدية الشمالية"}
    assert tracked["timeline"][0]["entityName"] == "البلدية الشمالية"
