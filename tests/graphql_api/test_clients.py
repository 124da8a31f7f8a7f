"""What one client's submissions are to another: no way to its secret, and no part of its hour."""

import json
import uuid

import pytest
import time_machine
from django.core.cache import cache

from cms.reports import senders
from cms.reports.models import IdempotencyKey, Report, Sender
from permissions import rates
from tests.factories import SenderFactory

from .conftest import SUBMIT, submission

pytestmark = pytest.mark.django_db
HERE, THERE = "203.0.113.7", "203.0.113.8"


@pytest.fixture(autouse=True)
def _tenant(people):
    """The small catalogue and its staff."""


def post(api, address, given, token=""):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = json.dumps({"query": SUBMIT, "variables": {"input": given}})
    response = api.client.post(
        "/graphql", body, content_type="application/json", headers=headers, REMOTE_ADDR=address
    )
    assert response.status_code == 200, response.content
    return response, response.json()["data"]["submitReport"]


def test_the_same_client_gets_the_same_report_again(api):
    given = submission()
    _, first = post(api, HERE, given)
    _, again = post(api, HERE, given)
    assert again == first
    assert Report.objects.count() == 1


def test_another_client_with_the_same_key_and_body_gets_a_report_of_its_own(api):
    # given a report sent from one address
    given = submission()
    _, mine = post(api, HERE, given)

    # when somebody who has seen key and body sends them from another
    _, theirs = post(api, THERE, given)

    # then it is another report, and the first one's secret stays with who sent it
    assert theirs["errors"] == []
    assert theirs["report"]["reference"] != mine["report"]["reference"]
    assert theirs["secret"] != mine["secret"]
    assert Report.objects.count() == 2


def test_another_client_with_the_same_key_and_another_body_learns_of_no_conflict(api):
    given = submission()
    post(api, HERE, given)
    _, theirs = post(api, THERE, {**given, "text": "نص مختلف تمامًا عن البلاغ الأول."})
    assert theirs["errors"] == []


def test_a_signed_in_sender_may_send_again_from_another_network(api):
    token, _ = senders.issue_token(SenderFactory())
    given = submission()
    _, first = post(api, HERE, given, token)
    _, again = post(api, THERE, given, token)
    assert again == first
    assert Report.objects.count() == 1


def test_no_address_is_kept_with_the_key(api):
    post(api, HERE, submission())
    assert HERE not in IdempotencyKey.objects.get().client


def test_a_client_over_its_hour_is_refused_and_told_when(api, settings):
    # given an hour of two submissions, both used
    settings.SAWT_SUBMISSIONS_PER_HOUR = 2
    left = []
    for _ in range(2):
        response, answer = post(api, HERE, submission())
        assert answer["errors"] == []
        left.append(response["RateLimit"].split(", ")[1].split(";t=")[0])
    assert left == ['"submit";r=1', '"submit";r=0']
    assert response["RateLimit-Policy"] == '"client";q=240;w=60, "submit";q=2;w=3600'

    # when a third one comes
    query = SUBMIT.replace("errors { code", "errors { retryAfter code")
    body = json.dumps({"query": query, "variables": {"input": submission()}})
    response = api.client.post("/graphql", body, content_type="application/json", REMOTE_ADDR=HERE)

    # then it is refused by name, with the time to wait, and nothing is stored
    [error] = response.json()["data"]["submitReport"]["errors"]
    assert error["code"] == "TOO_MANY_ATTEMPTS"
    assert error["message"] == "وصلت من هنا بلاغات كثيرة. حاول لاحقًا."
    assert 0 < error["retryAfter"] <= 3600
    assert (Report.objects.count(), Sender.objects.count()) == (2, 2)
    # and another client is not
    assert post(api, THERE, submission())[1]["errors"] == []


def test_what_has_arrived_may_be_sent_again_over_the_hour(api, settings):
    settings.SAWT_SUBMISSIONS_PER_HOUR = 1
    given = submission()
    _, first = post(api, HERE, given)
    assert post(api, HERE, submission())[1]["errors"] != []
    assert post(api, HERE, given)[1] == first


@time_machine.travel("2026-11-22T09:15:00Z")
def test_sending_again_uses_up_nothing_of_the_hour(api):
    # given a client who has sent one report, forty times with one key, in the middle of an hour
    given = submission()
    answers = [post(api, HERE, given) for _ in range(40)]

    # then it is one report, and each answer names the 29 that are left
    assert Report.objects.count() == 1
    assert {json.dumps(answer, sort_keys=True) for _, answer in answers} == {
        json.dumps(answers[0][1], sort_keys=True)
    }
    assert {response["RateLimit"].split(", ")[1].split(";t=")[0] for response, _ in answers} == {
        '"submit";r=29'
    }


def test_sending_again_in_a_later_hour_is_no_report_of_that_hour(api):
    given = submission()
    post(api, HERE, given)
    cache.clear()
    response, again = post(api, HERE, given)
    assert again["errors"] == []
    assert response["RateLimit"].split(", ")[1].startswith('"submit";r=30;')


def test_forty_refused_tries_with_one_key_open_no_way_round_the_limit(api, settings):
    settings.SAWT_SUBMISSIONS_PER_HOUR = 1
    post(api, HERE, submission())
    given = submission()
    codes = {post(api, HERE, given)[1]["errors"][0]["code"] for _ in range(3)}
    assert codes == {"TOO_MANY_ATTEMPTS"}
    assert Report.objects.count() == 1


def test_another_language_of_the_request_is_no_other_report(api):
    # given a report whose language nobody chose, sent from a page in English
    given = submission()
    assert "locale" not in given
    body = json.dumps({"query": SUBMIT, "variables": {"input": given}})
    answers = [
        api.client.post(
            "/graphql",
            body,
            content_type="application/json",
            headers={"Accept-Language": language},
            REMOTE_ADDR=HERE,
        ).json()["data"]["submitReport"]
        for language in ("en", "ar")
    ]

    # then the page in Arabic gets the same report and the same secret
    assert [answer["errors"] for answer in answers] == [[], []]
    assert answers[0]["secret"] == answers[1]["secret"] != ""
    assert Report.objects.get().language == "en"


def test_another_language_in_the_input_is_another_report(api):
    given = submission(locale="EN")
    post(api, HERE, given)
    [error] = post(api, HERE, {**given, "locale": "AR"})[1]["errors"]
    assert error["code"] == "IDEMPOTENCY_CONFLICT"


def test_signed_in_senders_behind_one_address_have_an_hour_each(api, settings):
    settings.SAWT_SUBMISSIONS_PER_HOUR = 1
    tokens = [senders.issue_token(SenderFactory())[0] for _ in range(3)]
    for token in tokens:
        assert post(api, HERE, submission(), token)[1]["errors"] == []
    [error] = post(api, THERE, submission(), tokens[0])[1]["errors"]
    assert error["code"] == "TOO_MANY_ATTEMPTS"


def test_what_is_refused_for_its_content_is_not_counted(api, settings):
    settings.SAWT_SUBMISSIONS_PER_HOUR = 1
    for _ in range(3):
        assert post(api, HERE, submission(text="قصير"))[1]["errors"] != []
    assert post(api, HERE, submission(idempotencyKey=uuid.uuid4().hex))[1]["errors"] == []


def test_the_cache_names_no_address(api, monkeypatch):
    kept, slot = [], rates._slot

    def noted(*args):
        kept.append(slot(*args))
        return kept[-1]

    monkeypatch.setattr(rates, "_slot", noted)
    post(api, HERE, submission())
    assert {key.split(":")[1] for key, _seconds in kept} == {"client", "submit", "submit-once"}
    assert not [key for key, _seconds in kept if HERE in key]
