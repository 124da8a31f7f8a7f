"""A text tried before it is sent: in words, in parts, and to oneself."""

import json
import re
from pathlib import Path

import pytest
from django.urls import reverse

from cms.content.dates import gregorian
from cms.notifications import defaults, trying
from cms.notifications.models import SentMessage, SmsTemplate
from cms.notifications.placeholders import PLACEHOLDERS
from cms.notifications.rendering import placeholders_of
from cms.outbox.models import Effect
from tests import factories

from .conftest import riyadh

DATA = Path(__file__).parents[2] / "cms" / "demo" / "data"
ENTITIES = json.loads((DATA / "entities.json").read_text(encoding="utf-8"))["entities"]


@pytest.fixture
def client_of(client):
    def signed_in(user):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.mark.parametrize("row", defaults.read("texts"), ids=lambda row: f"{row['event']}-{row['audience']}")
def test_every_text_with_the_longest_values_is_of_two_parts_at_most_in_arabic(row, settings):
    settings.SAWT_BASE_URL = "https://sawt.qassim.gov.sa"
    tried = trying.longest(SmsTemplate(**row), "ar")
    assert "{" not in tried.text
    assert (tried.size.encoding, tried.size.segments <= 2) == ("ucs2", True), tried
    assert "{" not in trying.longest(SmsTemplate(**row), "en").text


def test_the_longest_values_are_as_long_as_the_real_ones():
    short = max((entity["short_name_ar"] for entity in ENTITIES), key=len)
    name = max((entity["name_en"] for entity in ENTITIES), key=len)
    assert len(trying.LONGEST_ENTITY["ar"]) >= len(short)
    assert len(trying.LONGEST_ENTITY["en"]) >= len(name)
    days = [riyadh("10:00").replace(month=month, day=28) for month in range(1, 13)]
    for language in ("ar", "en"):
        longest = max(len(gregorian(day, language, weekday=False)) for day in days)
        template = SmsTemplate(event="assign", audience="specialist", text_ar="{due}", text_en="{due}")
        assert len(trying.longest(template, language).text) >= longest
    for name in PLACEHOLDERS:
        template = SmsTemplate(
            event="x", audience="coordinator", text_ar=f"{{{name}}}", text_en=f"{{{name}}}"
        )
        assert trying.longest(template, "ar").text


def test_a_preview_is_what_is_then_sent(report_in, people, rules, relayed):
    people.coordinator.phone = "+966550000001"
    people.coordinator.save()
    report = report_in("reply_drafted", at=riyadh("10:00"))
    relayed(riyadh("10:00"))
    relayed(riyadh("10:00"))
    template = SmsTemplate.objects.get(event="draft_reply", audience="coordinator")
    sent = SentMessage.objects.get(event="draft_reply", person=people.coordinator)
    tried = trying.on_report(template, report, "ar")
    assert (tried.text, tried.size.segments) == (sent.text, sent.segments)


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_test_goes_to_oneself_alone(channel, client_of, people, rules, relayed, report, mailoutbox):
    people.supervisor.phone, people.supervisor.email = "+966550000002", "supervisor@example.org"
    people.supervisor.save()
    relayed(riyadh("10:00"))
    SentMessage.objects.all().delete()
    template = SmsTemplate.objects.get(event="assign", audience="specialist")
    client = client_of(people.supervisor)
    address = reverse("desk:try_text", args=[template.pk])
    answer = client.post(address, {"reference": report.reference, "channel": channel})
    assert answer.status_code == 302
    (effect,) = Effect.objects.filter(kind=f"test_{channel}")
    assert set(effect.payload) == {"event", "person", "template", "report"}
    relayed(effect.not_before)
    message = SentMessage.objects.get(event="test")
    assert (message.channel, message.person, message.event) == (channel, people.supervisor, "test")
    assert report.reference in message.text
    assert message.text.startswith("تجربة: ")
    assert len(mailoutbox) == (channel == "email")


def test_a_report_that_one_does_not_see_is_a_missing_one(client_of, people, rules, report):
    template = SmsTemplate.objects.get(event="assign", audience="specialist")
    client, address = client_of(people.admin), reverse("desk:try_text", args=[template.pk])
    hidden = client.get(address, {"reference": report.reference})
    missing = client.get(address, {"reference": "QS-26-0000000-0"})
    assert (hidden.status_code, missing.status_code) == (422, 422)
    assert "لا بلاغ بهذا الرقم" in hidden.content.decode()
    client.post(address, {"reference": report.reference, "channel": "sms"})
    assert not Effect.objects.filter(kind__startswith="test_").exists()
    # with no number the longest values are shown to who keeps the texts
    page = client.get(address)
    assert page.status_code == 200
    assert trying.longest(template, "ar").text in page.content.decode()


def test_a_confidential_report_is_previewed_in_its_neutral_words(people, rules):
    report = factories.submitted_report(service="abuse", answers={})
    template = SmsTemplate.objects.get(event="assign", audience="specialist")
    text = trying.on_report(template, report, "ar").text
    assert report.reference not in text
    assert text.startswith("عنصر بانتظارك")


def test_a_text_with_an_unknown_placeholder_is_refused_and_nothing_is_saved(client_of, people, rules):
    template = SmsTemplate.objects.get(event="assign", audience="specialist")
    before = template.text_ar
    asked = placeholders_of(before)
    assert asked == {"reference", "due"}
    client_of(people.admin).post(
        reverse("message-texts:edit", args=[template.pk]),
        {"privacy": "normal", "text_ar": "{reference.__class__}", "text_en": "{reference}"},
    )
    template.refresh_from_db()
    assert template.text_ar == before


def test_a_text_of_more_parts_than_two_is_refused_with_its_longest_values(client_of, people, rules, contexts):
    template = SmsTemplate.objects.get(event="assign", audience="specialist")
    client, address = client_of(people.admin), reverse("message-texts:edit", args=[template.pk])
    given = {"privacy": "normal", "text_en": "{reference}"}
    # as long as two parts in UCS-2 are, without what is filled in; and with it
    room = 2 * 67 - len("QS-26-7K4MQ2P-0")
    refused = client.post(address, given | {"text_ar": "{reference}" + "ب" * (room + 1)})
    assert list(refused.context["form"].errors) == ["text_ar"]
    assert SmsTemplate.objects.get(pk=template.pk).text_ar == template.text_ar
    assert client.post(address, given | {"text_ar": "{reference}" + "ب" * room}).status_code == 302
    assert SmsTemplate.objects.get(pk=template.pk).text_ar == "{reference}" + "ب" * room


def test_a_mail_has_no_parts_in_the_outbox(client_of, people):
    common = {"to": "x", "language": "ar", "event": "answer", "created_at": riyadh("10:00")}
    SentMessage.objects.create(effect_key="a", channel="sms", segments=2, **common)
    SentMessage.objects.create(effect_key="b", channel="email", **common)
    page = client_of(people.admin).get(reverse("outbox:index")).content.decode()
    cells = [text.strip() for text in re.findall(r"<td[^>]*>([^<]*)</td>", page)]
    assert (cells.count("2"), cells.count("–"), cells.count("0")) == (1, 1, 0)


def test_the_table_of_rules_is_kept_in_the_admin(client_of, people, rules):
    client = client_of(people.admin)
    page = client.get(reverse("message-rules:index"), {"q": "مسودة"})
    assert page.status_code == 200
    assert "أُعدّت مسودة الرد" in page.content.decode()
    text = SmsTemplate.objects.get(event="late_digest", audience="entity_leader")
    given = {
        "event": "rate",
        "audience": "entity_leader",
        "channel": "inbox",
        "mode": "on",
        "is_active": "on",
    }
    refused = client.post(reverse("message-rules:add"), given | {"template": text.pk})
    assert refused.status_code == 200
    assert "لا شيء في هذا الحدث يملأ" in refused.content.decode()
    text = SmsTemplate.objects.get(event="rate", audience="coordinator")
    assert client.post(reverse("message-rules:add"), given | {"template": text.pk}).status_code == 302
    assert text.rules.filter(audience="entity_leader").exists()
