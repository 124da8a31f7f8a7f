"""`/api/uploads`: parts that survive a broken connection, and what the mutations make of them."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from cms.reports import senders
from cms.reports.files import ending, links, parts, storing
from cms.reports.models import Attachment, IdempotencyKey, Report, Upload
from tests import factories
from tests.factories import photo, upload
from tests.factories.files import TAKEN_AT, pdf, scripted

from .conftest import SUBMIT, submission

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]
PART = 1000


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", PART)


def begin(client: Client, content: bytes, name: str = "IMG_1.jpg", **headers: str) -> Any:
    return client.post(
        "/api/uploads",
        json.dumps({"name": name, "size": len(content)}),
        content_type="application/json",
        headers={"Accept-Language": "en", **headers},
    )


def put(client: Client, at: str, number: int, content: bytes, **headers: str) -> Any:
    return client.put(
        f"{at}/parts/{number}", content, content_type="application/octet-stream", headers=headers
    )


def where(begun: Any) -> str:
    return str(begun["Location"]).removeprefix("http://testserver")


def sent(client: Client, content: bytes, **headers: str) -> str:
    """The id of a file sent in one part."""
    begun = begin(client, content, **headers)
    assert put(client, where(begun), 1, content, **headers).json()["complete"] is True
    return str(begun.json()["id"])


def code(answer: Any) -> str:
    [error] = answer.json()["errors"]
    assert error["correlationId"]
    return str(error["code"])


def on_disk(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def token_of(sender: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {senders.issue_token(sender, at=timezone.now())[0]}"}


# --- parts ------------------------------------------------------------------------------------


def test_parts_in_any_order_and_again_make_one_file(
    client: Client, small_parts: None, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    content = photo(size=(640, 480), gps=True)
    count = -(-len(content) // PART)
    assert count > 2
    begun = begin(client, content)
    assert (begun.status_code, begun.json()["parts"], begun.json()["partSize"]) == (201, count, PART)
    at = where(begun)
    pieces = {n: content[(n - 1) * PART : n * PART] for n in range(1, count + 1)}

    put(client, at, count, pieces[count])
    put(client, at, count, pieces[count])
    assert client.get(at).json()["missing"] == list(range(1, count))
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(1, count):
            last = put(client, at, number, pieces[number])

    made = last.json()
    assert (made["complete"], made["contentType"], made["name"]) == (True, "image/jpeg", "IMG_1.jpg")
    assert (made["location"]["latitude"], made["location"]["longitude"]) == TAKEN_AT
    # The answer was lost: asking again gives it, and so does sending again.
    assert client.get(at).json() == made
    assert put(client, at, count - 1, pieces[count - 1]).json() == made
    row = Attachment.objects.get()
    assert made["id"] == begun.json()["id"]
    assert on_disk(folder) == sorted([row.file, row.thumbnail])
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"name": "a.jpg"}, 422, "INVALID"),
        ({"name": "a.jpg", "size": "9"}, 422, "INVALID"),
        ({"name": "a.jpg", "size": True}, 422, "INVALID"),
        ({"name": "a.jpg", "size": 0}, 422, "INVALID"),
        ({"name": ["a"], "size": 9}, 422, "INVALID"),
        ({"name": "a.jpg", "size": 20 * 1024 * 1024 + 1}, 413, "FILE_TOO_LARGE"),
        ({"name": "a" * 9000, "size": 9}, 413, "BODY_TOO_LARGE"),
        ([], 400, "BAD_REQUEST"),
    ],
)
def test_what_cannot_be_begun_stores_nothing(client: Client, body: Any, status: int, error: str) -> None:
    answer = client.post("/api/uploads", json.dumps(body), content_type="application/json")

    assert (answer.status_code, code(answer)) == (status, error)
    assert not Upload.objects.exists()


def test_other_bodies_methods_and_origins_are_refused(client: Client) -> None:
    as_form = client.post("/api/uploads", {"name": "a.jpg", "size": 9})
    as_text = client.post("/api/uploads", '{"name": "a", "size": 9}', content_type="text/plain")
    foreign = client.post(
        "/api/uploads",
        json.dumps({"name": "a.jpg", "size": 9}),
        content_type="application/json",
        headers={"Origin": "https://evil.example"},
    )
    by_get = client.get("/api/uploads")
    broken = client.post("/api/uploads", b"\xff\xfe", content_type="application/json")

    assert [answer.status_code for answer in (as_form, as_text, foreign, by_get, broken)] == [
        415,
        415,
        403,
        405,
        400,
    ]
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("number", "length", "status"), [(1, 999, 422), (1, 1001, 413), (0, 10, 404), (9, 10, 404)]
)
def test_a_part_of_another_length_or_number_is_refused(
    client: Client, small_parts: None, folder: Path, number: int, length: int, status: int
) -> None:
    at = where(begin(client, bytes(2500)))

    assert put(client, at, number, bytes(length)).status_code == status
    assert client.get(at).json()["missing"] == [1, 2, 3]
    assert on_disk(folder) == []


def test_a_file_that_is_refused_ends_its_upload(
    client: Client, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    content = pdf(scripted)
    at = where(begin(client, content, "form.pdf"))
    with django_capture_on_commit_callbacks(execute=True):
        answer = put(client, at, 1, content)

    assert (answer.status_code, code(answer)) == (422, "FILE_REFUSED")
    assert client.get(at).status_code == 404
    assert (Upload.objects.count(), Attachment.objects.count(), on_disk(folder)) == (0, 0, [])


def test_a_full_disk_lets_the_last_part_be_sent_again(
    client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = photo()
    at = where(begin(client, content))
    write = storing.write

    def full(name: str, given: bytes) -> None:
        if not name.startswith("parts/"):
            raise storing.DomainError(storing.Code.STORAGE_UNAVAILABLE, field="attachments")
        write(name, given)

    monkeypatch.setattr(storing, "write", full)
    answer = put(client, at, 1, content)
    assert (answer.status_code, code(answer)) == (507, "STORAGE_UNAVAILABLE")
    assert not Attachment.objects.exists()
    monkeypatch.setattr(storing, "write", write)

    assert put(client, at, 1, content).json()["complete"] is True


@pytest.mark.parametrize(
    "address", ["x", "x/parts/1", f"{uuid.UUID(int=1)}/parts/x", f"{uuid.UUID(int=1)}/", "٣"]
)
def test_an_address_that_is_none_is_answered_in_json(client: Client, address: str) -> None:
    at = f"/api/uploads/{address}"
    for answer in (client.get(at), client.put(at, b"x", content_type="application/octet-stream")):
        assert (answer.status_code, code(answer)) == (404, "NOT_FOUND")


def test_an_upload_is_its_senders_alone(client: Client, sender: Any) -> None:
    mine, other = token_of(sender), token_of(factories.SenderFactory())
    at = where(begin(client, photo(), **mine))

    for headers in ({}, other):
        assert client.get(at, headers=headers).status_code == 404
        assert put(client, at, 1, photo(), **headers).status_code == 404
        assert client.delete(at, headers=headers).status_code == 204
    assert client.get(at, headers={"Authorization": "Bearer nonsense"}).status_code == 401
    assert client.get(at, headers=mine).json()["missing"] == [1]
    client.delete(at, headers=mine)
    assert client.get(at, headers=mine).status_code == 404


def test_uploads_are_counted_by_the_hour(client: Client, settings: Any) -> None:
    cache.clear()
    settings.SAWT_UPLOADS_PER_HOUR = 1
    assert begin(client, photo()).status_code == 201

    answer = begin(client, photo())

    assert (answer.status_code, code(answer)) == (429, "TOO_MANY_ATTEMPTS")
    assert answer.json()["errors"][0]["retryAfter"] > 0


def test_what_was_never_finished_is_swept(
    client: Client, small_parts: None, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    at = where(begin(client, bytes(2500)))
    put(client, at, 1, bytes(1000))
    assert len(on_disk(folder)) == 1

    with django_capture_on_commit_callbacks(execute=True):
        assert ending.sweep(timezone.now() + parts.LIVES) == 1

    assert (Upload.objects.count(), on_disk(folder)) == (0, [])


# --- mutations --------------------------------------------------------------------------------

TRACK = """query ($r: String!, $s: String!) { trackReport(reference: $r, secret: $s) { attachments {
  id name contentType size scan sentWith url thumbnailUrl } conversation { text } } }"""


def test_a_report_takes_its_uploads_along_and_sent_again_is_the_same(
    api: Any, client: Client, people: Any
) -> None:
    ids = [sent(client, photo()), sent(client, pdf())]
    given = submission(attachments=ids)

    first = api.data(SUBMIT, {"input": given})["submitReport"]
    again = api.data(SUBMIT, {"input": given})["submitReport"]

    assert first["errors"] == []
    assert again["report"]["reference"] == first["report"]["reference"]
    answer = api.data(TRACK, {"r": first["report"]["reference"], "s": first["secret"]})["trackReport"]
    photo_row, paper = answer["attachments"]
    assert (photo_row["contentType"], photo_row["sentWith"], paper["thumbnailUrl"]) == (
        "image/jpeg",
        "submit",
        None,
    )
    file = Client().get(photo_row["url"].partition("/files/")[1] + photo_row["url"].partition("/files/")[2])
    assert b"".join(file.streaming_content)[:2] == b"\xff\xd8"


@pytest.mark.parametrize("one", ["nonsense", "U2VydmljZTpsYW1w"])
def test_what_is_no_upload_is_an_error_on_the_field(api: Any, people: Any, one: str) -> None:
    [error] = api.data(SUBMIT, {"input": submission(attachments=[one])})["submitReport"]["errors"]

    assert (error["code"], error["field"]) == ("INVALID", ["attachments"])
    assert not Report.objects.exists()


def test_another_senders_upload_is_not_found(api: Any, client: Client, people: Any, sender: Any) -> None:
    theirs = sent(client, photo(), **token_of(sender))

    [error] = api.data(SUBMIT, {"input": submission(attachments=[theirs])})["submitReport"]["errors"]

    assert (error["code"], error["field"]) == ("NOT_FOUND", ["attachments"])
    assert not Report.objects.exists()
    assert Attachment.objects.get().report is None


def test_a_reply_may_be_a_file_alone_and_its_key_writes_once(
    api: Any, client: Client, report_in: Any
) -> None:
    from cms.reports.secrets import secret_for

    report = report_in("awaiting_sender")
    given = {
        "reference": report.reference,
        "secret": secret_for(report.public_id),
        "text": "",
        "attachments": [sent(client, photo())],
        "idempotencyKey": uuid.uuid4().hex,
    }
    mutation = """mutation ($input: ReplyToEntityInput!) { replyToEntity(input: $input) {
      report { attachments { sentWith } } errors { code } } }"""

    for _ in range(2):
        answer = api.data(mutation, {"input": given})["replyToEntity"]
        assert answer == {"report": {"attachments": [{"sentWith": "sender_reply"}]}, "errors": []}
    assert IdempotencyKey.objects.filter(report=report).count() >= 1
    assert report.events.filter(code="sender_reply").count() == 1
    other = {**given, "attachments": [sent(client, photo())]}
    answer = api.data(mutation, {"input": other})["replyToEntity"]
    assert answer["errors"] == [{"code": "IDEMPOTENCY_CONFLICT"}]


def test_all_reports_files_are_read_in_one_query(api: Any, sender: Any, people: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for _ in range(3):
        factories.submitted_report(sender=sender, files=factories.files_of(upload()))
    query = "{ myReports(first: 10) { edges { node { attachments { name url } } } } }"

    with CaptureQueriesContext(connection) as asked:
        answer = api.data(query, token=senders.issue_token(sender, at=timezone.now())[0])

    assert [len(edge["node"]["attachments"]) for edge in answer["myReports"]["edges"]] == [1, 1, 1]
    assert sum('FROM "reports_attachment"' in row["sql"] for row in asked.captured_queries) == 1


def test_a_link_of_the_api_ends_with_the_right_to_it(sender: Any, people: Any) -> None:
    report = factories.submitted_report(sender=sender, files=factories.files_of(upload()))
    from cms.reports.actors import SenderActor

    link = links.sign(Attachment.objects.get(), SenderActor(sender_id=sender.pk))
    assert Client().get(link).status_code == 200
    Report.objects.filter(pk=report.pk).update(privacy="confidential")
    assert Client().get(link).status_code == 404
