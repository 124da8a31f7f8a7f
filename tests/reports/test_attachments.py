"""Files from the upload to the reader: used once, by whom they are for, and gone when nobody uses them."""

import errno
import hashlib
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.forms.models import model_to_dict
from django.utils import timezone

from cms.reports import actions, history
from cms.reports.actors import SenderActor, StaffActor
from cms.reports.errors import Code
from cms.reports.files import ending, intake, reading, storing
from cms.reports.files.intake import Files
from cms.reports.models import Attachment, Report
from tests import factories
from tests.factories import files_of, photo, upload
from tests.factories.files import TAKEN_AT, pdf

from .stored import on_disk, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


# --- taking in --------------------------------------------------------------------------------


def test_a_file_is_stored_under_a_name_of_ours(folder: Path) -> None:
    row = upload(name="../../x\u202egpj.exe")

    assert row.name == "xgpj.exe.jpg"
    assert {path.relative_to(folder).as_posix() for path in on_disk(folder)} == {row.file, row.thumbnail}
    assert storing.read(row.file)[:3] == b"\xff\xd8\xff"
    assert row.scan == Attachment.Scan.NOT_SCANNED


def test_an_owner_has_ten_files_at_most(catalogue: Any) -> None:
    for _ in range(10):
        upload("web:a", content=pdf())

    assert refused(upload, "web:a").code is Code.TOO_MANY_FILES
    assert upload("web:b").owner == "web:b"
    assert Attachment.objects.filter(owner="web:a").count() == 10


@pytest.mark.parametrize("fails_at", [1, 2], ids=["the file", "its thumbnail"])
def test_a_full_disk_is_a_clear_error_and_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int, django_capture_on_commit_callbacks: Any
) -> None:
    storage, calls = storages["attachments"], 0
    saved = storage._save

    def full(name: str, content: Any) -> str:
        nonlocal calls
        calls += 1
        saved(name, content)
        if calls == fails_at:
            # Half of it was written when the disk was full.
            (folder / name).write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        return name

    monkeypatch.setattr(storage, "_save", full)

    with django_capture_on_commit_callbacks(execute=True):
        error = refused(upload)

    assert (error.code, error.field) == (Code.STORAGE_UNAVAILABLE, ("attachments",))
    assert not Attachment.objects.exists()
    assert on_disk(folder) == []


# --- attaching --------------------------------------------------------------------------------


def test_a_submission_takes_its_files_along_and_forgets_where_they_were_taken(people: Any) -> None:
    row = upload(content=photo(gps=True))
    assert (row.latitude, row.longitude) == TAKEN_AT

    report = factories.submitted_report(files=files_of(row))

    kept = Attachment.objects.get()
    assert (kept.report, kept.event.code, kept.owner, kept.expires_at) == (report, "submit", "", None)
    assert (kept.latitude, kept.longitude) == (None, None)
    content = storing.read(kept.file)
    digest = hashlib.sha256(f"{kept.salt}\0".encode() + hashlib.sha256(content).digest()).hexdigest()
    assert report.events.get().data["files"] == [digest] == [kept.digest]
    assert list(history.verify(Report.objects.all())) == []


def test_the_database_keeps_no_point_with_a_report(people: Any) -> None:
    factories.submitted_report(files=files_of(upload()))
    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.update(latitude=26.3, longitude=43.9)


def test_sent_again_with_its_files_it_is_the_same_report(people: Any) -> None:
    given = {"files": files_of(upload()), "idempotency_key": "k" * 30}
    first = factories.submit(anonymous=True, contact=None, service="abuse", answers={}, **given)

    again = factories.submit(anonymous=True, contact=None, service="abuse", answers={}, **given)

    assert (again.replayed, again.report) == (True, first.report)
    other = {**given, "files": files_of(upload())}
    error = refused(factories.submit, anonymous=True, contact=None, service="abuse", answers={}, **other)
    assert error.code is Code.IDEMPOTENCY_CONFLICT
    assert Report.objects.count() == 1


def _used(people: Any) -> Any:
    row = upload()
    factories.submitted_report(files=files_of(row))
    return files_of(row)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (lambda people: Files((str(uuid.uuid4()),), "api"), Code.NOT_FOUND),
        (lambda people: Files(("../../etc/passwd",), "api"), Code.NOT_FOUND),
        (lambda people: files_of(upload("web:somebody"), owner="web:other"), Code.NOT_FOUND),
        (_used, Code.NOT_FOUND),
        (lambda people: Files((str(upload().public_id),) * 2, "api"), Code.NOT_FOUND),
        (lambda people: Files(tuple(str(uuid.uuid4()) for _ in range(11)), "api"), Code.TOO_MANY_FILES),
    ],
    ids=["unknown", "no id", "another's", "used", "twice", "eleven"],
)
def test_a_submission_with_files_it_cannot_have_stores_nothing(people: Any, given: Any, code: Code) -> None:
    files = given(people)
    before = (Report.objects.count(), list(Attachment.objects.values()))

    error = refused(factories.submit, files=files)

    assert (error.code, error.field) == (code, ("attachments",))
    assert (Report.objects.count(), list(Attachment.objects.values())) == before


def test_a_message_may_be_a_file_alone_and_is_written_once(people: Any, report_in: Any) -> None:
    report = report_in("awaiting_sender")
    files = files_of(upload())
    me = factories.as_sender(report)

    done = actions.write(report.pk, actor=me, text="", files=files)
    again = actions.write(report.pk, actor=me, text="", files=files)

    assert (done.state, again.event_count) == ("in_progress", done.event_count)
    assert [row.event.code for row in reading.of_sender(report)] == ["sender_reply"]
    assert refused(actions.write, report.pk, actor=me, text="").code is Code.REQUIRED
    actions.write(report.pk, actor=me, text="", files=files_of(upload()))
    assert [row.event.code for row in reading.of_sender(report)] == ["sender_reply", "add_information"]


def test_a_refused_message_keeps_its_files_for_another_try(report_in: Any) -> None:
    report = report_in("closed")
    row = upload()

    error = refused(
        actions.add_information, report.pk, actor=factories.as_sender(report), text="", files=files_of(row)
    )

    assert error.code is Code.WRONG_STATE
    assert Attachment.objects.get(pk=row.pk).report is None


def attached(report: Report, user: Any) -> Attachment:
    row = upload(f"staff:{user.pk}", "note.pdf", pdf())
    actions.attach(
        report.pk, actor=StaffActor(user), files=files_of(row, owner=row.owner), text="كشف الصيانة"
    )
    return Attachment.objects.get(pk=row.pk)


def test_attach_is_the_entitys_alone(people: Any, report: Report) -> None:
    row = attached(report, people.coordinator)

    assert row.event.code == "attach"
    assert reading.of_sender(report) == []
    assert reading.find(row.public_id, factories.as_sender(report)) is None
    for user, reads in [
        (people.coordinator, True),
        (people.leader, True),
        (people.supervisor, True),
        (people.coordinator3, True),
        (people.coordinator2, False),
        (people.specialist, False),
        (people.agent, False),
        (people.editor, False),
        (people.admin, False),
    ]:
        assert (reading.find(row.public_id, StaffActor(user)) is not None) is reads, user


def test_attach_needs_a_file_and_ones_own(people: Any, report: Report) -> None:
    lead = StaffActor(people.coordinator)
    other = upload(f"staff:{people.coordinator2.pk}")
    before = model_to_dict(Report.objects.get(pk=report.pk))

    assert refused(actions.attach, report.pk, actor=lead, files=Files()).code is Code.REQUIRED
    mine = files_of(other, owner=f"staff:{people.coordinator.pk}")
    assert refused(actions.attach, report.pk, actor=lead, files=mine).code is Code.NOT_FOUND
    assert model_to_dict(Report.objects.get(pk=report.pk)) == before


# --- who reads --------------------------------------------------------------------------------


def test_a_later_entity_reads_what_the_sender_could_and_the_earlier_one_nothing(people: Any) -> None:
    factories.ReasonFactory(used_for="transfer", code="other_jurisdiction", label_ar="اختصاص جهة أخرى")
    photo_of_sender = upload()
    report = factories.submitted_report(files=files_of(photo_of_sender))
    internal = attached(report, people.coordinator)
    north, water = StaffActor(people.coordinator), StaffActor(people.coordinator2)
    assert reading.find(photo_of_sender.public_id, north) is not None
    assert reading.find(photo_of_sender.public_id, water) is None

    actions.transfer(
        report.pk,
        actor=StaffActor(people.supervisor),
        version=report.version,
        entity="water",
        reason="other_jurisdiction",
    )

    for row in (photo_of_sender, internal):
        assert reading.find(row.public_id, north) is None
    assert reading.find(photo_of_sender.public_id, water) is not None
    assert reading.find(internal.public_id, water) is None


def test_a_confidential_reports_file_is_its_grantees_alone(people: Any, catalogue: Any) -> None:
    row = upload()
    factories.submitted_report(
        anonymous=True, service="abuse", place="town", answers={}, contact=None, files=files_of(row)
    )
    report = Report.objects.get()
    sees = {
        name: reading.find(row.public_id, StaffActor(user)) is not None
        for name, user in {
            "supervisor": people.supervisor,
            "emirate": people.emirate,
            "auditor": people.auditor,
            "coordinator2": people.coordinator2,
            "grantee": people.grantee,
            "triage": people.triage_confidential,
        }.items()
    }
    at_water = report.entity_id == catalogue.water.pk
    assert sees == {
        "supervisor": False,
        "emirate": False,
        "auditor": False,
        "coordinator2": False,
        "grantee": at_water,
        "triage": True,
    }


def test_another_sender_reads_nothing_and_a_signed_in_one_their_own(people: Any, sender: Any) -> None:
    row = upload()
    report = factories.submitted_report(sender=sender, files=files_of(row))
    stranger = factories.SenderFactory()

    assert reading.find(row.public_id, SenderActor(sender_id=sender.pk)) is not None
    assert reading.find(row.public_id, SenderActor(report_id=report.pk)) is not None
    assert reading.find(row.public_id, SenderActor(sender_id=stranger.pk)) is None
    assert reading.find(row.public_id, SenderActor()) is None
    assert reading.find(uuid.uuid4(), SenderActor(report_id=report.pk)) is None


def test_merged_senders_read_no_files_of_each_other_and_the_primarys_entity_reads_them(
    people: Any, report_in: Any
) -> None:
    own, theirs, added = upload(), upload(), upload()
    member = factories.submitted_report(files=files_of(own))
    primary = factories.submitted_report(files=files_of(theirs))
    lead = StaffActor(people.coordinator)
    actions.merge(member.pk, actor=lead, version=member.version, primary=primary.reference)
    me, other = factories.as_sender(member), factories.as_sender(primary)
    actions.add_information(member.pk, actor=me, text="", files=files_of(added))

    assert [row.public_id for row in reading.of_sender(member)] == [own.public_id, added.public_id]
    assert [row.public_id for row in reading.of_sender(primary)] == [theirs.public_id]
    assert reading.find(theirs.public_id, me) is None
    assert reading.find(added.public_id, other) is None
    [shown] = reading.added_by_members(primary).values()
    assert [row.public_id for row in shown] == [added.public_id]
    for row in (own, theirs, added):
        assert reading.find(row.public_id, lead) is not None
        assert reading.find(row.public_id, StaffActor(people.coordinator2)) is None


def test_an_erased_reports_files_are_gone(
    people: Any, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    row, kept = upload(), upload()
    report = factories.submitted_report(files=files_of(row))
    with django_capture_on_commit_callbacks(execute=True):
        assert ending.erase(report) == 1

    assert reading.find(row.public_id, factories.as_sender(report)) is None
    assert {path.relative_to(folder).as_posix() for path in on_disk(folder)} == {kept.file, kept.thumbnail}
    assert list(history.verify(Report.objects.all())) == []


# --- ends -------------------------------------------------------------------------------------


def test_what_nobody_used_is_swept_and_what_is_attached_stays(
    people: Any, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    now = timezone.now()
    old, alive, used = upload("web:old"), upload("web:alive"), upload()
    factories.submitted_report(files=files_of(used))
    Attachment.objects.filter(pk__in=[old.pk, alive.pk]).update(expires_at=now + timedelta(hours=1))
    intake.keep_alive("web:alive")

    with django_capture_on_commit_callbacks(execute=True):
        assert ending.sweep(now + timedelta(hours=2)) == 1

    assert set(Attachment.objects.values_list("pk", flat=True)) == {alive.pk, used.pk}
    assert len(on_disk(folder)) == 4
    with django_capture_on_commit_callbacks(execute=True):
        assert ending.sweep(now + timedelta(days=10)) == 1
    assert set(Attachment.objects.values_list("pk", flat=True)) == {used.pk}
