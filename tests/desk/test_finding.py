"""The lists of the configuration are searched as people spell, by what the list shows."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cms.entities.models import Category, Membership, Service
from cms.notifications.models import SentMessage, SmsTemplate
from cms.outbox.models import Effect
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


@pytest.mark.parametrize(
    ("name", "typed", "expected"),
    [
        ("services", "شكوى", "complaint"),
        ("entities", "مرافق", "utility"),
        ("places", "محافظة", "governorate"),
    ],
)
def test_a_row_is_found_by_the_kind_that_its_list_shows(found, catalogue, name, typed, expected):
    assert {row.kind for row in found(name, typed)} == {expected}


def test_a_row_is_found_by_the_name_of_what_it_belongs_to(found, catalogue):
    Category.objects.update(name_ar="الطرق والأرصفة")
    assert set(found("services", "ارصفه")) == set(Service.objects.all())


def text_for(event):
    texts = {"text_ar": "أ", "text_en": "a"}
    return SmsTemplate.objects.update_or_create(event=event, audience="sender", defaults=texts)[0]


def test_a_message_text_is_found_by_its_occasion(found):
    accept, reject = text_for("accept"), text_for("reject")
    rows = found("message-texts", "قبل الرد مقدم البلاغ")
    assert accept in rows
    assert reject not in rows
    assert {row.event for row in rows} == {"accept"}


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


@pytest.mark.parametrize(
    ("name", "field", "code", "words"),
    [
        ("outbox", "event", "answer", "أُرسل الرد الرسمي"),
        ("outbox", "language", "en", "الإنجليزية"),
        ("pending", "kind", "sender_sms", "رسالة إلى مقدم البلاغ"),
        ("reply-templates", "situation", "apology", "اعتذار"),
        ("reply-templates", "for_action", "answer", "إرسال الرد الرسمي"),
        ("reasons", "used_for", "reject", "عدم قبول البلاغ"),
    ],
)
def test_a_code_is_chosen_in_a_filter_by_its_words(client_of, people, name, field, code, words):
    # given rows of two codes each
    now = timezone.now()
    for event, language in (("answer", "en"), ("reject", "ar")):
        text_for(event)
        SentMessage.objects.create(
            channel="sms",
            to="+966551234567",
            language=language,
            event=event,
            text="نص",
            effect_key=event,
            created_at=now,
        )
        Effect.objects.create(kind="sender_sms", key=event, not_before=now, created_at=now)
    Effect.objects.create(kind="one_time_code", key="code", not_before=now, created_at=now)
    factories.ReplyTemplateFactory(code="a", situation="apology", for_action="answer")
    factories.ReplyTemplateFactory(code="b", situation="fixed", for_action="update_sender")
    factories.ReasonFactory(code="a", used_for="reject")
    factories.ReasonFactory(code="b", used_for="return")
    client = client_of(people.admin)
    # when the list is opened, then its filter is a choice of words
    context = client.get(reverse(f"{name}:index")).context
    choices = dict(context["filters"].form.fields[field].choices)
    assert choices[code] == words
    # when it is chosen, then the rows of that code are shown, and no others
    rows = client.get(reverse(f"{name}:index"), {field: code}).context["object_list"]
    assert {getattr(row, field) for row in rows} == {code}
    # and a code that nobody offers shows what is wrong
    assert client.get(reverse(f"{name}:index"), {field: "nonsense"}).context["filters"].form.errors[field]


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


def test_who_hears_the_list_hears_words_and_no_codes(client_of, people):
    text_for("auto_close")
    body = client_of(people.admin).get(reverse("message-texts:index")).content.decode()
    assert "المزيد من الخيارات لـ &#x27;إغلاق تلقائي: مقدم البلاغ&#x27;" in body
    assert "auto_close: " not in body
