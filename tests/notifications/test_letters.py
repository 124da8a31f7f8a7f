"""What an entity is told of what it sent: by mail to its address, and never by text message."""

import pytest

from cms.notifications.models import SentMessage
from cms.notifications.subscribers import recording_the_past
from cms.outbox.models import Effect
from cms.reports import actions
from cms.reports.actors import EntitySender, StaffActor
from tests import factories

from .conftest import riyadh

pytestmark = pytest.mark.usefixtures("texts", "people")
ADDRESS = "office@north.example"


@pytest.fixture
def letter(people, catalogue):
    catalogue.north.email = ADDRESS
    catalogue.north.save()
    return factories.letter(people.coordinator, sender="municipality.north", to="water", at=riyadh("10:00"))


def asked(report, people, at="10:05"):
    lead = StaffActor(people.coordinator2)
    text = "أي شارع بالتحديد؟"
    return actions.ask_sender(report.pk, actor=lead, version=report.version, text=text, at=riyadh(at))


def test_a_question_is_mailed_without_its_words(relayed, people, letter, mailoutbox):
    # Nobody is told of what they have just done themselves.
    relayed(riyadh("10:01"))
    assert not SentMessage.objects.exists()
    asked(letter, people)
    relayed(riyadh("10:06"))
    mail = SentMessage.objects.get()
    assert (mail.channel, mail.to, mail.state, mail.report) == ("email", ADDRESS, "sent", letter)
    assert mail.subject == f"خطابكم رقم 1447/88: البلاغ {letter.reference}"
    assert f"/admin/sent/{letter.public_id}/" in mail.text
    assert "أي شارع" not in mail.text
    assert "/t/" not in mail.text
    relayed(riyadh("10:07"))
    assert SentMessage.objects.count() == 1


def test_what_was_overtaken_is_not_mailed(relayed, people, letter):
    report = asked(letter, people)
    actor = EntitySender(people.coordinator)
    actions.sender_reply(report.pk, actor=actor, text="شارع الكوثر.", at=riyadh("10:06"))
    relayed(riyadh("10:07"))
    assert not SentMessage.objects.exists()


def test_an_entity_without_an_address_reads_it_at_the_desk(relayed, people, catalogue, letter):
    catalogue.north.email = ""
    catalogue.north.save()
    asked(letter, people)
    relayed(riyadh("10:06"))
    assert not SentMessage.objects.exists()
    assert Effect.objects.get(kind="entity_email").state == "cancelled"


def test_of_a_closed_entitys_letter_its_successor_is_told(relayed, people, catalogue, letter):
    catalogue.municipality.email = "office@municipality.example"
    catalogue.municipality.save()
    catalogue.north.is_active, catalogue.north.continued_by = False, catalogue.municipality
    catalogue.north.save()
    asked(letter, people)
    relayed(riyadh("10:06"))
    assert SentMessage.objects.get().to == "office@municipality.example"


def test_nothing_of_a_confidential_one_is_mailed(relayed, people, catalogue):
    catalogue.water.email = "office@water.example"
    catalogue.water.save()
    report = factories.letter(people.grantee, service="abuse", to="municipality", answers={})
    triage = StaffActor(people.triage_confidential)
    actions.reject(report.pk, actor=triage, version=1, reason=_reason(), text="تولّتها جهة أخرى.")
    assert not Effect.objects.filter(kind="entity_email").exists()


def _reason() -> str:
    return str(factories.ReasonFactory(used_for="reject", code="private_dispute").code)


def test_a_loaded_history_mails_nothing(people, letter):
    with recording_the_past():
        asked(letter, people)
    assert not Effect.objects.filter(kind="entity_email").exists()
    assert not SentMessage.objects.exists()
