"""Attachments in a bucket: kept, read by ranges, refused in words where it is away, and gone for good.

A small server of ours speaks what is needed of S3; `script/prove s3` tries the same against a real one.
"""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.files.storage import storages
from django.test import Client, RequestFactory
from django.utils import timezone

from cms.reports.errors import Code
from cms.reports.files import ending, serving, storing
from cms.reports.models import Attachment
from cms.settings.parts import files
from tests import factories
from tests.factories import files_of, photo, upload

from .stored import refused

pytestmark = pytest.mark.django_db


class _S3(BaseHTTPRequestHandler):
    server: Any
    protocol_version = "HTTP/1.1"

    def answer(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", headers.pop("length", str(len(content))))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.away:
            self.answer(507)
            return
        self.server.objects[self.path] = content
        self.answer(200)

    def do_GET(self) -> None:
        content = self.server.objects.get(self.path)
        if content is None or self.server.away:
            self.answer(500 if self.server.away else 404)
        elif self.command == "HEAD":
            self.answer(200, length=str(len(content)))
        else:
            first, last = self.headers["Range"].removeprefix("bytes=").split("-")
            self.server.ranges.append((int(first), int(last)))
            self.answer(206, content[int(first) : int(last) + 1])

    do_HEAD = do_GET

    def do_DELETE(self) -> None:
        if not self.server.away:
            self.server.objects.pop(self.path, None)
        self.answer(500 if self.server.away else 204)

    def log_message(self, *_what: Any) -> None:
        pass


@pytest.fixture
def bucket(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _S3) as server:
        server.objects, server.ranges, server.away = {}, [], False  # type: ignore[attr-defined]
        url = f"s3://key:secret@127.0.0.1:{server.server_address[1]}/files/kept?region=me-1&tls=0"
        monkeypatch.setenv("S3_URL", url)
        settings.STORAGES = settings.STORAGES | {"attachments": files(settings.VAR)}
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


def read(row: Attachment, **headers: str) -> tuple[int, bytes]:
    response = serving.response(row, RequestFactory().get("/", headers=headers))
    return response.status_code, b"".join(response) if response.streaming else response.content  # type: ignore[arg-type]


def test_it_keeps_a_file_and_gives_the_range_that_is_asked_for(bucket: Any) -> None:
    row = upload(content=photo(size=(600, 400)))
    assert set(bucket.objects) == {f"/files/kept/{row.file}", f"/files/kept/{row.thumbnail}"}
    whole = bucket.objects[f"/files/kept/{row.file}"]

    assert read(row) == (200, whole)
    bucket.ranges.clear()
    assert read(row, range=f"bytes={len(whole) - 10}-") == (206, whole[-10:])
    assert bucket.ranges == [(len(whole) - 10, len(whole) - 1)]
    with pytest.raises(ValueError, match="no address but ours"):
        storages["attachments"].url(row.file)
    with pytest.raises(FileNotFoundError):
        storing.opened("of/nobody")


def test_one_that_is_away_is_told_in_words_and_keeps_nothing(bucket: Any, client: Client) -> None:
    row = upload()
    bucket.away = True

    assert refused(upload).code is Code.STORAGE_UNAVAILABLE
    assert read(row) == (503, "لا يمكن قراءة هذا الملف الآن. حاول مرة أخرى لاحقًا.".encode())
    begun = client.post("/api/uploads", {"name": "a.jpg", "size": 10}, content_type="application/json")
    part = client.put(f"{begun['Location']}/parts/1", b"0123456789", content_type="application/octet-stream")
    assert (part.status_code, part.json()["errors"][0]["code"]) == (507, "STORAGE_UNAVAILABLE")

    assert set(bucket.objects) == {f"/files/kept/{row.file}", f"/files/kept/{row.thumbnail}"}


def test_what_is_erased_while_it_is_away_goes_when_it_is_back(
    people: Any, bucket: Any, django_capture_on_commit_callbacks: Any
) -> None:
    report = factories.submitted_report(files=files_of(upload()))
    bucket.away = True
    with django_capture_on_commit_callbacks(execute=True):
        assert ending.erase(report) == 1
    assert (report.attachments.count(), len(bucket.objects)) == (0, 2)

    bucket.away = False
    with django_capture_on_commit_callbacks(execute=True):
        ending.sweep(timezone.now() + timedelta(hours=1))
    assert (bucket.objects, Attachment.objects.count()) == ({}, 0)
