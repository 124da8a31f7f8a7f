"""The HTTP gateway against a real server, and mail on the screen."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.mail import send_mail

from cms.notifications import gateways
from cms.notifications.gateways import HttpGateway, OutgoingSms, refuse_private
from cms.notifications.models import SentMessage
from cms.outbox.handlers import Permanent, Retry

MESSAGE = OutgoingSms(to="+966500000123", text="مرحبًا", key="sms:1:1")


@pytest.fixture
def server(settings):
    """A gateway on a local port that answers `server.status` and keeps what it got."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.got.append((dict(self.headers), json.loads(body)))
            self.send_response(self.server.status)
            for name, value in self.server.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b'{"id": "gateway-7"}')

        def log_message(self, *args):
            pass

    made = HTTPServer(("127.0.0.1", 0), Handler)
    made.got, made.status, made.headers = [], 200, {}
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    settings.SAWT_SMS_URL = f"http://127.0.0.1:{made.server_port}/send"
    settings.SAWT_SMS_PRIVATE_NETWORK = True
    settings.SAWT_SMS_TOKEN = "token"
    settings.SAWT_SMS_SENDER = "Sawt"
    yield made
    made.shutdown()
    made.server_close()


def test_a_message_is_posted_once_with_its_key(server):
    assert HttpGateway().send(MESSAGE) == "gateway-7"
    ((headers, body),) = server.got
    assert body == {"to": "+966500000123", "text": "مرحبًا", "from": "Sawt", "id": "sms:1:1"}
    assert headers["Idempotency-Key"] == "sms:1:1"
    assert headers["Authorization"] == "Bearer token"


def test_messages_share_one_connection_and_no_cookie(server):
    server.RequestHandlerClass.protocol_version = "HTTP/1.1"
    server.headers = {"Content-Length": "19", "Set-Cookie": "session=theirs; Path=/"}
    callers = []
    accept = server.get_request
    server.get_request = lambda: callers.append(1) or accept()
    for _ in range(3):
        assert HttpGateway().send(MESSAGE) == "gateway-7"
    assert len(callers) == 1
    assert [headers.get("Cookie") for headers, _ in server.got] == [None, None, None]
    gateways._kept.session.close()


def test_proxies_and_certificates_are_the_process_s_and_read_once(server, monkeypatch):
    monkeypatch.setattr(gateways, "_kept", threading.local())
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/of-ours.pem")
    assert HttpGateway().send(MESSAGE) == "gateway-7"
    kept = gateways._kept.session
    outside = gateways._session("http://gateway.example/send")
    assert (kept.proxies, kept.verify) == ({}, "/etc/of-ours.pem")
    assert outside.proxies["http"] == "http://proxy.example:3128"
    assert gateways._session("http://gateway.example/send") is outside


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_what_may_pass_is_for_later(server, status):
    server.status = status
    with pytest.raises(Retry):
        HttpGateway().send(MESSAGE)


def test_the_pause_that_a_gateway_asks_for_is_kept(server):
    server.status, server.headers = 429, {"Retry-After": "90"}
    with pytest.raises(Retry) as caught:
        HttpGateway().send(MESSAGE)
    assert caught.value.after == timedelta(seconds=90)


@pytest.mark.parametrize("status", [400, 401, 404])
def test_what_cannot_pass_is_given_up(server, status):
    server.status = status
    with pytest.raises(Permanent):
        HttpGateway().send(MESSAGE)


def test_a_redirect_is_refused_and_not_followed(server):
    server.status, server.headers = 302, {"Location": "/elsewhere"}
    with pytest.raises(Permanent):
        HttpGateway().send(MESSAGE)
    assert len(server.got) == 1


def test_a_gateway_that_is_away_is_for_later(settings):
    settings.SAWT_SMS_URL = "http://127.0.0.1:1/send"
    settings.SAWT_SMS_PRIVATE_NETWORK = True
    with pytest.raises(Retry):
        HttpGateway().send(MESSAGE)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/send",
        "http://[::1]/",
        "http://10.0.0.5/",
        "https://192.168.1.1/",
        "http://169.254.169.254/",
        "http://[::ffff:127.0.0.1]/",
        "http://localhost/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "",
    ],
)
def test_private_addresses_are_refused(url, settings, monkeypatch):
    monkeypatch.setattr(gateways.requests, "post", lambda *args, **kwargs: pytest.fail("it was asked"))
    settings.SAWT_SMS_URL = url
    settings.SAWT_SMS_PRIVATE_NETWORK = False
    with pytest.raises(Permanent):
        HttpGateway().send(MESSAGE)


def test_a_public_address_is_taken():
    refuse_private("https://8.8.8.8/send")


@pytest.mark.django_db
def test_other_mail_is_seen_on_the_screen(settings):
    settings.EMAIL_BACKEND = "cms.notifications.gateways.ScreenEmailBackend"
    assert send_mail("Subject", "Body", None, ["editor@example.org"]) == 1
    message = SentMessage.objects.get()
    assert (message.channel, message.to, message.subject) == ("email", "editor@example.org", "Subject")
