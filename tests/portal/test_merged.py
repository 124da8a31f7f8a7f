"""A merged report on the site: where its primary stands, the common reply, nobody else's words."""

import pytest
from django.test import Client

from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.secrets import secret_for
from tests import factories

from .conftest import page

pytestmark = pytest.mark.django_db
OTHERS = "أسكن مقابل العمود المكسور تمامًا، ورقم بيتي مكتوب عليه."


@pytest.fixture
def group(people, report_in):
    member = report_in("with_entity")
    primary = report_in("with_entity", text=OTHERS)
    member = actions.merge(
        member.pk,
        actor=StaffActor(people.coordinator),
        version=member.version,
        primary=primary.reference,
    )
    return member, report_in("answered", report=primary)


def read(client: Client, report) -> str:
    secret = secret_for(report.public_id, report.secret_version)
    response = client.post("/track/", {"reference": report.reference, "secret": secret})
    return page(client.get(response.url))


def test_it_says_so_and_shows_the_common_reply(client, group):
    member, primary = group
    html = read(client, member)
    assert "فدُمج بلاغك مع بلاغ مشابه" in html
    assert "أصلحنا العمود اليوم." in html
    assert "رد واحد على بلاغات متشابهة" in html
    assert 'id="reopen"' in html
    assert 'id="decision"' in html
    assert OTHERS not in html
    assert primary.reference not in html


def test_it_is_rated_and_opened_again_for_itself(client, group):
    member, primary = group
    read(client, member)
    factories.ReasonFactory(used_for="reopen", code="came_back", label_ar="عادت")
    client.post(f"/track/{member.reference}/rate/", {"score": "2", "comment": "تأخرتم"})
    client.post(f"/track/{member.reference}/reopen/", {"reason": "came_back", "text": "ما زال مطفأ"})
    member.refresh_from_db()
    primary.refresh_from_db()
    assert (member.state, member.round, primary.state) == ("with_entity", 2, "answered")
    assert (member.ratings.get().score, primary.ratings.count()) == (2, 0)
    assert "فدُمج بلاغك" not in read(client, member)


def test_in_my_reports_it_stands_where_its_primary_does(client, people, report_in, sign_in):
    sender = factories.SenderFactory(phone="+966500000777")
    member, primary = report_in("with_entity", sender=sender), report_in("assigned")
    actions.merge(
        member.pk,
        actor=StaffActor(people.coordinator),
        version=member.version,
        primary=primary.reference,
    )
    sign_in()
    assert member.reference in page(client.get("/my/?show=open"))
    assert member.reference not in page(client.get("/my/?show=ended"))
