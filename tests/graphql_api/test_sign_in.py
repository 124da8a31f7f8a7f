"""Signing in by a one-time code: requestCode, verifyCode, and the token they give."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cms.notifications import codes
from cms.reports import senders
from cms.reports.models import SenderToken
from tests.factories import SenderFactory

pytestmark = pytest.mark.django_db

REQUEST = (
    "mutation($phone: String!) { requestCode(input: {phone: $phone})"
    " { expiresAt errors { code field retryAfter message } } }"
)
VERIFY = (
    "mutation($phone: String!, $code: String!) { verifyCode(input: {phone: $phone, code: $code})"
    " { token expiresAt sender { phone name } errors { code field } } }"
)


@pytest.fixture
def drawn(monkeypatch):
    """The code that is drawn next."""
    monkeypatch.setattr(codes.secrets, "randbelow", lambda most: 123_456)
    return "123456"


def test_a_code_signs_in(api, drawn):
    requested = api.data(REQUEST, {"phone": "٠٥٠٠٠١٢٣٤٥"})["requestCode"]
    assert requested["errors"] == []
    assert requested["expiresAt"]
    given = api.data(VERIFY, {"phone": "0500012345", "code": "١٢٣٤٥٦"})["verifyCode"]
    assert given["errors"] == []
    assert given["sender"]["phone"] == "+966500012345"
    assert api.data("{ me { phone } }", token=given["token"])["me"] == {"phone": "+966500012345"}
    assert given["token"] not in str(SenderToken.objects.values().get())


def test_a_code_works_once(api, drawn):
    api.data(REQUEST, {"phone": "0500012345"})
    api.data(VERIFY, {"phone": "0500012345", "code": drawn})
    again = api.data(VERIFY, {"phone": "0500012345", "code": drawn})["verifyCode"]
    assert (again["token"], again["errors"][0]["code"]) == (None, "CODE_EXPIRED")


@pytest.mark.parametrize(
    ("phone", "code"),
    [("123", "PHONE_INVALID"), ("+12025550123", "PHONE_COUNTRY"), ("\x00", "PHONE_INVALID")],
)
def test_what_is_no_number_that_is_served_is_an_error_on_it(api, phone, code):
    [error] = api.data(REQUEST, {"phone": phone})["requestCode"]["errors"]
    assert (error["code"], error["field"]) == (code, ["phone"])


def test_31_guessing_a_code_locks_it(api, drawn):
    api.data(REQUEST, {"phone": "0500012345"})
    told = [
        api.data(VERIFY, {"phone": "0500012345", "code": "000000"})["verifyCode"]["errors"][0]["code"]
        for _ in range(6)
    ]
    assert told[0] == "CODE_WRONG"
    assert told[-1] in ("CODE_EXPIRED", "TOO_MANY_ATTEMPTS")
    right = api.data(VERIFY, {"phone": "0500012345", "code": drawn})["verifyCode"]
    assert right["token"] is None


def test_31_codes_for_one_number_are_limited_and_say_when_to_come_back(api):
    for _ in range(5):
        assert api.data(REQUEST, {"phone": "0500012345"})["requestCode"]["errors"] == []
    [error] = api.data(REQUEST, {"phone": "0500012345"})["requestCode"]["errors"]
    assert error["code"] == "TOO_MANY_ATTEMPTS"
    assert error["retryAfter"] > 0


def test_a_token_ends_when_it_is_revoked_or_too_old(api, sender):
    token, _ = senders.issue_token(sender)
    assert api.data("{ me { name } }", token=token)["me"]
    senders.revoke_token(token)
    assert api.data("{ me { name } }", token=token)["me"] is None
    old, _ = senders.issue_token(sender, at=timezone.now() - timedelta(days=1))
    assert api.data("{ me { name } }", token=old)["me"] is None


def test_my_reports_need_a_token(api):
    answer = api("{ myReports { edges { cursor } } }")
    assert answer["errors"][0]["extensions"]["code"] == "SIGN_IN_REQUIRED"


SIGN_OUT = "mutation { signOut { errors { code message } } }"


def test_signing_out_ends_this_token_and_no_other(api):
    # given a sender signed in on two phones
    sender = SenderFactory()
    here, _ = senders.issue_token(sender)
    there, _ = senders.issue_token(sender)

    # when one of them signs out
    assert api.data(SIGN_OUT, token=here)["signOut"] == {"errors": []}

    # then its token opens nothing more, and the other's still does
    assert api.data("{ me { phone } }", token=here)["me"] is None
    assert api.data("{ me { phone } }", token=there)["me"] == {"phone": sender.phone}
    assert SenderToken.objects.filter(revoked_at=None).count() == 1


def test_signing_out_holds_for_the_rest_of_the_request(api):
    token, _ = senders.issue_token(SenderFactory())
    two = (
        "mutation { signOut { errors { code } }"
        ' withdrawReport(input: {reference: "QS-26-7K4MQ2P-0"}) { errors { code } } }'
    )
    answer = api.data(two, token=token)
    assert answer["signOut"]["errors"] == []
    assert [error["code"] for error in answer["withdrawReport"]["errors"]] == ["SIGN_IN_REQUIRED"]


def test_signing_out_twice_is_no_error_and_keeps_when_it_was(api):
    token, _ = senders.issue_token(SenderFactory())
    api.data(SIGN_OUT, token=token)
    first = SenderToken.objects.get().revoked_at
    assert api.data(SIGN_OUT, token=token)["signOut"] == {"errors": []}
    assert SenderToken.objects.get().revoked_at == first


@pytest.mark.parametrize(("language", "message"), [("ar", "سجّل الدخول أولًا."), ("en", "Sign in first.")])
def test_signing_out_without_a_token_is_an_error(api, language, message):
    senders.issue_token(SenderFactory())
    answer = api.data(SIGN_OUT, Accept_Language=language)["signOut"]
    assert answer["errors"] == [{"code": "SIGN_IN_REQUIRED", "message": message}]
    assert SenderToken.objects.filter(revoked_at=None).count() == 1
