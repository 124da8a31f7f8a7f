"""After 90 days nobody keeps what a message said; that it was sent stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cms.notifications.models import SentMessage
from cms.notifications.tasks import purge
from cms.outbox.models import Effect

pytestmark = pytest.mark.django_db


def message(key, days):
    now = timezone.now()
    return SentMessage.objects.create(
        effect_key=key,
        created_at=now - timedelta(days=days),
        sent_at=now - timedelta(days=days),
        channel="sms",
        to="+966551234567",
        language="ar",
        event="answer",
        subject="موضوع",
        text="نص",
        screen_text="نص كامل",
        segments=1,
        via="sms:first",
        gateway_id="42",
    )


def test_texts_go_after_90_days_and_facts_stay(settings):
    settings.SAWT_MESSAGE_TEXTS_DAYS = 90
    message("old", 91)
    message("new", 89)
    purge()
    kept = {row.effect_key: row for row in SentMessage.objects.all()}
    assert [(row.subject, row.text, row.screen_text) for row in (kept["old"], kept["new"])] == [
        ("", "", ""),
        ("موضوع", "نص", "نص كامل"),
    ]
    old = kept["old"]
    assert (old.to, old.event, old.segments, old.via, old.gateway_id, old.state) == (
        "+966551234567",
        "answer",
        1,
        "sms:first",
        "42",
        "sent",
    )
    assert old.sent_at is not None


def test_what_was_given_up_so_long_ago_keeps_no_parameters():
    now = timezone.now()
    for key, days in (("old", 91), ("new", 89)):
        at = now - timedelta(days=days)
        Effect.objects.create(
            kind="sender_sms",
            key=key,
            state="failed",
            payload={"report": 1},
            not_before=at,
            created_at=at,
            done_at=at,
        )
    purge()
    assert dict(Effect.objects.values_list("key", "payload")) == {"old": {}, "new": {"report": 1}}
