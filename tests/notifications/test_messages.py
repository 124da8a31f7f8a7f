"""What a sender is told, when, and what never leaves."""

import re

import pytest
from django.core.exceptions import ValidationError

from cms.entities.escalation import built_in
from cms.entities.models import Escalation
from cms.notifications import defaults, digests, following
from cms.notifications.models import SentMessage, SmsTemplate
from cms.notifications.subscribers import TO_SENDER, on_report_event, recording_the_past
from cms.notifications.templates_data import load_templates
from cms.outbox.models import Effect
from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.models import AccessLink, Report
from tests import factories

from .conftest import riyadh

pytestmark = pytest.mark.usefixtures("texts", "people")


def submitted(at=None, **kwargs):
    return factories.submitted_report(at=at or riyadh("10:00"), **kwargs)


def texts_of(event=None):
    rows = SentMessage.objects.filter(state="sent").order_by("id")
    return [row.screen_text for row in (rows.filter(event=event) if event else rows)]


# --- what is sent -----------------------------------------------------------------------------


def test_a_submitted_report_is_confirmed_by_sms(relayed, sender):
    report = submitted(sender=sender)
    assert not SentMessage.objects.exists()
    relayed(riyadh("10:00"))
    message = SentMessage.objects.get()
    assert (message.channel, message.to, message.state, message.language) == (
        "sms",
        sender.phone,
        "sent",
        "ar",
    )
    assert message.report == report
    assert re.fullmatch(rf"وصل بلاغك {report.reference} \S+/t/[0-9A-Z]{{10}}", message.screen_text)
    assert (message.encoding, message.sent_at) == ("ucs2", riyadh("10:00"))


def test_the_message_is_in_the_reports_language(relayed):
    report = submitted(language="en")
    relayed(riyadh("10:00"))
    assert texts_of()[0].startswith(f"We received your report {report.reference}.")


def test_the_outbox_shows_no_link_and_keeps_no_token(relayed):
    submitted()
    relayed(riyadh("10:00"))
    message = SentMessage.objects.get()
    token = message.screen_text.rsplit("/", 1)[1]
    assert token not in message.text
    assert token not in str(Effect.objects.values_list("payload", flat=True))
    link = AccessLink.objects.get()
    assert link.report == message.report
    assert token not in link.token_hash


def test_the_real_text_is_not_kept_outside_the_demonstration(relayed, settings):
    settings.SAWT_DEMO = False
    submitted()
    relayed(riyadh("10:00"))
    assert SentMessage.objects.get().screen_text == ""


@pytest.mark.parametrize(
    ("state", "events"),
    [
        ("awaiting_sender", ["submit", "ask_sender"]),
        ("answered", ["submit", "answer"]),
        ("rejected", ["submit", "reject"]),
        ("closed", ["submit", "answer", "accept"]),
        ("withdrawn", ["submit", "withdraw"]),
        ("received", ["submit"]),
    ],
)
def test_the_sender_is_told_what_concerns_them(state, events, report_in, relayed):
    report_in(state, at=riyadh("10:00"))
    relayed(riyadh("10:00"))
    assert list(SentMessage.objects.order_by("id").values_list("event", flat=True)) == events
    assert all("{" not in text for text in texts_of())


def test_an_interim_reply_a_reopening_and_a_closing_are_told(report_in, relayed, people):
    report = report_in("in_progress", at=riyadh("10:00"))
    lead = StaffActor(people.coordinator)
    actions.update_sender(report.pk, actor=lead, text="سنصلح العمود غدًا بإذن الله.", at=riyadh("10:05"))
    report.refresh_from_db()
    actions.answer(report.pk, actor=lead, text="أصلحنا العمود.", version=report.version, at=riyadh("11:00"))
    relayed(riyadh("11:00"))
    actions.reopen(report.pk, actor=factories.as_sender(report), text="ما زال مطفأ", at=riyadh("12:00"))
    relayed(riyadh("12:00"))
    assert list(SentMessage.objects.order_by("id").values_list("event", flat=True)) == [
        "submit",
        "update_sender",
        "answer",
        "reopen",
    ]
    assert "البلدية الشمالية" in texts_of("reopen")[0]


def test_a_report_that_its_sender_closes_is_told_at_once_even_at_night(report_in, relayed):
    # given an answered report, whose messages so far have been sent
    report = report_in("answered", at=riyadh("15:00"))
    relayed(riyadh("15:00"))
    # when its sender accepts at night
    actions.accept(report.pk, actor=factories.as_sender(report), at=riyadh("23:00"))
    relayed(riyadh("23:01"))
    # then the message of their own act leaves at once
    assert texts_of("accept") == [f"أُغلق بلاغك {report.reference} بقبولك الرد. شكرًا لك."]


def test_a_closing_that_was_sent_late_is_not_told_after_a_reopening(report_in, relayed):
    # given an acceptance whose message could not leave before the sender reopened
    report = report_in("answered", at=riyadh("15:00"))
    relayed(riyadh("15:00"))
    actions.accept(report.pk, actor=factories.as_sender(report), at=riyadh("15:10"))
    actions.reopen(report.pk, actor=factories.as_sender(report), text="عاد العطل", at=riyadh("15:20"))
    relayed(riyadh("15:20"))
    # then the closing that is true no longer stays unsent
    row = SentMessage.objects.get(event="accept")
    assert (row.state, row.error) == ("obsolete", "reopen")


def test_a_report_that_closes_by_itself_is_told(report_in, relayed):
    report = report_in("answered", at=riyadh("10:00", day=1))
    actions.auto_close(report.pk, at=riyadh("10:00", day=20))
    relayed(riyadh("10:00", day=20))
    assert "لانتهاء مدة إعادة الفتح" in texts_of("auto_close")[0]


# --- to whom ----------------------------------------------------------------------------------


def test_nothing_about_a_confidential_report_is_sent(relayed, sender):
    submitted(service="abuse", answers={}, sender=sender)
    relayed(riyadh("10:00"))
    assert not Effect.objects.filter(kind="sender_sms").exists()
    assert not SentMessage.objects.exists()


def test_a_report_made_confidential_before_its_message_leaves_sends_none(relayed):
    report = submitted()
    Report.objects.filter(pk=report.pk).update(privacy="confidential")
    relayed(riyadh("10:00"))
    assert not SentMessage.objects.exists()
    assert Effect.objects.get(kind="sender_sms").state == "cancelled"


def test_an_anonymous_report_tells_nobody(relayed):
    submitted(service="thanks", answers={}, anonymous=True)
    relayed(riyadh("10:00"))
    assert not SentMessage.objects.exists()


def test_an_unverified_number_gets_one_neutral_text_a_day_and_nothing_more(relayed, people):
    stranger = factories.SenderFactory(phone_verified_at=None, email="stranger@example.org")
    first = submitted(sender=stranger)
    other = factories.SenderFactory(phone=stranger.phone, phone_verified_at=None)
    submitted(sender=other)
    Report.objects.update(sender=stranger)
    actions.reject(
        first.pk,
        actor=StaffActor(people.coordinator),
        reason=factories.ReasonFactory(code="private_dispute", used_for="reject").code,
        text="نزاع خاص، والمحكمة مختصة به.",
        version=first.version,
        at=riyadh("10:30"),
    )
    relayed(riyadh("10:30"))
    message = SentMessage.objects.get()
    assert (message.event, message.report) == ("contact_confirm", None)
    assert first.reference not in message.screen_text
    assert "/t/" not in message.screen_text
    assert AccessLink.objects.count() == 0
    submitted(at=riyadh("10:00", day=23), sender=stranger)
    relayed(riyadh("10:00", day=23))
    assert SentMessage.objects.count() == 2


def test_an_email_goes_beside_the_sms_without_a_link_that_opens(relayed, mailoutbox):
    report = submitted(sender=factories.SenderFactory(email="noura@example.org"))
    relayed(riyadh("10:00"))
    relayed(riyadh("10:00"))
    mail = SentMessage.objects.get(channel="email")
    assert (mail.to, mail.state) == ("noura@example.org", "sent")
    assert report.reference in mail.subject
    assert "/t/" not in mail.text
    assert len(mailoutbox) == 1


def test_mail_keeps_no_hours_and_waits_for_no_sms(people, relayed):
    """Of what the sender is told, each thing by both; the SMS alone is held through the night."""
    sender = factories.SenderFactory(email="noura@example.org")
    report = submitted(sender=sender, at=riyadh("21:30"))
    coordinator = StaffActor(people.coordinator)
    actions.update_sender(report.pk, actor=coordinator, text="بدأنا العمل.", at=riyadh("21:40"))
    actions.answer(
        report.pk, actor=coordinator, text="أصلحنا العمود.", version=report.version, at=riyadh("21:50")
    )
    relayed(riyadh("23:59"))
    relayed(riyadh("23:59"))
    told = set(SentMessage.objects.values_list("channel", "event", "state"))
    assert {row for row in told if row[0] == "email"} == {
        ("email", event, "sent") for event in ("submit", "update_sender", "answer")
    }
    assert ("sms", "answer", "held") in told
    # and in the morning nothing goes twice
    relayed(riyadh("08:00", day=23))
    relayed(riyadh("08:00", day=23))
    assert SentMessage.objects.filter(channel="email").count() == 3
    assert SentMessage.objects.get(channel="sms", event="answer").state == "sent"


# --- when -------------------------------------------------------------------------------------


def test_a_message_at_night_is_held_until_the_morning(report_in, relayed):
    report = report_in("in_progress", at=riyadh("15:00"))
    relayed(riyadh("15:00"))
    SentMessage.objects.all().delete()
    people_of = report.responsible
    actions.ask_sender(
        report.pk, actor=StaffActor(people_of), text="أي عمود؟", version=report.version, at=riyadh("21:00")
    )
    relayed(riyadh("21:00"))
    held = SentMessage.objects.get()
    assert (held.state, held.held_until, held.screen_text) == ("held", riyadh("08:00", day=23), "")
    assert AccessLink.objects.count() == 1
    assert relayed(riyadh("07:59", day=23)) == 0
    relayed(riyadh("08:00", day=23))
    sent = SentMessage.objects.get()
    assert (sent.state, sent.held_until, sent.sent_at) == ("sent", None, riyadh("08:00", day=23))
    assert Effect.objects.filter(line="", state="pending").count() == 0


def test_what_ones_own_act_caused_goes_out_at_night(relayed):
    submitted(at=riyadh("23:30"))
    relayed(riyadh("23:40"))
    assert SentMessage.objects.get().state == "sent"


def test_but_not_a_quarter_of_an_hour_later(relayed):
    submitted(at=riyadh("23:30"))
    relayed(riyadh("23:46"))
    assert SentMessage.objects.get().state == "held"


# --- the past, the texts ----------------------------------------------------------------------


def test_a_loaded_past_is_recorded_as_sent_and_nothing_is_sent(relayed):
    with recording_the_past():
        report = submitted(at=riyadh("23:00", day=3))
    message = SentMessage.objects.get()
    assert (message.state, message.created_at, message.sent_at) == (
        "sent",
        riyadh("23:00", day=3),
        riyadh("23:00", day=3),
    )
    assert report.reference in message.text
    assert not Effect.objects.filter(line="").exists()
    assert not AccessLink.objects.exists()


def test_loading_the_texts_again_keeps_what_was_edited():
    SmsTemplate.objects.filter(event="submit", audience="sender").update(text_ar="نص معدل {reference}")
    assert load_templates() == 0
    assert SmsTemplate.objects.get(event="submit", audience="sender").text_ar == "نص معدل {reference}"


def test_only_texts_that_something_sends_are_there():
    sent = set(TO_SENDER.values()) | {"one_time_code", "contact_confirm"}
    ladder = {
        (step.event, step.audience)
        for promise in Escalation.Promise
        for priority in ("", "urgent")
        for step in built_in(promise, "normal", priority)
    } | {(event, audience) for audience, event in digests.EVENTS.items()}
    staff = {(row["text"], row["audience"]) for row in defaults.read("rules")} | {
        ("staff_confidential", "staff")
    }
    followers = {(event, "follower") for event in following.TOLD.values()}
    assert set(SmsTemplate.objects.values_list("event", "audience")) == (
        {(event, "sender") for event in sent} | ladder | staff | followers
    )


@pytest.mark.parametrize("text", ["{", "{reference", "reference}", "{{reference}}"])
def test_a_brace_that_is_not_closed_is_refused(text):
    template = SmsTemplate(event="answer", audience="sender", text_ar="{reference}", text_en=text)
    with pytest.raises(ValidationError) as refused:
        template.clean()
    assert set(refused.value.error_dict) == {"text_en"}


def test_a_text_with_an_unknown_placeholder_is_refused():
    template = SmsTemplate.objects.get(event="submit", audience="sender")
    template.full_clean()
    template.text_ar = "{reference.secret_hash}"
    with pytest.raises(ValidationError):
        template.full_clean()
    confidential = SmsTemplate(
        event="update_confidential",
        audience="sender",
        privacy="confidential",
        text_ar="{link}",
        text_en="{link}",
    )
    confidential.full_clean()
    confidential.text_en = "{entity} {link}"
    with pytest.raises(ValidationError):
        confidential.full_clean()


def test_an_event_costs_one_query(sender, people, django_assert_num_queries):
    report = submitted(sender=sender)
    event = report.events.get()
    report = Report.objects.get(pk=report.pk)
    Effect.objects.all().delete()
    with django_assert_num_queries(1):
        on_report_event(event, report)
