"""Photos and files on the citizen's pages, by a browser without script and by the page's own."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from cms.reports.models import Attachment, Report
from cms.reports.secrets import secret_for
from tests import factories
from tests.factories import files_of, photo, upload
from tests.factories.files import TAKEN_AT, pdf, scripted, video

from .conftest import TEXT, Walk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


def sent(name: str = "IMG_2041.jpg", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo() if content is None else content)


def names() -> list[str]:
    return list(Attachment.objects.order_by("pk").values_list("name", flat=True))


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return response.content.decode()


@pytest.fixture
def at_details(walk: Walk) -> Walk:
    walk.what()
    walk.where()
    return walk


# --- the draft --------------------------------------------------------------------------------


def test_files_go_with_the_form_and_with_the_report(at_details: Walk, client: Client) -> None:
    answer = at_details.details(
        **{"answers-since": "week", "seen": "since"}, files=[sent(), sent("a.pdf", pdf())]
    )
    assert answer.url.endswith("/report/who/")
    at_details.code()
    at_details.confirm(name="نورة", category="citizen")
    assert "IMG_2041.jpg" in page(client, "/report/review/")

    at_details.send()

    report = Report.objects.get()
    assert [(row.name, row.report, row.event.code) for row in Attachment.objects.all()] == [
        ("IMG_2041.jpg", report, "submit"),
        ("a.pdf", report, "submit"),
    ]


def test_the_last_press_twice_makes_one_report_that_was_not_changed(at_details: Walk, client: Client) -> None:
    at_details.details(**{"answers-since": "week", "seen": "since"}, files=[sent()])
    at_details.code()
    at_details.confirm(name="نورة", category="citizen")
    before = dict(client.session)
    at_details.send()
    # The answer was lost, and with it the session that it wrote.
    session = client.session
    session.update(before)
    session.save()

    again = at_details.send()

    assert again.url.endswith("/report/done/")
    assert Report.objects.count() == 1
    assert [sent["changed"] for sent in client.session["report_receipts"]] == [False]


def test_a_file_that_is_refused_is_named_and_the_rest_is_kept(at_details: Walk, client: Client) -> None:
    bad = [sent(), sent("contract\u202efdp.exe", b"MZ" + bytes(50)), sent("form.pdf", pdf(scripted))]
    answer = at_details.details(text="قصير", **{"answers-since": "week", "seen": "since"}, files=bad)

    assert answer.url.endswith("/report/details/")
    html = page(client, "/report/details/")
    assert re.search(r"\u2068contractfdp\.exe\u2069: لا يُقبل هذا النوع من الملفات", html)
    assert re.search(r"\u2068form\.pdf\u2069: في ملف PDF هذا برنامج", html)
    assert "\u202e" not in html
    # The text is wrong too, and both are said; what was good stays.
    assert 'href="#text"' in html
    assert 'href="#files"' in html
    assert "قصير" in html
    assert names() == ["IMG_2041.jpg"]


def test_a_file_past_twenty_megabytes_is_cut_off_while_it_arrives(at_details: Walk, client: Client) -> None:
    large = sent("film.mp4", video() + bytes(20 * 1024 * 1024))
    answer = at_details.details(**{"answers-since": "week", "seen": "since"}, files=[large, sent()])

    assert answer.url.endswith("/report/details/")
    assert "\u2068film.mp4\u2069: حجم هذا الملف أكبر من 20 ميغابايت" in page(client, "/report/details/")
    assert names() == ["IMG_2041.jpg"]


def test_eleven_files_are_one_too_many(at_details: Walk, client: Client) -> None:
    at_details.details(
        **{"answers-since": "week", "seen": "since"}, files=[sent(f"{n}.pdf", pdf()) for n in range(11)]
    )

    assert "لا يمكن إرفاق أكثر من 10 ملفات" in page(client, "/report/details/")
    assert len(names()) == 10


def test_removing_one_keeps_what_was_typed(at_details: Walk, client: Client) -> None:
    at_details.details(**{"answers-since": "week", "seen": "since"}, files=[sent("a.jpg"), sent("b.jpg")])
    first = Attachment.objects.earliest("pk")
    shown = page(client, "/report/details/")
    assert f"/report/files/{first.public_id}/remove/?step=details" in shown

    answer = client.post(
        f"/report/files/{first.public_id}/remove/?step=details",
        {"text": TEXT + " وأكثر", "files": sent("c.jpg")},
    )

    assert answer.url.endswith("/report/details/")
    assert names() == ["b.jpg", "c.jpg"]
    assert TEXT + " وأكثر" in page(client, "/report/details/")


def test_the_script_gets_the_list_again(at_details: Walk, client: Client) -> None:
    good = client.post("/report/files/?step=details", {"files": sent()}, headers=SCRIPT)
    bad = client.post("/report/files/?step=details", {"files": sent("x.svg", b"<svg/>")}, headers=SCRIPT)

    assert (good.status_code, bad.status_code) == (200, 422)
    row = Attachment.objects.get()
    for answer in (good, bad):
        assert f"/report/files/{row.public_id}/" in answer.content.decode()
        assert "<html" not in answer.content.decode()
    assert "لا يُقبل هذا النوع" in bad.content.decode()
    gone = client.post(f"/report/files/{row.public_id}/remove/?step=details", headers=SCRIPT)
    assert (gone.status_code, names()) == (200, [])


def test_a_photo_begins_a_draft_and_offers_its_place(walk: Walk, client: Client) -> None:
    client.post("/report/files/?step=what", {"files": sent(content=photo(gps=True))})
    assert "IMG_2041.jpg" in page(client, "/report/")
    walk.what()
    offer = page(client, "/report/where/")
    assert "26.35, 43.975" in offer

    client.post("/report/where/", {"place": "town.safra", "do": "photo_point"})

    # Taken up: it is the draft's pin now, and the photo's no longer.
    assert (client.session["report_draft"]["latitude"], client.session["report_draft"]["longitude"]) == (
        "26.35",
        "43.975",
    )
    assert Attachment.objects.get().latitude is None
    assert "photo_point" not in page(client, "/report/where/")


def test_the_place_of_a_photo_chooses_the_nearest_of_the_list(
    walk: Walk, client: Client, catalogue: factories.SmallCatalogue
) -> None:
    # given three places of known position, and a photo taken near the last
    points = ((catalogue.town, (26.1, 43.5)), (catalogue.village, (25.5, 44.6)), (catalogue.safra, TAKEN_AT))
    for place, point in points:
        place.latitude, place.longitude = point
        place.save()
    client.post("/report/files/?step=what", {"files": sent(content=photo(gps=True))})
    walk.what()

    # when its point is taken up before a place was chosen, that place is proposed
    client.post("/report/where/", {"place": "", "do": "photo_point"})
    assert client.session["report_draft"]["place"] == "town.safra"


def test_a_place_that_is_declined_is_forgotten(at_details: Walk, client: Client) -> None:
    client.post("/report/files/?step=details", {"files": sent(content=photo(gps=True))})
    row = Attachment.objects.get()
    assert (row.latitude, row.longitude) == TAKEN_AT
    assert "26.35, 43.975" in page(client, "/report/details/")

    at_details.details(do="no_photo_point")

    assert client.session["report_draft"]["latitude"] == ""
    assert list(Attachment.objects.values_list("latitude", "longitude")) == [(None, None)]


def test_a_thumbnail_is_for_its_draft_alone(at_details: Walk, client: Client) -> None:
    client.post("/report/files/?step=details", {"files": sent()})
    path = f"/report/files/{Attachment.objects.get().public_id}/"

    mine = client.get(path)
    assert (mine.status_code, mine["Content-Type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(b"".join(mine.streaming_content))).format == "JPEG"
    stranger = Client()
    Walk(stranger).what()
    assert stranger.get(path).status_code == 404


def test_starting_again_takes_the_files_away(
    at_details: Walk, client: Client, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    client.post("/report/files/?step=details", {"files": sent()})
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/report/start-again/")

    assert names() == []
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_looking_at_the_draft_keeps_its_files(at_details: Walk, client: Client) -> None:
    client.post("/report/files/?step=details", {"files": sent()})
    Attachment.objects.update(expires_at=timezone.now())

    page(client, "/report/details/")

    assert (Attachment.objects.get().expires_at - timezone.now()).days >= 13


def test_a_client_uploads_so_many_an_hour(at_details: Walk, client: Client, settings: Any) -> None:
    settings.SAWT_UPLOADS_PER_HOUR = 1
    client.post("/report/files/?step=details", {"files": sent("a.jpg")}, headers=SCRIPT)
    answer = client.post("/report/files/?step=details", {"files": sent("b.jpg")}, headers=SCRIPT)

    assert answer.status_code == 422
    assert names() == ["a.jpg"]


# --- the sender's page ------------------------------------------------------------------------


@pytest.fixture
def mine(people: Any, client: Client) -> Report:
    """A report with a photo, opened by its secret in this browser."""
    made = factories.submit(files=files_of(upload(name="street.jpg")))
    client.post("/track/", {"reference": made.report.reference, "secret": made.secret})
    report: Report = made.report
    return report


def test_the_sender_sees_and_downloads_their_files(mine: Report, client: Client) -> None:
    row = Attachment.objects.get()
    path = f"/track/{mine.reference}/files/{row.public_id}/"
    html = page(client, f"/track/{mine.reference}/")
    assert f'src="{path}?small"' in html
    assert f'href="{path}"' in html

    link = client.get(path)
    assert link.status_code == 302
    # The link needs no cookie, as a telephone's downloader has none.
    file = Client().get(link.url)

    assert file.status_code == 200
    assert b"".join(file.streaming_content)[:3] == b"\xff\xd8\xff"
    assert client.get(path + "?small")["Content-Type"] == "image/jpeg"


def test_another_senders_file_is_as_missing_as_none(mine: Report, client: Client) -> None:
    other = factories.submitted_report(files=files_of(upload()))
    theirs = Attachment.objects.get(report=other)
    own = Attachment.objects.get(report=mine)
    asked = [
        f"/track/{mine.reference}/files/{theirs.public_id}/",
        f"/track/{other.reference}/files/{theirs.public_id}/",
        f"/track/{mine.reference}/files/00000000-0000-4000-8000-000000000000/",
        f"/track/QS-26-0000000-0/files/{own.public_id}/",
    ]
    bodies = []
    for path in asked:
        answer = client.get(path)
        assert answer.status_code == 404
        bodies.append(re.sub(rb"/track/[^\"<&]*", b"", answer.content))
    assert len(set(bodies)) == 1


def test_a_photo_alone_is_an_answer(people: Any, report_in: Any, client: Client) -> None:
    report = report_in("awaiting_sender")
    client.post("/track/", {"reference": report.reference, "secret": secret_for(report.public_id)})
    answer = client.post(f"/track/{report.reference}/write/", {"text": "", "files": sent("lamp.jpg")})

    assert answer.url.endswith(f"/track/{report.reference}/")
    assert Report.objects.get(pk=report.pk).state == "in_progress"
    assert "lamp.jpg" in page(client, f"/track/{report.reference}/")


def test_the_file_field_of_a_message_is_that_of_the_report_form(mine: Report, client: Client) -> None:
    for prefix, words in (("", "أضف صورًا أو ملفات"), ("/en", "Add photos or files")):
        html = page(client, f"{prefix}/track/{mine.reference}/")
        box = html.partition('<div class="drop">')[2].partition("</div>")[0]
        assert f"<b>{words}</b>" in box
        assert 'id="write-files" name="files" type="file" multiple' in box
        assert 'data-chosen="write-files-chosen"' in box
        assert '<p class="hint" id="write-files-chosen" role="status"></p>' in html


def test_a_refused_file_sends_nothing_and_keeps_the_words(mine: Report, client: Client) -> None:
    before = mine.events.count()
    client.post(
        f"/track/{mine.reference}/write/",
        {"text": "كلمات لا تضيع", "files": [sent("good.jpg"), sent("bad.svg", b"<svg/>")]},
    )

    html = page(client, f"/track/{mine.reference}/")
    assert "كلمات لا تضيع" in html
    assert 'id="write-files-e"' in html
    assert mine.events.count() == before
    assert names() == ["street.jpg", "good.jpg"]


def in_form(client: Client, path: str) -> list[str]:
    """The files that wait in the form of a message."""
    return [row.name for row in client.get(path).context["kept_files"]]


def test_the_good_files_wait_while_the_message_is_mended(
    mine: Report, client: Client, contexts: None
) -> None:
    here = f"/track/{mine.reference}/"
    files = [sent("a.jpg"), sent("bad.jpg", b"MZ"), sent("b.jpg")]
    client.post(f"{here}write/", {"text": "مع الصور", "files": files})
    body = page(client, here)
    assert "\u2068bad.jpg\u2069" in body
    assert "بقي الملفان الآخران محفوظين." in body
    assert mine.events.filter(code="add_information").count() == 0
    waiting = dict(Attachment.objects.filter(report=None).values_list("name", "public_id"))
    assert waiting.keys() == {"a.jpg", "b.jpg"}
    # They are in the form of who sent them, and of nobody else who reads the report.
    other = Client()
    other.post("/track/", {"reference": mine.reference, "secret": secret_for(mine.public_id)})
    assert (in_form(client, here), in_form(other, here)) == (["a.jpg", "b.jpg"], [])
    # A text that is too long costs them no more than a file that is refused.
    client.post(f"{here}write/", {"text": "x" * 6000})
    assert in_form(client, here) == ["a.jpg", "b.jpg"]
    client.post(f"{here}write/", {"text": "مع الصور", "drop": str(waiting["a.jpg"])})
    event = mine.events.get(code="add_information")
    assert [row.name for row in Attachment.objects.filter(event=event)] == ["b.jpg"]
    assert not Attachment.objects.filter(report=None).exists()
    assert in_form(client, here) == []


def test_a_message_that_is_not_allowed_leaves_no_file(mine: Report, client: Client) -> None:
    client.post(f"/track/{mine.reference}/withdraw/", {"text": ""})
    client.post(f"/track/{mine.reference}/write/", {"text": "بعد السحب", "files": sent("late.jpg")})

    assert names() == ["street.jpg"]
