"""A signed-in sender takes their data away: all of theirs, nothing of others, a few times an hour."""

import json

import pytest

from cms.reports import actions
from cms.reports.actors import StaffActor
from tests import factories

from .conftest import page

pytestmark = pytest.mark.django_db
OTHERS = "أسكن مقابل العمود المكسور تمامًا، ورقم بيتي مكتوب عليه."
PATH = "/my/data/"


@pytest.fixture
def sender(db):
    return factories.SenderFactory(phone="+966500000777", name="نورة")


def test_the_file_holds_what_is_the_senders_and_no_word_of_others(client, people, report_in, sender, sign_in):
    mine = report_in("closed", sender=sender)
    actions.rate(mine.pk, actor=factories.as_sender(mine), score=4, comment="شكرًا")
    follower, primary = report_in("with_entity", sender=sender), report_in("in_progress", text=OTHERS)
    lead = StaffActor(people.coordinator)
    actions.merge(follower.pk, actor=lead, version=follower.version, primary=primary.reference, text="سر")
    whole = report_in("with_entity", sender=sender)
    factories.split_report(whole, people.coordinator)
    actions.note(whole.pk, actor=lead, text="ملاحظة داخلية")
    factories.submitted_report(
        service="abuse", place="town", answers={}, sender=sender, text="بلاغ سري لا يُنزّل."
    )
    sign_in()
    assert 'href="/my/data/"' in page(client.get("/my/"))
    assert "نزّل بياناتي" in page(client.get(PATH))
    response = client.post(PATH)
    assert response["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert response["Cache-Control"] == "no-store"
    data = json.loads(response.content)
    assert (data["sender"]["name"], data["sender"]["phone"]) == ("نورة", "+966500000777")
    by_reference = {report["reference"]: report for report in data["reports"]}
    assert set(by_reference) == {mine.reference, follower.reference, whole.reference}
    closed = by_reference[mine.reference]
    assert (closed["state"], closed["answer"]) == ("closed", "أصلحنا العمود اليوم.")
    assert [rating["score"] for rating in closed["ratings"]] == [4]
    assert closed["text"] == mine.text
    assert [part["title"] for part in by_reference[whole.reference]["parts"]] == ["موضوع 1", "موضوع 2"]
    said = response.content.decode()
    hidden = (OTHERS, primary.reference, "ملاحظة داخلية", "سبب للموظفين", '"سر"', "بلاغ سري", "secret")
    assert [words for words in hidden if words in said] == []


def test_who_is_not_signed_in_gets_nothing(client, report_in, sender):
    report_in("closed", sender=sender)
    for response in (client.get(PATH), client.post(PATH)):
        assert (response.status_code, response.url) == (302, "/my/")


def test_a_few_times_an_hour(client, sender, sign_in):
    sign_in()
    assert [client.post(PATH).status_code for _ in range(6)] == [200] * 5 + [429]
    refused = client.post(PATH)
    assert int(refused["Retry-After"]) > 0
    assert "نزّلتها عدة مرات قبل قليل" in page(refused)
    # The page itself stays.
    assert client.get(PATH).status_code == 200


def test_another_sender_has_an_allowance_of_their_own(client, sender, sign_in):
    sign_in()
    for _ in range(6):
        client.post(PATH)
    client.post("/my/sign-out/")
    factories.SenderFactory(phone="+966500000778")
    sign_in("0500000778")
    assert client.post(PATH).status_code == 200
