"""What a phone fetches for a citizen's page: measured from the answers as production sends them."""

import gzip
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from cms.reports.models import Report

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pages")]

KB = 1024
WHOLE, SCRIPT = 120 * KB, 30 * KB
IN_STYLE = re.compile(r"url\(['\"]?([^'\")]+)")


@pytest.fixture
def served(settings: Any, tmp_path: Path) -> None:
    """Our static files as production keeps them: named by content, compressed beside themselves."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    settings.STATIC_ROOT = tmp_path
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = False
    call_command("collectstatic", "--no-input", verbosity=0)


class Fetched(HTMLParser):
    """The addresses that a browser fetches by itself with a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "link" and {"stylesheet", "icon", "preload"}.isdisjoint((given.get("rel") or "").split()):
            return
        if tag in ("link", "script", "img", "use", "source", "image"):
            address = (given.get("src") or given.get("href") or "").partition("#")[0]
            if address and not address.startswith("data:"):
                self.found.add(address)


def read(response: Any) -> str:
    """What was sent, unpacked."""
    packed = response.headers.get("Content-Encoding") == "gzip"
    return (gzip.decompress(response.content) if packed else response.content).decode()


class Phone:
    """A browser that keeps what it has fetched, and counts the bytes of bodies as they were sent."""

    def __init__(self) -> None:
        self.client = Client(headers={"accept-encoding": "gzip"})
        self.kept: dict[str, tuple[int, str]] = {}

    def file(self, address: str) -> tuple[int, str]:
        """Its size as sent, and what it says if it is a style sheet."""
        if address not in self.kept:
            response = self.client.get(address)
            assert response.status_code == 200, address
            sent = b"".join(response.streaming_content) if response.streaming else response.content
            text = ""
            if address.endswith(".css"):
                plain = Client().get(address)
                text = b"".join(plain.streaming_content).decode()
            self.kept[address] = (len(sent), text)
        return self.kept[address]

    def needs(self, address: str, html: str) -> set[str]:
        """Everything of ours that this page fetches by itself, and what its style sheets fetch."""
        found = {urljoin(address, one) for one in Fetched(html).found}
        for sheet in [one for one in found if one.endswith(".css")]:
            found |= {urljoin(sheet, one) for one in IN_STYLE.findall(self.file(sheet)[1]) if ":" not in one}
        assert not [one for one in found if urlsplit(one).netloc], found
        return {one for one in found if "/fonts/" not in one}

    def costs(self, address: str) -> tuple[int, int]:
        """(everything but the fonts, script) in bytes."""
        response = self.client.get(address)
        assert response.status_code == 200, (address, response.status_code)
        files = {one: self.file(one)[0] for one in self.needs(address, read(response))}
        assert any(one.endswith(".css") for one in files), address
        assert any(one.endswith(".js") for one in files), address
        script = sum(size for one, size in files.items() if one.endswith(".js"))
        return len(response.content) + sum(files.values()), script


def of_the_sitemap(client: Client) -> Iterator[str]:
    for address in re.findall(r"<loc>([^<]+)</loc>", read(client.get("/sitemap.xml"))):
        yield urlsplit(address).path


def of_the_portal(client: Client, report: Report) -> Iterator[str]:
    """The steps of a report and its tracking; each step is open, since the one before it was filled in."""
    opened = client.session
    opened["opened_reports"] = [report.pk]
    opened.save()
    for prefix in ("", "/en"):
        for path in ("search/?q=x", "site-map/", "services/lamp/", "track/", "my/"):
            yield f"{prefix}/{path}"
        chosen = client.post(f"{prefix}/report/", {"service": "lamp", "kind": "observation"})
        assert chosen.status_code == 302
        yield f"{prefix}/report/?{urlsplit(chosen.url).query}"
        yield chosen.url
        where = client.post(chosen.url, {"place": "town.safra", "address": "شارع الأربعين"})
        assert where.url.startswith(f"{prefix}/report/details/?draft=")
        yield where.url
        answers = {"text": "عمود الإنارة أمام المسجد مطفأ منذ أسبوع.", "answers-since": "week"}
        details = client.post(where.url, answers)
        assert details.url.startswith(f"{prefix}/report/who/?draft=")
        yield details.url
        yield f"{prefix}/track/{report.reference}/"


def test_every_citizen_page_keeps_the_budget(served: None, report: Report) -> None:
    phone = Phone()
    addresses = [*of_the_sitemap(phone.client), *of_the_portal(phone.client, report)]
    assert len(addresses) > 60
    too_much = {}
    for address in addresses:
        whole, script = phone.costs(address)
        if whole > WHOLE or script > SCRIPT:
            too_much[address] = (whole, script)
    assert not too_much


def test_the_meter_sees_what_a_page_fetches(served: None) -> None:
    """A measurement that overlooked a kind of file would never fail."""
    phone = Phone()
    html = read(phone.client.get("/report/"))
    names = {re.sub(r"\.[0-9a-f]{12}\.", ".", Path(one).name) for one in phone.needs("/report/", html)}
    assert {"tokens.css", "site.css", "portal.css", "site.js", "portal.js", "htmx.min.js"} <= names
    assert {"icons.svg", "logo.svg", "waves.svg", "sadu.svg"} <= names
    assert not [name for name in names if name.endswith(".woff2")]
    plain = {Path(root) / "css" / "site.css" for root in settings.STATICFILES_DIRS}
    sheet = next(one for one in phone.needs("/report/", html) if "/site." in one and one.endswith(".css"))
    assert phone.file(sheet)[0] < next(iter(plain)).stat().st_size / 3
