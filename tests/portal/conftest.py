"""A browser without script, walking the citizen's pages."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cms.notifications import codes
from cms.notifications.models import OneTimeCode
from cms.reports.models import Report
from cms.reports.secrets import secret_for
from tests.factories import SmallCatalogue

TEXT = "عمود الإنارة أمام المسجد مطفأ منذ أسبوع والشارع مظلم."
PHONE = "+966500000777"


NAME = re.compile(r"[?&]draft=\w{8}$")


class Browser(Client):
    """Goes on, as browsers do, from a step's address to the same with its draft's name.

    Where other answers lead is given without that name; `led` has it.
    """

    def request(self, **request: Any) -> Any:
        response: Any = super().request(**request)
        response.led = response.headers.get("Location", "")
        if NAME.search(response.led):
            response.headers["Location"] = NAME.sub("", response.led)
            asked = request["PATH_INFO"] + (f"?{query}" if (query := request.get("QUERY_STRING")) else "")
            if request["REQUEST_METHOD"] == "GET" and response.url == asked:
                return self.get(response.led)
        return response


@pytest.fixture
def client() -> Browser:
    return Browser()


@pytest.fixture
def known_code(monkeypatch: pytest.MonkeyPatch) -> str:
    """The code every message would carry."""
    monkeypatch.setattr(codes.secrets, "randbelow", lambda _limit: 123456)
    return "123456"


@pytest.fixture
def sign_in(client: Client, known_code: str) -> Callable[..., Any]:
    def signed_in(phone: str = "0500000777") -> Any:
        client.post("/my/", {"do": "send", "phone": phone})
        return client.post("/my/", {"do": "confirm", "code": known_code})

    return signed_in


class Walk:
    """The steps of one submission; each returns the response of its POST."""

    def __init__(self, client: Client, prefix: str = "") -> None:
        self.client, self.prefix = client, prefix

    def post(self, path: str, **data: Any) -> Any:
        return self.client.post(f"{self.prefix}{path}", data)

    def get(self, path: str) -> Any:
        return self.client.get(f"{self.prefix}{path}")

    def what(self, service: str = "lamp") -> Any:
        return self.post("/report/", service=service, q="")

    def where(self, place: str = "town.safra", **data: Any) -> Any:
        return self.post("/report/where/", place=place, **data)

    def details(self, text: str = TEXT, **data: Any) -> Any:
        data = data or {"answers-since": "week", "seen": "since"}
        return self.post("/report/details/", text=text, **data)

    def code(self, phone: str = "0500000777", **data: Any) -> Any:
        return self.post("/report/who/", do="send", phone=phone, **data)

    def confirm(self, code: str = "123456", **data: Any) -> Any:
        return self.post("/report/who/", do="next", code=code, **data)

    def send(self) -> Any:
        return self.post("/report/review/", ok="1")

    def to_review(self, service: str = "lamp") -> None:
        self.what(service)
        self.where()
        self.details()
        self.code()
        response = self.confirm(name="نورة", category="citizen")
        assert response.status_code == 302, response.content.decode()
        assert response.url.endswith("/report/review/")


@pytest.fixture
def walk(client: Client, catalogue: SmallCatalogue, known_code: str) -> Walk:
    return Walk(client)


def page(response: Any) -> str:
    text: str = response.content.decode()
    return text


def secret_in(html: str) -> str:
    match = re.search(r'id="sec">([^<]+)<', html)
    assert match
    return match[1]


def codes_sent() -> int:
    return OneTimeCode.objects.filter(created_at__lte=timezone.now()).count()


def refused(client: Client, response: Any) -> str:
    """The form answered by a redirect to a page; the page says what is wrong."""
    assert response.status_code == 302, page(response)
    shown = client.get(response.url)
    assert shown.status_code == 200
    html = page(shown)
    assert "data-errors" in html
    assert 'role="alert" tabindex="-1" autofocus' in html
    return html


def secret_of(report: Report) -> str:
    return secret_for(report.public_id, report.secret_version)


@pytest.fixture
def opened(client: Client) -> Callable[[Report], Client]:
    def open_it(report: Report) -> Client:
        response = client.post("/track/", {"reference": report.reference, "secret": secret_of(report)})
        assert response.status_code == 302, page(response)
        return client

    return open_it


def url(report: Report, action: str = "") -> str:
    return f"/track/{report.reference}/" + (f"{action}/" if action else "")
