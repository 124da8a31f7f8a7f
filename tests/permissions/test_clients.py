"""Who a client is: who connects, or whom our own proxies say they heard from; never what it claims."""

import pytest
from axes.helpers import get_client_ip_address
from django.test import Client, RequestFactory

from cms.desk.access import client_of as client_of_desk
from cms.portal.access import client_of as client_of_portal
from cms.reports import tracking
from cms.reports.errors import DomainError
from graphql_api.context import Context
from permissions.clients import client_address, client_key
from tests import factories

PROXY = "10.0.0.2"


def address(forwarded=None, remote=PROXY):
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded is not None else {}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **headers))


@pytest.mark.parametrize("forwarded", [None, "", "203.0.113.9", "203.0.113.9, 198.51.100.1"])
def test_without_a_trusted_proxy_the_header_says_nothing(settings, forwarded):
    assert settings.SAWT_TRUSTED_PROXIES == 0
    assert address(forwarded) == PROXY


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        # What stands to the left came with the request: a client may write what it likes there.
        (1, "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        (1, "1.2.3.4,127.0.0.1 ,  203.0.113.9 ", "203.0.113.9"),
        (2, "1.2.3.4, 203.0.113.9, 198.51.100.1", "203.0.113.9"),
        (1, "203.0.113.9:50812", "203.0.113.9"),
        (1, "[2001:db8::7]:50812", "2001:db8::7"),
        (1, "2001:DB8:0::7", "2001:db8::7"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        # Not through the proxies, or through one that does not speak our language.
        (1, None, PROXY),
        (1, "", PROXY),
        (2, "203.0.113.9", PROXY),
        (1, "unknown", PROXY),
        (1, "203.0.113.9, <script>", PROXY),
        (1, "9" * 100_000, PROXY),
    ],
)
def test_behind_proxies_it_is_the_entry_that_the_outermost_of_them_wrote(
    settings, proxies, forwarded, expected
):
    settings.SAWT_TRUSTED_PROXIES = proxies
    assert address(forwarded) == expected


def test_every_door_asks_the_same(settings):
    settings.SAWT_TRUSTED_PROXIES = 1
    request = RequestFactory().get("/", REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR="1.2.3.4, 203.0.113.9")
    known = {
        client_of_desk(request),
        client_of_portal(request),
        Context(request).client,
        get_client_ip_address(request),
    }
    assert known == {"203.0.113.9"}


def guess(reference, forwarded):
    query = "query($r: String!, $s: String!) { trackReport(reference: $r, secret: $s) { reference } }"
    body = {"query": query, "variables": {"r": reference, "s": "0000-0000-0000"}}
    answer = (
        Client()
        .post(
            "/graphql",
            body,
            content_type="application/json",
            REMOTE_ADDR=PROXY,
            HTTP_X_FORWARDED_FOR=forwarded,
        )
        .json()
    )
    return answer["errors"][0]["extensions"]["code"] if "errors" in answer else None


@pytest.mark.django_db
@pytest.mark.parametrize("proxies", [0, 1])
def test_a_new_claim_with_each_guess_buys_no_guess(settings, people, proxies):
    # given a guesser who writes another address with each request, before what the proxy appends
    settings.SAWT_TRUSTED_PROXIES = proxies
    reference = factories.submitted_report().reference
    for number in range(tracking.PER_REFERENCE):
        assert guess(reference, f"192.0.2.{number}, 203.0.113.9") is None

    # then the limit is reached all the same
    assert guess(reference, "192.0.2.99, 203.0.113.9") == "TOO_MANY_ATTEMPTS"
    # and somebody else behind the same proxy is not slowed, where the proxy is known to be one
    assert guess(reference, "192.0.2.99, 203.0.113.10") == ("TOO_MANY_ATTEMPTS" if proxies == 0 else None)


@pytest.mark.django_db
def test_the_log_tells_guessers_apart_and_names_none(people, caplog):
    # given two addresses that guess, each over its limit
    reference = factories.submitted_report().reference
    known = {"203.0.113.9", "203.0.113.10"}
    for address in sorted(known):
        for _ in range(tracking.PER_REFERENCE):
            assert tracking.find(reference, "0000-0000-0000", client=address) is None
        with pytest.raises(DomainError):
            tracking.find(reference, "0000-0000-0000", client=address)

    # then the lines carry one mark for each, and no address
    lines = [record for record in caplog.records if record.name == "cms.reports.tracking"]
    assert [line.client for line in lines] == [client_key(address)[:16] for address in sorted(known)]
    assert len({line.client for line in lines}) == 2
    assert not [line for line in lines if any(address in str(vars(line)) for address in known)]
