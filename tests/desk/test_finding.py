"""The lists of the configuration are searched as people spell, by what the list shows."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cms.entities.models import Membership, Service
from cms.notifications.models import SentMessage, SmsTemplate
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(client_of, people):
    """What a search of a list finds, for the administrator."""
    client = client_of(people.admin)

    def search(name, typed):
        return list(client.get(reverse(f"{name}:index"), {"q": typed}).context["object_list"])

    return search


@pytest.mark.parametrize("typed", ["إنارة", "الانارة", "الاناره", "لمبة", "لمبه"])
def test_a_service_is_found_with_the_article_and_by_its_keywords(found, catalogue, typed):
    lamp = Service.objects.get(code="lamp")
    Service.objects.filter(pk=lamp.pk).update(name_ar="إنارة شارع", keywords_ar=["لمبة", "عمود نور"])
    assert found("services", typed) == [lamp]
    assert {rule.service_id for rule in found("routing", typed)} <= {lamp.pk}


def test_a_word_that_only_begins_like_the_article_is_left_whole(found, catalogue):
    lamp = Service.objects.get(code="lamp")
    Service.objects.filter(pk=lamp.pk).update(name_ar="الف باء")
    assert found("services", "الف") == [lamp]
    assert found("services", "لل") == []


def test_a_membership_is_found_by_its_role(found, people):
    rows = found("memberships", "منسق")
    assert {row.role for row in rows} == {"coordinator"}
    assert len(rows) == Membership.objects.filter(role="coordinator").count()


def test_a_template_is_found_by_its_occasion(found):
    sorry = factories.ReplyTemplateFactory(code="apology-delay", situation="apology")
    factories.ReplyTemplateFactory(code="done", situation="fixed")
    assert found("reply-templates", "الاعتذار") == [sorry]


def test_a_message_text_is_found_by_its_occasion(found):
    accept = SmsTemplate.objects.create(event="accept", audience="sender", text_ar="أ", text_en="a")
    SmsTemplate.objects.create(event="reject", audience="sender", text_ar="ب", text_en="b")
    assert found("message-texts", "قبل الرد مقدم البلاغ") == [accept]


@pytest.mark.parametrize("typed", ["0551234567", "٠٥٥ ١٢٣ ٤٥٦٧", "+966551234567"])
def test_a_number_typed_in_full_finds_its_messages(found, typed):
    told, other = (
        SentMessage.objects.create(
            channel="sms", to=to, language="ar", text="نص", effect_key=to, created_at=timezone.now()
        )
        for to in ("+966551234567", "+966551234568")
    )
    assert found("outbox", typed) == [told]
    assert other not in found("outbox", typed)


def test_a_template_is_offered_by_its_occasion_and_cut_at_a_sign(client_of, people, report_in):
    # given a long template with a gap
    long = "نعتذر عن التأخر في معالجة بلاغكم، وسنفرغ من العمل بتاريخ {done_date} بإذن الله تعالى وتوفيقه."
    factories.ReplyTemplateFactory(code="apology-delay", situation="apology", text_ar=long)
    # when the reply is written, and when the templates are kept
    page = client_of(people.coordinator).get(
        reverse("desk:report", args=[report_in("in_progress").public_id])
    )
    form = next(panel["form"] for panel in page.context["panels"] if panel["spec"].action == "answer")
    kept = client_of(people.admin).get(reverse("reply-templates:index")).content.decode()
    # then both say what it is for and how its gap is filled
    [row] = form.templates
    assert row["label"].startswith("اعتذار: نعتذر عن التأخر")
    assert row["label"].endswith("…")
    assert len(row["label"]) == len("اعتذار: ") + 70
    assert "{تاريخ الإنجاز}" in kept
    assert "done_date" not in kept
