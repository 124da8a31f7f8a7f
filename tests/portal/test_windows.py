"""Two windows of one browser: each keeps the service it shows, and nothing is sent that was not read."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cms.entities.models import Service
from cms.entities.snapshot import renew
from cms.reports.models import Attachment, Report
from tests.factories import SmallCatalogue
from tests.factories import photo as photo_of_a_lamp

from .conftest import TEXT, Walk, page, refused

pytestmark = pytest.mark.django_db
OTHER_TEXT = "تسرب ماء كبير أمام المدرسة منذ الفجر."


def shows(html: str) -> str:
    found = re.search(r'name="shows" value="(\w+)"', html)
    assert found
    return found[1]


def key(html: str) -> str:
    """Of the draft that the page's step goes on with; every form of a page names the same one."""
    keys = set(re.findall(r'name="key" value="(\w+)"', html))
    assert len(keys) == 1
    return keys.pop()


def named(response: Any) -> str:
    """The page that the answer leads to, and that names its draft."""
    assert response.status_code == 302
    assert "?draft=" in response.led
    return str(response.led)


@pytest.fixture
def two(walk: Walk) -> tuple[str, str]:
    """The keys of a report about a lamp, left at its details, and of one about a leak, ready to be sent."""
    walk.what("lamp")
    walk.where(address="شارع الخبيب")
    lamp = key(page(walk.get("/report/details/")))
    fresh = page(walk.get("/report/"))
    response = walk.post("/report/", service="leak", q="", key=key(fresh))
    leak = key(page(walk.client.get(named(response))))
    walk.where(address="شارع آخر", key=leak)
    walk.details(OTHER_TEXT, seen="", key=leak)
    walk.code(key=leak)
    walk.confirm(name="نورة", category="citizen", key=leak)
    return lamp, leak


@pytest.mark.parametrize("first", ["lamp", "leak"])
def test_two_reports_are_written_at_once_and_neither_becomes_the_other(
    walk: Walk, two: tuple[str, str], first: str
) -> None:
    lamp, leak = two
    assert lamp != leak
    answers = {"answers-since": "week", "seen": "since"}
    response = walk.details(TEXT, key=lamp, **answers)
    # The address leads this window back to its own, also by a reload.
    assert named(response).startswith("/report/who/?draft=")
    assert key(page(walk.client.get(named(response)))) == lamp
    walk.confirm(name="نورة", category="citizen", key=lamp)
    order = [lamp, leak] if first == "lamp" else [leak, lamp]
    for one in order:
        html = page(walk.get(f"/report/review/?draft={one[:8]}"))
        assert (TEXT in html, OTHER_TEXT in html) == (one == lamp, one == leak)
        assert walk.post("/report/review/", ok="1", shows=shows(html), key=one).url == "/report/done/"
        # Pressed once more in the same window: its own receipt.
        assert walk.post("/report/review/", ok="1", shows=shows(html), key=one).url == "/report/done/"
    sent = {(r.service.code, r.address_text, r.text) for r in Report.objects.all()}
    assert sent == {("lamp", "شارع الخبيب", TEXT), ("leak", "شارع آخر", OTHER_TEXT)}


@pytest.mark.parametrize("first", ["lamp", "leak"])
def test_a_reload_and_every_link_show_what_the_window_showed(
    walk: Walk, two: tuple[str, str], first: str
) -> None:
    mine, other = two if first == "lamp" else two[::-1]
    for step in ("", "where/", "details/"):
        address = f"/report/{step}?draft={mine[:8]}"
        walk.get(f"/report/where/?draft={other[:8]}")
        html = page(walk.client.get(address))
        assert key(html) == mine
        # Back, and the steps that are done; none leads to the other window's.
        assert set(re.findall(r"draft=(\w+)", html)) <= {mine[:8]}
        plain = re.findall(r'href="/report/(?:where|details|who|review)/"', html)
        assert plain == []


def test_the_first_window_s_address_names_its_draft_before_there_is_a_second(walk: Walk) -> None:
    assert re.fullmatch(r"/report/where/\?draft=\w{8}", walk.what("lamp").led)
    # Also one that was typed, or that a link of another page leads to.
    begun = walk.client.session["report_draft"]["key"][:8]
    plain = Client()
    plain.cookies = walk.client.cookies
    assert plain.get("/report/?kind=complaint").url == f"/report/?kind=complaint&draft={begun}"


def test_each_window_keeps_its_receipt(walk: Walk, two: tuple[str, str]) -> None:
    lamp, leak = two
    walk.details(TEXT, key=lamp, **{"answers-since": "week", "seen": "since"})
    walk.confirm(name="نورة", category="citizen", key=lamp)
    done = {}
    for one in two:
        html = page(walk.get(f"/report/review/?draft={one[:8]}"))
        done[one] = named(walk.post("/report/review/", ok="1", shows=shows(html), key=one))
    for one, code in ((lamp, "lamp"), (leak, "leak")):
        assert Report.objects.get(service__code=code).reference in page(walk.client.get(done[one]))
        # And a step back from there leads to it again.
        assert named(walk.client.get(f"/report/review/?draft={one[:8]}")) == done[one]


def test_an_address_whose_draft_is_gone_shows_no_other_window_s(walk: Walk, two: tuple[str, str]) -> None:
    _lamp, leak = two
    walk.post("/report/start-again/", key=leak)
    for step in ("where", "details", "review"):
        assert walk.client.get(f"/report/{step}/?draft={leak[:8]}").led == "/report/"


def test_what_one_window_has_sent_the_other_does_not_send_again(walk: Walk, two: tuple[str, str]) -> None:
    _lamp, leak = two
    html = page(walk.get(f"/report/review/?draft={leak[:8]}"))
    walk.post("/report/review/", ok="1", shows=shows(html), key=leak)
    for step in ("where", "details", "who"):
        assert walk.post(f"/report/{step}/", key=leak, text=TEXT, place="town").url == "/report/done/"
    assert [report.text for report in Report.objects.all()] == [OTHER_TEXT]


def test_another_service_takes_along_what_was_typed(walk: Walk) -> None:
    walk.to_review("lamp")
    walk.post("/report/", service="leak", q="", key=key(page(walk.get("/report/"))))
    draft = walk.client.session["report_draft"]
    assert (draft["service"], draft["text"], draft["place"]) == ("leak", TEXT, "town.safra")
    # The script keeps the choice before it is sent, and both mean the same draft.
    [aside] = walk.client.session["report_drafts_aside"]
    walk.post("/report/save/what/", service="leak", q="", key=aside["key"])
    walk.post("/report/", service="leak", q="", key=aside["key"])
    assert walk.client.session["report_draft"]["key"] == draft["key"]
    assert len(walk.client.session["report_drafts_aside"]) == 1


def test_nothing_of_a_confidential_report_stands_in_an_ordinary_one(
    walk: Walk, catalogue: SmallCatalogue
) -> None:
    Service.objects.filter(code="leak").update(privacy="confidential")
    renew()
    walk.post("/report/find/", q="عنف في البيت")
    walk.what("leak")
    walk.where(address="بيت الجيران")
    walk.details(OTHER_TEXT, seen="")
    html = page(walk.get("/report/"))
    assert "عنف في البيت" not in html
    response = walk.post("/report/", service="lamp", q="", sentence="", key=key(html))
    html = page(walk.client.get(named(response)))
    assert "بيت الجيران" not in html
    draft = walk.client.session["report_draft"]
    assert (draft["service"], draft["text"], draft["address"], draft["sentence"]) == ("lamp", "", "", "")
    # And it is whole where it is being written.
    [aside] = walk.client.session["report_drafts_aside"]
    assert (aside["text"], aside["address"]) == (OTHER_TEXT, "بيت الجيران")


@pytest.mark.parametrize("given", ["x", "", "x" * 5000])
def test_a_draft_that_is_none_changes_nothing(walk: Walk, given: str) -> None:
    walk.what("lamp")
    walk.where(key=given, address="شارع")
    draft = walk.client.session["report_draft"]
    assert (draft["service"], draft["address"]) == ("lamp", "" if given else "شارع")


@pytest.mark.parametrize("saved", [False, True])
def test_two_windows_that_begin_at_once_write_two_reports(walk: Walk, saved: bool) -> None:
    """Both were shown before there was a draft; with script, each keeps its choice before it is sent."""
    for window in (1, 2):
        assert 'name="key"' not in page(walk.get("/report/")), window
    if saved:
        walk.post("/report/save/what/", service="lamp", q="")
        walk.post("/report/save/what/", service="leak", q="")
    lamp = key(page(walk.client.get(named(walk.what("lamp")))))
    walk.where(address="شارع الخبيب", key=lamp)
    if saved:
        walk.post("/report/save/what/", service="leak", q="")
    leak = key(page(walk.client.get(named(walk.what("leak")))))
    assert lamp != leak
    drafts = [walk.client.session["report_draft"], *walk.client.session["report_drafts_aside"]]
    assert {(one["service"], one["address"]) for one in drafts} == {("lamp", "شارع الخبيب"), ("leak", "")}


def test_no_more_than_a_few_lie_aside(walk: Walk, catalogue: SmallCatalogue) -> None:
    for code in ("lamp", "leak") * 4:
        walk.what(code)
        walk.where()
    assert len(walk.client.session["report_drafts_aside"]) == 4


def test_what_was_changed_after_it_was_read_is_read_again(walk: Walk) -> None:
    walk.to_review()
    read = shows(page(walk.get("/report/review/")))
    walk.details(text=OTHER_TEXT)
    html = refused(walk.client, walk.post("/report/review/", ok="1", shows=read))
    assert "تغيّر هذا البلاغ في نافذة أخرى" in html
    assert OTHER_TEXT in html
    assert not Report.objects.exists()
    assert walk.post("/report/review/", ok="1", shows=shows(html)).url == "/report/done/"
    assert Report.objects.get().text == OTHER_TEXT


def test_the_files_of_another_window_s_draft_stay_when_this_one_is_deleted(
    walk: Walk, two: tuple[str, str], folder: Any
) -> None:
    lamp, leak = two
    photo = SimpleUploadedFile("photo.jpg", photo_of_a_lamp(), "image/jpeg")
    walk.client.post("/report/files/?step=details", {"files": photo, "key": lamp})
    walk.post("/report/start-again/", key=leak)
    assert "photo.jpg" in page(walk.get(f"/report/details/?draft={lamp[:8]}"))
    walk.post("/report/start-again/", key=lamp)
    assert not Attachment.objects.exists()
