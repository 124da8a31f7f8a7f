"""What an index holds of a report, and what it never does."""

import pytest
from django.utils import timezone

from cms.outbox import effects
from cms.outbox.models import Effect
from cms.reports import actions
from cms.reports.actors import StaffActor
from search import changes
from search.documents import documents
from search.masking import masked
from tests.factories import ReasonFactory, submitted_report


@pytest.mark.parametrize(
    ("written", "indexed"),
    [
        ("جوالي ٠٥٥١٢٣٤٥٦٧ بعد العصر", "جوالي ••• بعد العصر"),
        ("+966 55 123 4567 أو 00966551234567", "••• أو •••"),
        ("call 055-123-4567.", "call •••."),
        ("هويتي 1012345678", "هويتي •••"),
        ("آيبان SA44 2000 0001 2345 6789 1234", "آيبان •••"),
        ("passport AB1234567 lost", "passport ••• lost"),
        ("راسلوني saad.ali@example.com، شكرا", "راسلوني •••، شكرا"),
        ("حسابي @saad_ali في تويتر", "حسابي ••• في تويتر"),
        # What is none of these stays.
        ("عداد رقم 12345678 في شارع 30", "عداد رقم 12345678 في شارع 30"),
        ("بلاغ QS-26-7K4MQ2P-0 قبل 2026-11-20", "بلاغ QS-26-7K4MQ2P-0 قبل 2026-11-20"),
        ("عرض\u202eمقلوب\u200b وكلمة\x00", "عرضمقلوب وكلمة"),
    ],
)
def test_telephones_mails_and_ids_are_no_words_of_an_index(written, indexed):
    assert masked(written) == indexed


@pytest.mark.django_db
def test_a_document_says_what_is_written_where_it_is_and_who_may_find_it(people, report_in, catalogue):
    report = report_in("in_progress", text="عمود الإنارة مطفأ، جوالي 0551234567")
    specialist, leader = StaffActor(people.specialist), StaffActor(people.leader)
    actions.note(report.pk, actor=specialist, text="اتصلنا على 0559876543 ولم يرد.")
    actions.direct(report.pk, actor=leader, text="عاجل هذا الأسبوع.", due_on=timezone.localdate())
    actions.answer(report.pk, actor=StaffActor(people.coordinator), version=_version(report), text="أصلحناه.")
    (document,) = documents([report.pk])
    report.refresh_from_db()
    assert (document.id, document.revision, document.state, document.open) == (
        report.pk,
        report.revision,
        "answered",
        False,
    )
    assert document.text == "عمود الإنارة مطفأ، جوالي •••"
    assert document.notes == ("اتصلنا على ••• ولم يرد.",)
    assert document.directives == ("عاجل هذا الأسبوع.",)
    assert (document.answers, document.elsewhere) == (("أصلحناه.",), ())
    assert document.access.entity == report.entity_id
    assert document.access.assigned == (f"{people.specialist.pk}:{report.entity_id}",)
    assert "لمبة الشارع" in document.about
    assert document.places[-1] == document.place == report.place_id
    assert report.sender is not None
    assert report.sender.name not in str(document)
    assert report.sender.phone not in str(document)


def _version(report):
    report.refresh_from_db()
    return report.version


@pytest.mark.django_db
def test_what_one_entity_wrote_for_itself_stands_apart_after_a_transfer(people, report_in, catalogue):
    report = report_in("in_progress")
    was = report.entity_id
    ReasonFactory(used_for="transfer", code="other_jurisdiction")
    actions.note(report.pk, actor=StaffActor(people.specialist), text="لنا وحدنا")
    actions.transfer(
        report.pk,
        actor=StaffActor(people.supervisor),
        version=_version(report),
        entity=catalogue.water.code,
        reason="other_jurisdiction",
    )
    (document,) = documents([report.pk])
    assert (document.notes, document.elsewhere, document.elsewhere_entities) == ((), ("لنا وحدنا",), (was,))
    assert document.earlier_entities == (was,)
    assert document.access.entity == catalogue.water.pk


@pytest.mark.django_db
def test_a_change_is_one_row_of_the_outbox_and_says_whether_access_changed(people, report_in, sender):
    report_in("assigned")
    rows = Effect.objects.filter(line="search").order_by("pk").values_list("kind", flat=True)
    assert list(rows) == ["search_report", "search_access"]


@pytest.mark.django_db
def test_a_loaded_past_asks_for_nothing_and_names_what_it_changed(sender, people):
    with changes.later() as changed:
        report = submitted_report(sender=sender)
    assert changed == {report.pk}
    assert not Effect.objects.filter(line="search").exists()
    # until it is asked for, once
    now = timezone.now()
    changes.ask_for(changed, at=now)
    changes.ask_for(changed, at=now)
    assert Effect.objects.filter(line="search").count() == 1
    assert effects.oldest_waiting(now) is not None
