"""Similar public reports before one sends, and 'me too': what is shown, who follows, what they keep."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.core import signing
from django.utils import timezone

from cms.outbox import lines
from cms.reports import actions, erasing, following
from cms.reports.errors import DomainError
from cms.reports.models import Follower, Report, Sender
from search import searching
from search.backends import Unavailable
from search.scope import LINE
from tests import factories

from .conftest import Walk, page

pytestmark = pytest.mark.django_db
SIMILAR, FOLLOW = "/report/similar/", "/report/similar/follow/"
ALIKE = "عمود الإنارة مطفأ أمام المسجد منذ أسبوع، واسمي أبو فهد."


@pytest.fixture
def other(people: factories.People) -> Report:
    report = factories.submitted_report(text=ALIKE, title="عنوان خفي", place="town.safra")
    lines.run(LINE)
    return report


def key_of(report: Report) -> str:
    return signing.dumps(report.public_id.hex, salt="search.case")


def fragment(walk: Walk) -> Any:
    return walk.get(f"{SIMILAR}?fragment=1")


def test_before_sending_stands_what_is_public_and_no_more(walk: Walk, other: Report) -> None:
    walk.to_review()
    assert f'data-similar="{SIMILAR}?draft=' in page(walk.get("/report/review/"))
    response = fragment(walk)
    html = page(response)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert "أنا أيضًا" in html
    assert other.service.name in html
    assert other.place.name in html
    for hidden in (other.reference, "أبو فهد", "عنوان خفي", str(other.public_id), str(other.latitude)):
        assert hidden not in html
    assert "أنا أيضًا" in page(walk.get(SIMILAR))


@pytest.mark.parametrize(
    "change", [{"privacy": "confidential"}, {"erased_at": timezone.now()}, {"state": "closed"}]
)
def test_what_is_not_public_or_over_is_not_there(walk: Walk, other: Report, change: dict[str, Any]) -> None:
    Report.objects.filter(pk=other.pk).update(**change)
    walk.to_review()
    assert fragment(walk).status_code == 204
    assert "أنا أيضًا" not in page(walk.get(SIMILAR))


def test_ones_own_and_those_of_another_service_are_not_there(walk: Walk, people: factories.People) -> None:
    factories.submitted_report(service="leak", answers={}, text=ALIKE, place="town.safra")
    own = factories.submitted_report(text=ALIKE, place="town.safra")
    lines.run(LINE)
    walk.to_review()
    Report.objects.filter(pk=own.pk).update(sender=Sender.objects.get(phone="+966500000777"))
    assert fragment(walk).status_code == 204


def test_a_search_that_is_away_shows_nothing_and_keeps_nobody(
    walk: Walk, other: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: Any, **_kwargs: Any) -> None:
        raise Unavailable("down")

    monkeypatch.setattr(searching, "_answered", away)
    walk.to_review()
    assert fragment(walk).status_code == 204
    assert walk.send().url.endswith("/report/done/")


def test_me_too_follows_once_and_sends_no_report(walk: Walk, other: Report) -> None:
    walk.to_review()
    before = Report.objects.count()
    for _ in range(2):
        assert walk.post(FOLLOW, case=key_of(other)).url.endswith(SIMILAR)
    row = Follower.objects.get()
    assert (row.report_id, row.sender.phone, row.language) == (other.pk, "+966500000777", "ar")
    assert Report.objects.count() == before
    assert "أنت تتابعه" in page(walk.get(SIMILAR))
    mine = page(walk.get("/my/"))
    assert "بلاغات تتابعها" in mine
    assert other.reference not in mine
    assert "أبو فهد" not in mine
    data = json.loads(walk.post("/my/data/").content)
    assert [(one["service"], one["state"]) for one in data["followed"]] == [
        (other.service.name, "with_entity")
    ]
    assert "أبو فهد" not in json.dumps(data, ensure_ascii=False)
    assert walk.client.get(f"/track/{other.reference}/").status_code == 302
    for told in (True, False):
        assert walk.post(FOLLOW, case=key_of(other), do="leave").url == "/my/"
        assert ("لم تعد تتابع هذا البلاغ" in page(walk.get("/my/"))) is told
    assert not Follower.objects.exists()


def test_who_is_not_known_confirms_the_number_first(client: Any, other: Report, known_code: str) -> None:
    assert client.post(FOLLOW, {"case": key_of(other)}).url == "/my/"
    assert not Follower.objects.exists()
    assert "أكّد رقم جوالك" in page(client.get("/my/"))
    client.post("/my/", {"do": "send", "phone": "0500000777"})
    client.post("/my/", {"do": "confirm", "code": "999999"})
    assert not Follower.objects.exists()
    assert client.post("/my/", {"do": "confirm", "code": known_code}).url == "/my/"
    assert Follower.objects.get().sender.phone == "+966500000777"


@pytest.mark.parametrize(
    "key",
    ["", "x", "x" * 5000, "\x00", signing.dumps("x", salt="search.case")],
    # Signed with the time, and two processes must collect the same names.
    ids=["none", "short", "long", "null", "signed"],
)
def test_a_key_that_we_did_not_give_is_of_nothing(client: Any, key: str, sign_in: Any) -> None:
    sign_in()
    assert client.post(FOLLOW, {"case": key}).status_code == 404
    assert not Follower.objects.exists()


def test_what_may_not_be_followed_is_refused_and_nothing_kept(report_in: Any, people: Any) -> None:
    sender, now = factories.SenderFactory(), timezone.now()

    def outcome(report: Report) -> str:
        try:
            following.follow(report.public_id, sender=sender, language="ar", at=now)
        except DomainError as error:
            return error.code.value
        return ""

    hidden = report_in("with_entity")
    Report.objects.filter(pk=hidden.pk).update(privacy="confidential")
    assert outcome(Report(public_id=uuid.uuid4())) == outcome(hidden) == "not_found"
    assert outcome(report_in("with_entity", sender=sender)) == "invalid"
    assert outcome(report_in("closed")) == "wrong_state"
    assert not Follower.objects.exists()


def test_a_merged_one_is_followed_where_it_went(report_in: Any, people: Any) -> None:
    merged = Report.objects.get(pk=report_in("merged").pk)
    row = following.follow(
        merged.public_id, sender=factories.SenderFactory(), language="ar", at=timezone.now()
    )
    assert row.report_id == merged.merged_into_id


def test_erasing_the_report_forgets_who_followed_it_and_nothing_else(report_in: Any, people: Any) -> None:
    report, sender, also = report_in("in_progress"), factories.SenderFactory(), factories.SenderFactory()
    kept = report_in("with_entity", sender=also)
    for one in (sender, also):
        following.follow(report.public_id, sender=one, language="ar", at=timezone.now())
    report = actions.withdraw(report.pk, actor=factories.as_sender(report))
    proposal = erasing.propose(report.reference, by=people.admin, ground="sender")
    erasing.confirm(proposal.pk, by=factories.person("admin", username="admin2"))
    assert not Follower.objects.exists()
    assert not Sender.objects.filter(pk=sender.pk).exists()
    assert Report.objects.get(pk=kept.pk).sender_id == also.pk
