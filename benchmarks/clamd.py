"""Files scanned by ClamAV's own daemon (Debian's clamav-daemon), with a database of one signature of ours."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from .filed import Table, answers, free_port, send, small_tenant, until
from .measuring import Rows

# What the signature finds; in a real database it would be a virus's.
MARKER = b"SAWT-PROVE-MARKER-7f3a"
STREAM_MAXIMUM = 8 * 1024 * 1024


class Clamd:
    """The daemon of a folder; `slowed` holds its process still, as a machine does that has no time for it."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
        if program is None:
            raise SystemExit("script/prove: clamd is not there: apt-get install clamav-daemon")
        self.port = free_port()
        signatures = folder / "signatures"
        signatures.mkdir()
        (signatures / "own.ndb").write_text(f"Sawt.Prove:0:*:{MARKER.hex()}\n")
        self.settings = folder / "clamd.conf"
        self.settings.write_text(
            f"TCPSocket {self.port}\nTCPAddr 127.0.0.1\nDatabaseDirectory {signatures}\nForeground true\n"
            f"StreamMaxLength {STREAM_MAXIMUM}\n"
        )
        self.program, self.log = program, (folder / "clamd.log").open("ab")
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 (Debian's, with our own settings)
            [self.program, "-c", str(self.settings)], stdout=self.log, stderr=self.log
        )
        until(lambda: answers(self.port), "clamd")

    def stop(self, signum: int = signal.SIGKILL) -> None:
        self.process.send_signal(signum)
        if signum != signal.SIGSTOP:
            self.process.wait(30)


def version(program: str) -> str:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    return said.stdout.strip()


def clamd() -> Rows:
    with tempfile.TemporaryDirectory(prefix="sawt-clamd-") as folder:
        # It drops its rights where root starts it with a user; ours it keeps, and reads a folder of ours.
        daemon = Clamd(Path(folder))
        try:
            with small_tenant(CLAMD_URL=f"tcp://127.0.0.1:{daemon.port}"):
                return _tried(daemon)
        finally:
            if daemon.process.poll() is None:
                daemon.process.send_signal(signal.SIGCONT)
                daemon.stop()
            daemon.log.close()


def _tried(daemon: Clamd) -> Rows:
    from django.test import Client

    from cms.reports.files import ending, scanning
    from cms.reports.models import Attachment
    from tests import factories
    from tests.factories.files import pdf, photo

    def paper(size: int, *more: bytes) -> bytes:
        """A PDF of about this size; what is within comes after its header, as a comment."""
        plain = pdf()
        head, _, rest = plain.partition(b"\n")
        return head + b"\n%" + b"".join(more) + b"." * size + b"\n" + rest

    def scan_of(answer: dict[str, Any]) -> str:
        return str(answer.get("scan") or answer["errors"][0]["code"])

    table, client = Table(), Client()
    table.add("the daemon", version(daemon.program), "–")

    # --- clean and infected
    clean = send(client, paper(100), "clean.pdf")
    table.same("a clean PDF", (clean[0], scan_of(clean[1])), (200, "clean"))
    table.same("a clean photo", scan_of(send(client, photo(), "photo.jpg")[1]), "clean")
    kept = Attachment.objects.count()
    for language, said in (("en", "A virus was found in this file"), ("ar", "فيروس")):
        status, answer, _there = send(client, paper(100, MARKER), "bad.pdf", language=language)
        refused = answer["errors"][0]
        table.same(f"an infected PDF ({language})", (status, refused["code"]), (422, "FILE_REFUSED"))
        table.same(f"… and it says why ({language})", said in refused["message"], True)
    table.same("… and nothing of it is kept", Attachment.objects.count() - kept, 0)
    began = time.monotonic()
    large = send(client, paper(STREAM_MAXIMUM - 100_000), "large.pdf")
    table.same("a PDF of 8 MB, in two parts", scan_of(large[1]), "clean")
    table.within("… and it takes", time.monotonic() - began, 5)

    # --- longer than it takes
    status, answer, _there = send(client, paper(STREAM_MAXIMUM + 3_000_000), "longer.pdf")
    table.same("a PDF longer than StreamMaxLength", (status, scan_of(answer)), (200, "unscanned"))
    short = send(client, paper(STREAM_MAXIMUM + 2_000), "longer.pdf")
    table.same("… by a little", scan_of(short[1]), "unscanned")
    table.same("… and the next one is scanned", scan_of(send(client, paper(9), "a.pdf")[1]), "clean")
    row = Attachment.objects.get(name="longer.pdf", size__gt=STREAM_MAXIMUM + 2_000_000)
    submitted = factories.submit(files=factories.files_of(row))
    secret = {"reference": submitted.report.reference, "secret": submitted.secret}
    client.post("/en/track/", secret)
    page = client.get(f"/en/track/{submitted.report.reference}/").content.decode()
    table.same("… and its sender reads: not scanned", "Not scanned for viruses" in page, True)

    # --- too slow
    daemon.stop(signal.SIGSTOP)
    began = time.monotonic()
    slow = send(client, paper(100), "slow.pdf")
    table.same("a clamd that stands still", (slow[0], scan_of(slow[1])), (200, "waiting"))
    table.within("… and the sender waits for it", time.monotonic() - began, scanning.SECONDS + 2)
    began = time.monotonic()
    for number in range(5):
        send(client, paper(100, MARKER if number == 4 else b""), "slow.pdf")
    table.within("… five more files", time.monotonic() - began, 5)
    waiting = Attachment.objects.filter(name="slow.pdf", scan="waiting")
    table.same("… and they wait", waiting.count(), 6)
    held = factories.submitted_report(files=factories.files_of(waiting[0]))
    table.same("… readable by nobody", held.attachments.get().is_readable, False)
    daemon.process.send_signal(signal.SIGCONT)
    table.same("it goes on: decided", ending.scan_waiting(), 6)
    found = sorted(Attachment.objects.filter(name="slow.pdf").values_list("scan", flat=True))
    table.same("… as", found, ["clean"] * 5 + ["infected"])
    table.same("… and the report's file is readable", held.attachments.get().is_readable, True)

    # --- stopped in mid-scan, and started again
    scanning._away.clear()
    daemon.stop(signal.SIGSTOP)
    killer = threading.Timer(1, daemon.stop)
    killer.start()
    status, answer, _there = send(client, paper(STREAM_MAXIMUM - 100_000), "cut.pdf")
    killer.join()
    table.same("clamd killed in mid-scan", (status, scan_of(answer)), (200, "waiting"))
    table.same("… asked again while it is away: decided", ending.scan_waiting(), 0)
    scanning._away.clear()
    table.same("… a new file meanwhile", scan_of(send(client, photo(), "cut.jpg")[1]), "waiting")
    daemon.start()
    table.same("clamd started again: decided", ending.scan_waiting(), 2)
    table.same(
        "… as", set(Attachment.objects.filter(name__startswith="cut").values_list("scan")), {("clean",)}
    )
    table.same("… and a new file at once", scan_of(send(client, paper(7), "new.pdf")[1]), "clean")
    table.same("files that still wait", Attachment.objects.filter(scan="waiting").count(), 0)
    return table.rows
