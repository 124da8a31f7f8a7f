"""The virus scanner over its own protocol: clean, infected, away, and too small for a file.

`script/prove clamd` tries the same against ClamAV itself.
"""

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cms.reports.errors import Code
from cms.reports.files import ending, scanning
from cms.reports.models import Attachment
from tests import factories
from tests.factories import files_of, photo, upload
from tests.factories.files import pdf, video

from .stored import on_disk, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


class _Clamd(socketserver.BaseRequestHandler):
    """The part of clamd's protocol that INSTREAM needs, spoken by a real socket."""

    def handle(self) -> None:
        stream, server = self.request.makefile("rb"), self.server
        command = stream.readline()
        server.asked.append(command)  # type: ignore[attr-defined]
        if command == b"nPING\n":
            self.request.sendall(b"PONG\n")
            return
        assert command == b"nINSTREAM\n"
        seen = b""
        while length := struct.unpack("!L", stream.read(4))[0]:
            seen += stream.read(length)
            if len(seen) > server.most:  # type: ignore[attr-defined]
                # As clamd does: the rest of the file is unread, so the connection is broken.
                self.request.sendall(b"INSTREAM size limit exceeded. ERROR\n")
                return
        said = b"OK"
        if server.finds and server.finds in seen:  # type: ignore[attr-defined]
            said = b"Eicar-Test FOUND"
        if server.fails and server.fails in seen:  # type: ignore[attr-defined]
            said = b"Can't create temporary file ERROR"
        self.request.sendall(b"stream: " + said + b"\n")


@pytest.fixture
def clamd(settings: Any) -> Iterator[Any]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Clamd) as server:
        server.finds, server.fails = b"", b""  # type: ignore[attr-defined]
        server.most, server.asked = 25 << 20, []  # type: ignore[attr-defined]
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


def test_a_file_that_it_does_not_take_is_shown_as_not_scanned(clamd: Any) -> None:
    clamd.most = 5_000
    long = video(struct.pack(">I4s", 8, b"moov"), struct.pack(">I4s", 900_008, b"mdat") + bytes(900_000))

    assert [upload(content=content).scan for content in (pdf(), long)] == [
        Attachment.Scan.CLEAN,
        Attachment.Scan.NOT_SCANNED,
    ]
    # It was there, and was asked once more: it had not only been started anew.
    assert clamd.asked[1:] == [b"nINSTREAM\n", b"nPING\n"] * 2


def test_who_sends_many_files_waits_once_for_a_scanner_that_is_away(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.SAWT_CLAMD_URL = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setattr(scanning, "SECONDS", 0.2)

        assert {upload(content=photo()).scan for _file in range(5)} == {Attachment.Scan.WAITING}

        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_a_file_that_it_fails_on_holds_up_no_other(
    clamd: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, settings.SAWT_CLAMD_URL = settings.SAWT_CLAMD_URL, "tcp://127.0.0.1:1"
    rows = [upload(content=pdf()), upload(content=photo())]
    settings.SAWT_CLAMD_URL = there
    clamd.fails = b"%PDF"

    assert ending.scan_waiting() == 1
    assert [Attachment.objects.get(pk=row.pk).scan for row in rows] == ["waiting", "clean"]
    clamd.fails = b""
    assert ending.scan_waiting() == 1
