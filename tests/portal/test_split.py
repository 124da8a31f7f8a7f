"""A split report on the site: one number, one page that leads to all parts, and acting on each of them."""

import pytest

from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from cms.reports.secrets import secret_for
from tests import factories

from .conftest import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def whole(people):
    return factories.submitted_report(sender=factories.SenderFactory(phone="+966500000777"))


@pytest.fixture
def parts(people, whole):
    return factories.split_report(whole, people.supervisor, "municipality.north", "water")


@pytest.fixture
def opened(client, whole):
    secret = secret_for(whole.public_id, whole.secret_version)
    return client.post("/track/", {"reference": whole.reference, "secret": secret}).url


def asked(part, people):
    return actions.ask_sender(
        part.pk, actor=StaffActor(people.coordinator), version=part.version, text="أي عمود بالتحديد؟"
    )


def test_its_page_leads_to_all_parts_under_one_number(client, whole, parts, opened):
    html = page(client.get(opened))
    assert "أجزاء بلاغك" in html
    assert "قُسم بلاغك إلى أجزاء" in html
    for number, part in enumerate(parts, start=1):
        address = f"/track/{whole.reference}/parts/{number}/"
        assert f'href="{address}"' in html
        read = page(client.get(address))
        assert part.title in read
        assert whole.reference in read
        assert part.reference not in read
        assert part.entity.name in read
        assert f'href="{opened}"' in read
    assert "سبب للموظفين" not in html
    assert not any(part.reference in html for part in parts)


def test_a_question_on_a_part_is_answered_on_its_page(client, people, whole, parts, opened):
    part = asked(parts[0], people)
    html = page(client.get(opened))
    assert f'href="/track/{whole.reference}/parts/1/#write"' in html
    address = f"/track/{whole.reference}/parts/1/"
    assert f'action="{address}write/"' in page(client.get(address))
    done = client.post(f"{address}write/", {"text": "الثالث من اليمين."})
    assert done.url == address
    assert Report.objects.get(pk=part.pk).state == "with_entity"
    assert part.events.latest("sequence").code == "sender_reply"
    assert Report.objects.get(pk=whole.pk).events.latest("sequence").code == "split"
    # What is refused comes back to the part's page with what was typed.
    back = client.post(f"{address}write/", {"text": " "})
    assert back.url == address
    assert 'id="write-text"' in page(client.get(address))


def test_each_part_is_accepted_and_opened_again_by_itself(client, people, parts, whole, opened):
    for part in parts:
        actions.answer(part.pk, actor=StaffActor(people.supervisor), version=part.version, text="تم.")
    client.post(f"/track/{whole.reference}/parts/1/accept/", {"score": "5", "comment": ""})
    factories.ReasonFactory(used_for="reopen", code="came_back", label_ar="عادت")
    client.post(f"/track/{whole.reference}/parts/2/reopen/", {"reason": "came_back", "text": "ما زال"})
    states = [Report.objects.get(pk=part.pk).state for part in parts]
    assert states == ["closed", "with_entity"]
    assert parts[0].ratings.get().score == 5


def test_withdrawing_the_whole_withdraws_its_parts(client, parts, whole, opened):
    client.post(f"{opened}withdraw/", {"text": ""})
    assert {Report.objects.get(pk=part.pk).state for part in parts} == {"withdrawn"}


@pytest.mark.parametrize("number", [0, 3, 99999999999999999999])
def test_a_part_that_is_not_there(client, whole, parts, opened, number):
    assert client.get(f"/track/{whole.reference}/parts/{number}/").url == "/track/"


def test_a_stranger_reaches_no_part(client, people, whole, parts):
    for address in (f"/track/{whole.reference}/parts/1/", f"/track/{parts[0].reference}/"):
        assert client.get(address).url == "/track/"
    done = client.post(f"/track/{whole.reference}/parts/1/withdraw/", {"text": ""})
    assert done.url == "/track/"
    assert Report.objects.get(pk=parts[0].pk).state == "with_entity"


def test_my_reports_list_it_once_and_say_that_a_part_waits(client, people, whole, parts, sign_in):
    asked(parts[0], people)
    sign_in()
    html = page(client.get("/my/"))
    assert html.count(f'<span class="ref">{whole.reference}</span>') == 1
    assert not any(part.reference in html for part in parts)
    assert "بلاغ واحد بانتظار ردك" in html or "ينتظر ردك" in html
    waiting = page(client.get("/my/?show=waiting"))
    assert f'<span class="ref">{whole.reference}</span>' in waiting
