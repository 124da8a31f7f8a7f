"""Files at the desk: who sees, who attaches, and how one is handed out."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from cms.reports import actions
from cms.reports.actors import SenderActor, StaffActor
from cms.reports.files import links, storing
from cms.reports.models import Attachment, Report
from permissions.models import AuditEvent
from tests import factories
from tests.factories import files_of, photo, upload
from tests.factories.files import pdf, scripted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


@pytest.fixture
def pictured(people: Any) -> Report:
    """A report of the north branch with one photo."""
    report: Report = factories.submitted_report(files=files_of(upload(name="street.jpg")))
    return report


def by(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(client: Client, report: Report) -> str:
    response = client.get(f"/admin/queue/{report.public_id}/")
    assert response.status_code == 200
    return response.content.decode()


def attach(client: Client, report: Report, *files: Any, text: str = "") -> Any:
    return client.post(f"/admin/queue/{report.public_id}/attach/", {"files": list(files), "text": text})


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_the_page_shows_the_photo_and_says_that_nobody_scanned_it(people: Any, pictured: Report) -> None:
    row = Attachment.objects.get()
    client = by(people.coordinator)
    html = page(client, pictured)

    assert f'src="/admin/queue/files/{row.public_id}/?small"' in html
    assert "لم يُفحص من الفيروسات" in html
    assert client.get(f"/admin/queue/files/{row.public_id}/?small")["Content-Type"] == "image/jpeg"


def test_a_report_without_files_costs_no_query_for_them(
    people: Any, report: Report, pictured: Report
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = by(people.coordinator)
    counts = []
    for one in (report, pictured):
        page(client, one)
        with CaptureQueriesContext(connection) as asked:
            page(client, one)
        counts.append(sum("reports_attachment" in query["sql"] for query in asked.captured_queries))
    assert counts == [0, 1]


def test_the_entity_attaches_its_own_files(people: Any, pictured: Report) -> None:
    client = by(people.coordinator)
    sent = [SimpleUploadedFile("كشف.pdf", pdf()), SimpleUploadedFile("after.png", photo("PNG"))]

    answer = attach(client, pictured, *sent, text="بعد الإصلاح")

    assert answer.status_code == 302
    event = pictured.events.get(code="attach")
    assert [row.name for row in event.attachments.all()] == ["كشف.pdf", "after.png"]
    html = page(client, pictured)
    assert "كشف.pdf" in html
    assert "بعد الإصلاح" in html


def test_who_does_not_work_on_it_attaches_nothing(people: Any, pictured: Report) -> None:
    sent = SimpleUploadedFile("a.pdf", pdf())
    assert 'action="/admin/queue/' + str(pictured.public_id) + '/attach/"' not in page(
        by(people.leader), pictured
    )
    assert attach(by(people.leader), pictured, sent).status_code == 403
    assert attach(by(people.coordinator2), pictured, sent).status_code == 404
    assert not pictured.events.filter(code="attach").exists()
    assert list(Attachment.objects.values_list("name", flat=True)) == ["street.jpg"]


def test_a_bad_file_attaches_none_and_keeps_the_words(people: Any, pictured: Report) -> None:
    good, bad = SimpleUploadedFile("good.pdf", pdf()), SimpleUploadedFile("bad.pdf", pdf(scripted))

    answer = attach(by(people.coordinator), pictured, good, bad, text="كلمات لا تضيع")

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "\u2068bad.pdf\u2069" in html
    assert "كلمات لا تضيع" in html
    assert not pictured.events.filter(code="attach").exists()
    assert Attachment.objects.count() == 1
    assert attach(by(people.coordinator), pictured).status_code == 422


def test_a_file_is_handed_out_as_a_download_in_a_sandbox(people: Any, pictured: Report) -> None:
    row = Attachment.objects.get()
    client = by(people.coordinator)
    link = client.get(f"/admin/queue/files/{row.public_id}/")
    assert link.status_code == 302

    file = Client().get(link.url, headers={"Accept-Encoding": "gzip"})

    content = storing.read(row.file)
    assert body(file) == content
    assert {name: file[name] for name in ("Content-Type", "Content-Disposition", "Content-Length")} == {
        "Content-Type": "image/jpeg",
        "Content-Disposition": 'attachment; filename="street.jpg"',
        "Content-Length": str(len(content)),
    }
    assert file["X-Content-Type-Options"] == "nosniff"
    assert file["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert file["Cache-Control"] == "private, no-store"
    assert not file.has_header("Content-Encoding")


@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        ("bytes=0-9", 206, (0, 10)),
        ("bytes=10-", 206, (10, None)),
        ("bytes=-5", 206, (-5, None)),
        ("bytes=5-99999999", 206, (5, None)),
        ("bytes=9-5", 200, (0, None)),
        ("bytes=0-1,5-6", 200, (0, None)),
        ("lines=1-2", 200, (0, None)),
        ("bytes=-", 200, (0, None)),
    ],
)
def test_a_range_is_answered_with_that_range(
    people: Any, pictured: Report, asked: str, status: int, span: tuple[int, int | None]
) -> None:
    row = Attachment.objects.get()
    link = links.sign(row, StaffActor(people.coordinator))
    content = storing.read(row.file)

    answer = Client().get(link, headers={"Range": asked})

    assert answer.status_code == status
    assert body(answer) == content[span[0] : span[1]]
    if status == 206:
        start = span[0] % len(content)
        end = start + len(content[span[0] : span[1]]) - 1
        assert answer["Content-Range"] == f"bytes {start}-{end}/{len(content)}"


def test_a_range_outside_the_file_is_416_and_another_state_of_it_the_whole(
    people: Any, pictured: Report
) -> None:
    row = Attachment.objects.get()
    link = links.sign(row, StaffActor(people.coordinator))
    outside = Client().get(link, headers={"Range": "bytes=999999-"})
    other = Client().get(link, headers={"Range": "bytes=0-1", "If-Range": '"another"'})

    assert (outside.status_code, outside["Content-Range"]) == (416, f"bytes */{row.size}")
    assert (other.status_code, len(body(other))) == (200, row.size)
    assert Client().head(link)["Content-Length"] == str(row.size)


def test_a_link_lives_five_minutes(people: Any, pictured: Report) -> None:
    link = links.sign(Attachment.objects.get(), StaffActor(people.coordinator))
    now = timezone.now()
    with time_machine.travel(now + timedelta(minutes=4, seconds=50), tick=False):
        assert Client().get(link).status_code == 200
    with time_machine.travel(now + timedelta(minutes=5, seconds=10), tick=False):
        assert Client().get(link).status_code == 404


def test_hidden_forged_old_and_missing_are_one_answer(people: Any, pictured: Report) -> None:
    row = Attachment.objects.get()
    other = StaffActor(people.coordinator2)
    paths = [
        links.sign(row, other),
        links.sign(row, SenderActor(sender_id=factories.SenderFactory().pk)),
        links.sign(row, StaffActor(people.coordinator))[:-3] + "abc",
        "/files/nothing",
    ]
    answers = [Client().get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert (
        len({answer.content.replace(path.encode(), b"") for path, answer in zip(paths, answers, strict=True)})
        == 1
    )
    client = by(people.coordinator2)
    hidden = client.get(f"/admin/queue/files/{row.public_id}/")
    missing = client.get("/admin/queue/files/00000000-0000-4000-8000-000000000000/")
    assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content)
    assert hidden.status_code == 404


def test_a_former_entity_loses_the_file_at_once_with_the_link_it_had(people: Any, pictured: Report) -> None:
    factories.ReasonFactory(used_for="transfer", code="other_jurisdiction", label_ar="اختصاص جهة أخرى")
    row = Attachment.objects.get()
    client = by(people.coordinator)
    link = client.get(f"/admin/queue/files/{row.public_id}/").url
    assert Client().get(link).status_code == 200

    actions.transfer(
        pictured.pk,
        actor=StaffActor(people.supervisor),
        version=pictured.version,
        entity="water",
        reason="other_jurisdiction",
    )

    assert Client().get(link).status_code == 404
    assert client.get(f"/admin/queue/files/{row.public_id}/").status_code == 404
    assert client.get(f"/admin/queue/files/{row.public_id}/?small").status_code == 404
    assert by(people.coordinator2).get(f"/admin/queue/files/{row.public_id}/").status_code == 302


def test_somebody_who_left_loses_the_link_they_had(people: Any, pictured: Report) -> None:
    link = links.sign(Attachment.objects.get(), StaffActor(people.coordinator))
    people.coordinator.is_active = False
    people.coordinator.save()

    assert Client().get(link).status_code == 404


def test_opening_a_confidential_reports_file_stands_in_the_audit_trail(people: Any) -> None:
    report = factories.submitted_report(
        anonymous=True, service="abuse", place="town", answers={}, contact=None, files=files_of(upload())
    )
    client = by(people.triage_confidential)
    link = client.get(f"/admin/queue/files/{Attachment.objects.get().public_id}/").url
    assert not AuditEvent.objects.filter(code="confidential_file").exists()

    body(client.get(link))
    body(client.get(link, headers={"Range": "bytes=100-"}))

    event = AuditEvent.objects.get(code="confidential_file")
    assert (event.actor, event.subject) == (people.triage_confidential, f"report:{report.pk}")


def test_what_waits_for_its_scan_is_shown_and_not_handed_out(people: Any, pictured: Report) -> None:
    Attachment.objects.update(scan="waiting")
    row = Attachment.objects.get()
    client = by(people.coordinator)

    assert "ينتظر الفحص من الفيروسات" in page(client, pictured)
    assert client.get(f"/admin/queue/files/{row.public_id}/").status_code == 404
    assert Client().get(links.sign(row, StaffActor(people.coordinator))).status_code == 404


def test_what_a_merged_sender_adds_is_on_the_primarys_page(people: Any, pictured: Report) -> None:
    member = factories.submitted_report()
    actions.merge(
        member.pk, actor=StaffActor(people.coordinator), version=member.version, primary=pictured.reference
    )
    actions.add_information(
        member.pk, actor=factories.as_sender(member), text="", files=files_of(upload(name="another.jpg"))
    )

    assert "another.jpg" in page(by(people.coordinator), pictured)
