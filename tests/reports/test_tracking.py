"""Finding one's report by number and secret: who guesses is slowed, and whose it is gets in."""

from collections.abc import Callable
from typing import Any

import pytest

from cms.reports import tracking
from cms.reports.errors import Code, DomainError
from cms.reports.reference import draw
from permissions.clients import client_key
from tests import factories

pytestmark = pytest.mark.django_db


def refused(code: Code, call: Callable[[], Any]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        call()
    assert caught.value.code is code
    return caught.value


def test_a_guesser_is_slowed_and_the_right_secret_still_opens(people: Any) -> None:
    submitted = factories.submit()
    reference = submitted.report.reference
    for _ in range(tracking.PER_REFERENCE):
        assert tracking.find(reference, "0000-0000-0000", client="10.0.0.1") is None
    error = refused(
        Code.TOO_MANY_ATTEMPTS, lambda: tracking.find(reference, "0000-0000-0000", client="10.0.0.1")
    )
    assert error.retry_after
    assert tracking.find(reference, submitted.secret, client="10.0.0.2") == submitted.report
    assert tracking.find(reference, submitted.secret, client="10.0.0.1") == submitted.report


@pytest.mark.parametrize("is_known", [True, False])
def test_many_clients_at_one_reference_are_slowed_together(
    people: Any, caplog: pytest.LogCaptureFixture, is_known: bool
) -> None:
    # given one wrong secret from each of twenty clients, at a report's reference or at one of nothing
    submitted = factories.submit()
    reference = submitted.report.reference
    if not is_known:
        reference = draw("QS", 26)
    for number in range(tracking.FROM_ALL_CLIENTS):
        assert tracking.find(reference, "0000-0000-0000", client=f"10.0.1.{number}") is None
    assert not caplog.records

    # when yet another client tries one
    error = refused(
        Code.TOO_MANY_ATTEMPTS, lambda: tracking.find(reference, "0000-0000-0000", client="10.0.2.1")
    )

    # then it has to wait, a line says so without reference, secret or address, and the sender gets in
    assert 0 < (error.retry_after or 0) <= 15 * 60
    [line] = caplog.records
    said = vars(line)
    assert (said["levelname"], said["kind"]) == ("WARNING", "track-all-clients")
    assert said["client"] == client_key("10.0.2.1")[:16]
    assert not [word for word in (reference, "0000-0000", "10.0.2.1") if word in str(said)]
    other = factories.submitted_report().reference
    assert tracking.find(other, "0000-0000-0000", client="10.0.2.1") is None
    found = tracking.find(submitted.report.reference, submitted.secret, client="10.0.1.3")
    assert found == submitted.report


def test_who_mistypes_the_secret_does_not_wait_for_the_guesses_of_others(people: Any) -> None:
    # given a reference at which many have guessed
    submitted = factories.submit()
    reference, secret = submitted.report.reference, submitted.secret
    for number in range(tracking.FROM_ALL_CLIENTS):
        assert tracking.find(reference, "0000-0000-0000", client=f"10.0.1.{number}") is None

    # when its sender has one sign wrong, or two, or one too few, then it is a wrong secret and no more
    first, last = ("1" if sign != "1" else "2" for sign in (secret[0], secret[-1]))
    assert tracking.find(reference, first + secret[1:], client="10.0.2.1") is None
    assert tracking.find(reference, first + secret[1:-1] + last, client="10.0.2.1") is None
    assert tracking.find(reference, secret[1:], client="10.0.2.1") is None
    # and their own slips are counted as anybody's are
    for _ in range(tracking.PER_REFERENCE - 3):
        assert tracking.find(reference, secret[1:], client="10.0.2.1") is None
    refused(Code.TOO_MANY_ATTEMPTS, lambda: tracking.find(reference, secret[1:], client="10.0.2.1"))
    assert tracking.find(reference, secret, client="10.0.2.1") == submitted.report
    # while a stranger's whole guess waits, with as much of the secret right as guessing gives
    refused(Code.TOO_MANY_ATTEMPTS, lambda: tracking.find(reference, "0000-0000-0000", client="10.0.3.1"))


def test_the_right_secret_opens_for_a_client_that_guessed_at_large(people: Any) -> None:
    submitted = factories.submit()
    for _ in range(tracking.PER_CLIENT):
        assert tracking.find(draw("QS", 26), "0000-0000-0000", client="10.0.0.1") is None
    refused(
        Code.TOO_MANY_ATTEMPTS,
        lambda: tracking.find(draw("QS", 26), "0000-0000-0000", client="10.0.0.1"),
    )
    # A whole office, or a mobile network, may share that address.
    found = tracking.find(submitted.report.reference, submitted.secret, client="10.0.0.1")
    assert found == submitted.report
