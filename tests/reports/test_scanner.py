"""The virus scanner over its own protocol: clean, infected, and away."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cms.reports.errors import Code
from cms.reports.files import ending
from cms.reports.models import Attachment
from tests import factories
from tests.factories import files_of, photo, upload
from tests.factories.files import pdf

from .stored import on_disk, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


class _Clamd(socketserver.BaseRequestHandler):
    """The part of clamd's protocol that INSTREAM needs, spoken by a real socket."""

    def handle(self) -> None:
        stream = self.request.makefile("rb")
        assert stream.readline() == b"nINSTREAM\n"
        seen = b""
        while length := struct.unpack("!L", stream.read(4))[0]:
            seen += stream.read(length)
        found = self.server.finds and self.server.finds in seen  # type: ignore[attr-defined]
        self.request.sendall(b"stream: Eicar-Test FOUND\n" if found else b"stream: OK\n")


@pytest.fixture
def clamd(settings: Any) -> Iterator[Any]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Clamd) as server:
        server.finds = b""  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        settings.SAWT_CLAMD_URL = f"tcp://127.0.0.1:{server.server_address[1]}"
        yield server
        server.shutdown()


def test_a_scanned_file_says_so_and_an_infected_one_is_refused(clamd: Any, folder: Path) -> None:
    assert upload(content=pdf()).scan == Attachment.Scan.CLEAN
    kept = on_disk(folder)
    clamd.finds = b"%PDF"

    assert refused(upload, content=pdf()).code is Code.FILE_REFUSED
    assert (on_disk(folder), Attachment.objects.count()) == (kept, 1)


def test_a_scanner_that_is_away_delays_the_reader_and_not_the_sender(
    people: Any, clamd: Any, settings: Any, folder: Path
) -> None:
    there, settings.SAWT_CLAMD_URL = settings.SAWT_CLAMD_URL, "tcp://127.0.0.1:1"
    good, bad = upload(content=pdf()), upload(content=photo())
    factories.submitted_report(files=files_of(good, bad))
    assert [row.is_readable for row in Attachment.objects.all()] == [False, False]
    assert ending.scan_waiting() == 0

    settings.SAWT_CLAMD_URL = there
    clamd.finds = b"\xff\xd8\xff"
    assert ending.scan_waiting() == 2

    assert [(row.scan, row.is_readable) for row in Attachment.objects.all()] == [
        ("clean", True),
        ("infected", False),
    ]
    assert {path.relative_to(folder).as_posix() for path in on_disk(folder)} == {good.file}
