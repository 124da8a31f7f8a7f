"""My reports, and the demonstration's phone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, override_settings

from cms.notifications.models import SentMessage
from cms.portal.views import account
from cms.reports.models import Sender
from cms.reports.senders import sign_in as known_sender
from tests import factories

from .conftest import PHONE, codes_sent, page, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("contexts")]


@pytest.fixture
def owner(people: factories.People) -> Sender:
    return known_sender(PHONE, language="ar")


def test_a_code_signs_in(client: Client, sign_in: Callable[..., Any]) -> None:
    response = sign_in()
    assert response.url == "/my/"
    html = page(client.get("/my/"))
    assert "+966•••••0777" in html
    assert PHONE not in html


def test_a_wrong_code_does_not(client: Client, known_code: str) -> None:
    client.post("/my/", {"do": "send", "phone": PHONE})
    response = client.post("/my/", {"do": "confirm", "code": "999999"})
    assert response.url == "/my/"
    html = refused(client, response)
    assert 'id="code-e"' in html
    assert 'aria-describedby="code-h code-e" aria-invalid="true"' in html
    assert "999999" not in str(dict(client.session))
    assert "This code is wrong." in page(client.get("/en/my/"))
    assert not Sender.objects.exists()
    # Another number begins afresh.
    client.post("/my/", {"do": "other"})
    assert "data-errors" not in page(client.get("/my/"))


def test_a_number_that_is_none_is_shown_again(client: Client, known_code: str) -> None:
    html = refused(client, client.post("/my/", {"do": "send", "phone": "0112345678"}))
    assert 'value="0112345678"' in html
    assert 'id="phone-e"' in html
    assert codes_sent() == 0
    client.post("/my/", {"do": "send", "phone": PHONE})
    assert "data-errors" not in page(client.get("/my/"))


def test_the_number_can_be_changed_and_the_code_sent_again(client: Client, known_code: str) -> None:
    client.post("/my/", {"do": "send", "phone": PHONE})
    client.post("/my/", {"do": "again"})
    assert codes_sent() == 2
    client.post("/my/", {"do": "other"})
    assert 'id="phone"' in page(client.get("/my/"))


def test_the_session_changes_its_key(client: Client, known_code: str) -> None:
    client.post("/my/", {"do": "send", "phone": PHONE})
    before = client.session.session_key
    client.post("/my/", {"do": "confirm", "code": known_code})
    assert client.session.session_key != before


def test_signing_out_forgets_everything(client: Client, sign_in: Callable[..., Any]) -> None:
    client.post("/report/", {"service": "lamp"})
    sign_in()
    client.post("/my/sign-out/")
    assert "sender_id" not in client.session
    assert "report_draft" not in client.session
    assert 'id="phone"' in page(client.get("/my/"))


def test_only_one_s_own_reports_are_listed(
    client: Client, owner: Sender, sign_in: Callable[..., Any]
) -> None:
    mine = factories.submitted_report(sender=owner)
    other = factories.submitted_report()
    sign_in()
    html = page(client.get("/my/"))
    assert mine.reference in html
    assert other.reference not in html
    assert client.get(f"/track/{mine.reference}/").status_code == 200
    assert client.get(f"/track/{other.reference}/").url == "/track/"


def test_confidential_reports_are_not_listed(
    client: Client, owner: Sender, sign_in: Callable[..., Any]
) -> None:
    secret = factories.submitted_report(sender=owner, service="abuse", answers={})
    sign_in()
    assert secret.reference not in page(client.get("/my/"))
    assert client.get(f"/track/{secret.reference}/").url == "/track/"


def test_an_unverified_contact_s_report_is_in_nobody_s_list_until_the_code_is_given(
    client: Client, people: Any, sign_in: Callable[..., Any]
) -> None:
    from cms.reports.actions import Contact

    sign_in()
    claimed = factories.submitted_report(contact=Contact(phone=PHONE))
    assert claimed.reference not in page(client.get("/my/"))
    client.cookies.clear()
    sign_in()
    assert claimed.reference in page(client.get("/my/"))


def test_long_lists_come_in_pages_without_gaps(
    client: Client, owner: Sender, sign_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "PAGE", 2)
    reports = [factories.submitted_report(sender=owner) for _ in range(5)]
    sign_in()
    seen: list[str] = []
    address = "/my/"
    for _ in range(4):
        response = client.get(address)
        seen += [row["report"].reference for row in response.context["rows"]]
        if not response.context["next_page"]:
            break
        address = "/my/?" + "after=" + response.context["next_page"].replace("+", "%2B")
    assert seen == [report.reference for report in reversed(reports)]


@pytest.mark.parametrize(
    "after", ["x", "2026-01-01~1", "~", "0001-01-01T00:00:00+03:00~1", f"2026-01-01T00:00:00+00:00~{10**30}"]
)
def test_a_page_that_is_none_is_the_first(
    client: Client, owner: Sender, sign_in: Callable[..., Any], after: str
) -> None:
    factories.submitted_report(sender=owner)
    sign_in()
    assert client.get("/my/", {"after": after, "show": "nothing"}).status_code == 200


def test_the_list_is_narrowed_by_state(
    client: Client, owner: Sender, sign_in: Callable[..., Any], report_in: Any
) -> None:
    waiting = report_in("awaiting_sender", sender=owner)
    answered = report_in("answered", sender=owner)
    sign_in()
    html = page(client.get("/my/"))
    assert "بلاغ واحد ينتظر ردك" in html
    rows = client.get("/my/", {"show": "answered"}).context["rows"]
    assert [row["report"] for row in rows] == [answered]
    rows = client.get("/my/", {"show": "waiting"}).context["rows"]
    assert [row["report"] for row in rows] == [waiting]


def test_an_empty_list_says_so(client: Client, sign_in: Callable[..., Any]) -> None:
    sign_in()
    assert "لا بلاغ يُعرض هنا." in page(client.get("/my/"))


def test_a_list_without_a_confidential_report_does_not_deny_that_one_was_sent(
    client: Client, owner: Sender, sign_in: Callable[..., Any]
) -> None:
    report = factories.submitted_report(sender=owner, service="abuse", answers={})
    sign_in()
    html = page(client.get("/my/"))
    assert report.reference not in html
    assert "لم يُرسل" not in html
    assert "لا بلاغ يُعرض هنا." in html


def test_the_list_costs_the_same_however_long(
    client: Client, owner: Sender, sign_in: Callable[..., Any], django_assert_max_num_queries: Any
) -> None:
    for _ in range(6):
        factories.submitted_report(sender=owner)
    sign_in()
    client.get("/my/")
    with django_assert_max_num_queries(8):
        client.get("/my/")


# --- the demonstration's phone ----------------------------------------------------------------


def message(**kwargs: Any) -> SentMessage:
    from django.utils import timezone

    return SentMessage.objects.create(
        **{
            "channel": "sms",
            "to": PHONE,
            "language": "ar",
            "text": "رمز التحقق ••••••",
            "screen_text": "رمز التحقق 123456",
            "effect_key": "k",
            "created_at": timezone.now(),
            **kwargs,
        }
    )


def test_the_phone_shows_its_number_s_messages(client: Client) -> None:
    message()
    message(to="+966500000888", screen_text="لغيره", effect_key="k2")
    html = page(client.get("/demo/phone/0500000777"))
    assert "123456" in html
    assert "لغيره" not in html


def test_a_link_in_a_message_can_be_followed_and_nothing_else_is_markup(client: Client) -> None:
    message(screen_text="<b>تابع</b> http://127.0.0.1:8000/t/ABCDEFGH12")
    html = page(client.get(f"/demo/phone/{PHONE}"))
    assert 'href="/t/ABCDEFGH12"' in html
    assert "<b>تابع" not in html


@pytest.mark.parametrize(
    ("prefix", "html_tag"), [("", 'lang="ar" dir="rtl"'), ("/en", 'lang="en" dir="ltr"')]
)
def test_the_phone_speaks_the_visitor_s_language_and_the_message_its_own(
    client: Client, prefix: str, html_tag: str
) -> None:
    message(screen_text="رقم بلاغك QS-26-7K4MQ2P-0 http://127.0.0.1:8000/t/ABCDEFGH12")
    client.post(f"{prefix}/my/", {"do": "send", "phone": PHONE})
    assert f'href="{prefix}/demo/phone/{PHONE}"' in page(client.get(f"{prefix}/my/"))
    html = page(client.get(f"{prefix}/demo/phone/{PHONE}"))
    assert f"<html {html_tag}" in html
    assert 'class="written" lang="ar" dir="rtl"' in html


def test_there_is_no_phone_outside_the_demonstration(client: Client) -> None:
    message()
    with override_settings(SAWT_DEMO=False):
        assert client.get(f"/demo/phone/{PHONE}").status_code == 404
        client.post("/my/", {"do": "send", "phone": PHONE})
        assert "/demo/phone" not in page(client.get("/my/"))


def test_the_code_s_page_leads_to_the_phone_in_the_demonstration(client: Client) -> None:
    client.post("/my/", {"do": "send", "phone": PHONE})
    assert f"/demo/phone/{PHONE}" in page(client.get("/my/"))
    assert client.get("/demo/phone/hello").status_code == 404
