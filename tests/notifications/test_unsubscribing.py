"""Leaving optional mail by the link in it: by a page, and by a mail program itself (RFC 8058)."""

import re

import pytest
from wagtail.users.models import UserProfile

from cms.notifications import unsubscribing
from cms.notifications.models import Choice, Preferences
from cms.notifications.telling import tell
from cms.outbox.models import Effect
from tests import factories

from .conftest import riyadh
from .test_messages import submitted

pytestmark = pytest.mark.usefixtures("texts", "people")
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def coordinator(people):
    people.coordinator.email = "coordinator@example.org"
    people.coordinator.save()
    UserProfile.objects.create(user=people.coordinator, preferred_language="en")
    return people.coordinator


@pytest.fixture
def waiting(report_in, coordinator):
    """A report with a draft; of it the coordinator is told by mail unless they turned that off."""
    factories.staff_text("draft_reply", "coordinator")
    report = report_in("reply_drafted", at=riyadh("10:00"))
    Effect.objects.all().delete()
    return report


def told(report, person, key="report:1:1", at="10:00"):
    kinds = {"event": "draft_reply", "audience": "coordinator"}
    return tell([person], report=report, key=key, at=riyadh(at), channels=["email"], **kinds)


def mailed(waiting, coordinator, relayed, mailoutbox, mode="on"):
    factories.rule("draft_reply", "coordinator", "email", mode=mode)
    Choice.objects.create(person=coordinator, event="draft_reply", channel="email", wanted=True)
    told(waiting, coordinator)
    relayed(riyadh("10:00"))
    (mail,) = mailoutbox
    return mail


def link_of(mail):
    return re.fullmatch(r"<http://[^/]+(/.+)>", mail.extra_headers["List-Unsubscribe"])[1]


@pytest.mark.parametrize("mode", ["on", "off"])
def test_an_optional_mail_is_left_by_one_click_without_an_account(
    waiting, coordinator, relayed, mailoutbox, client, mode
):
    mail = mailed(waiting, coordinator, relayed, mailoutbox, mode)
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    there = link_of(mail)
    assert there.startswith("/en/unsubscribe/")
    assert "Not to get such e-mails any more: http://" in mail.body
    assert there in mail.body
    # when it is looked at
    page = client.get(there)
    # then nothing is off yet, and it says what it is about and of whom nothing
    assert page.status_code == 200
    said = page.content.decode()
    assert "Get no more of these e-mails?" in said
    assert "Reply drafted" in said
    assert coordinator.email not in said
    assert waiting.reference not in said
    assert page["Referrer-Policy"] == "no-referrer"
    assert Choice.objects.get().wanted is True
    # and when a mail program posts, twice
    for _ in range(2):
        answer = client.post(there, ONE_CLICK)
        assert answer.status_code == 200
        assert "You will get no more of these e-mails" in answer.content.decode()
    assert list(Choice.objects.values_list("person", "event", "channel", "wanted")) == [
        (coordinator.pk, "draft_reply", "email", False)
    ]
    # and no further one comes
    assert told(waiting, coordinator, key="report:1:2") == 0
    assert Effect.objects.count() == 1


def test_what_waits_is_not_sent_after_it(waiting, coordinator, relayed, client, mailoutbox):
    factories.rule("draft_reply", "coordinator", "email", mode="on")
    told(waiting, coordinator)
    client.post(
        unsubscribing.address_for(coordinator, "draft_reply", "ar").removeprefix("http://localhost:8000")
    )
    relayed(riyadh("10:00"))
    assert mailoutbox == []
    assert Effect.objects.get().state == "cancelled"


def test_what_is_always_told_has_no_such_link(waiting, coordinator, relayed, mailoutbox):
    mail = mailed(waiting, coordinator, relayed, mailoutbox, "always")
    assert not {"List-Unsubscribe", "List-Unsubscribe-Post"} & mail.extra_headers.keys()
    assert "unsubscribe" not in mail.body


def test_nor_has_what_a_sender_asked_for(people, sender, relayed, mailoutbox):
    sender.email = "sara@example.org"
    sender.save()
    submitted(sender=sender)
    for _ in range(2):
        relayed(riyadh("10:00"))
    (mail,) = mailoutbox
    assert mail.to == ["sara@example.org"]
    assert "List-Unsubscribe" not in mail.extra_headers
    assert "unsubscribe" not in mail.body


def test_what_became_compulsory_since_stays_and_is_said(waiting, coordinator, relayed, mailoutbox, client):
    there = link_of(mailed(waiting, coordinator, relayed, mailoutbox))
    factories.rule("draft_reply", "coordinator", "email", mode="always")
    answer = client.post(there, ONE_CLICK)
    assert answer.status_code == 409
    assert "cannot be turned off" in answer.content.decode()
    assert Choice.objects.get().wanted is True


@pytest.mark.parametrize("wrong", ["cut", "changed", "gone"])
def test_a_link_that_nobody_signed_or_whose_person_has_gone_turns_nothing_off(
    waiting, coordinator, relayed, mailoutbox, client, wrong
):
    there = link_of(mailed(waiting, coordinator, relayed, mailoutbox))
    if wrong == "gone":
        type(coordinator).objects.update(is_active=False)
    else:
        there = there[:-4] + "/" if wrong == "cut" else there.replace("unsubscribe/W", "unsubscribe/X")
    for answer in (client.get(there), client.post(there, ONE_CLICK)):
        assert answer.status_code == 404
    assert Choice.objects.get().wanted is True


def test_the_mail_of_the_morning_leaves_all_that_is_optional(
    waiting, coordinator, relayed, mailoutbox, client
):
    for event, mode in (("draft_reply", "on"), ("reopen", "off"), ("assign", "always")):
        audience = "specialist" if event == "assign" else "coordinator"
        factories.staff_text(event, audience)
        factories.rule(event, audience, "email", mode=mode)
    Preferences.objects.create(person=coordinator, digest="daily")
    told(waiting, coordinator)
    relayed(riyadh("08:00", day=23))
    (mail,) = mailoutbox
    there = link_of(mail)
    assert "All news that is not compulsory" in client.get(there).content.decode()
    client.post(there, ONE_CLICK)
    assert set(Choice.objects.values_list("person", "event", "channel", "wanted")) == {
        (coordinator.pk, "draft_reply", "email", False),
        (coordinator.pk, "reopen", "email", False),
    }


def test_the_page_is_in_arabic_for_who_reads_arabic(waiting, coordinator, client):
    factories.rule("draft_reply", "coordinator", "email", mode="on")
    there = unsubscribing.address_for(coordinator, "draft_reply", "ar")
    assert "/en/" not in there
    said = client.get(there[there.index("/unsubscribe/") :]).content.decode()
    assert "ألا تصلك هذه الرسائل بعد الآن؟" in said
    assert "Get no more" not in said
