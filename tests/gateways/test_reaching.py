"""What leaves the house goes where it was meant to, waits for no one, and is told from what never left."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from cms.gateways import reaching
from cms.gateways.reaching import Forbidden, NoAnswer, NotReached, post

from .unruly import Unruly, status

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def _own_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "_thread", threading.local())


def send(url: str, *, private: bool = True, seconds: float = 5) -> reaching.Answer:
    headers = {"Content-Type": "application/json"}
    return post(url, body=b"{}", headers=headers, private=private, seconds=seconds)


def test_messages_share_one_connection_and_no_cookie(unruly: Unruly) -> None:
    unruly.always = 200, {"Set-Cookie": "session=theirs; Path=/"}, b"taken"
    assert [send(unruly.url).body for _ in range(3)] == [b"taken"] * 3
    assert unruly.connections == 1
    assert [headers.get("Cookie") for headers, _ in unruly.got] == [None, None, None]


def test_a_redirect_is_an_answer_and_not_a_way(unruly: Unruly, second: Unruly) -> None:
    unruly.always = status(307, Location=second.url)
    assert send(unruly.url).status == 307
    assert second.got == []


@pytest.mark.parametrize("does", ["hang", "drip"])
def test_an_exchange_ends_with_its_seconds_however_slowly_it_drips(unruly: Unruly, does: str) -> None:
    unruly.always = does
    with pytest.raises(NoAnswer):
        send(unruly.url, seconds=0.3)
    assert len(unruly.got) == 1


@pytest.mark.parametrize("does", ["close", "garbage"])
def test_what_breaks_after_it_was_sent_may_have_been_taken(unruly: Unruly, does: str) -> None:
    unruly.always = does
    with pytest.raises(NoAnswer):
        send(unruly.url)


def test_where_nobody_listens_nothing_was_sent() -> None:
    with pytest.raises(NotReached):
        send("http://127.0.0.1:1/send")


def test_a_name_that_is_none_was_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotReached):
        send("https://sms.example/send", private=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/send",
        "http://[::1]/",
        "http://10.0.0.5/",
        "https://192.168.1.1/",
        "http://169.254.169.254/",
        "http://100.64.0.1/",
        "http://224.0.0.1/",
        "http://0.0.0.0/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::a00:5]/",
        "http://[2002:7f00:1::]/",
        "http://localhost/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "http:///nobody",
        "",
    ],
)
def test_private_addresses_are_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("it was asked"))
    with pytest.raises(Forbidden):
        send(url, private=False)


def answering(*addresses: list[str]) -> Any:
    """A resolver that gives another answer each time."""
    answers = iter(addresses)

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(answers)]

    return resolve


def test_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answering(["8.8.8.8", "10.0.0.5"]))
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("it was asked"))
    with pytest.raises(Forbidden):
        send("https://sms.example/send", private=False)


def test_the_address_that_was_looked_at_is_the_one_that_is_asked(
    unruly: Unruly, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a name that is public when it is looked at, and would be private if it were asked again
    asked: list[Any] = []

    def connect(address: Any, timeout: float) -> socket.socket:
        asked.append(address)
        sock = socket.socket()
        sock.settimeout(timeout)
        sock.connect(("127.0.0.1", unruly.server.server_port))
        return sock

    monkeypatch.setattr(socket, "getaddrinfo", answering(["8.8.8.8"], ["127.0.0.1"]))
    monkeypatch.setattr(socket, "create_connection", connect)
    # when a message goes there
    answer = send(unruly.url.replace("127.0.0.1", "sms.example"), private=False)
    # then the connection is made to what was seen, under the name that was meant
    assert asked == [("8.8.8.8", unruly.server.server_port)]
    assert answer.status == 200
    assert unruly.got[0][0]["Host"].startswith("sms.example:")


def test_proxies_and_certificates_are_the_process_s_and_read_once(
    unruly: Unruly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/of-ours.pem")
    assert send(unruly.url).status == 200
    inside = reaching.session(unruly.url, private=True)
    outside = reaching.session("http://gateway.example/send", private=False)
    assert (inside.proxies, inside.verify) == ({}, "/etc/of-ours.pem")
    assert outside.proxies["http"] == "http://proxy.example:3128"
    assert reaching.session("http://gateway.example/other", private=False) is outside


def test_no_more_of_an_answer_is_read_than_is_of_use(unruly: Unruly) -> None:
    unruly.always = 200, {}, b"x" * (4 * reaching.LONGEST_ANSWER)
    assert len(send(unruly.url).body) == reaching.LONGEST_ANSWER
