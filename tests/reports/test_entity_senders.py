"""An entity as a sender: in whose name, to whom, why there; and what its people and nobody else do then."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cms.reports import actions
from cms.reports.actors import SYSTEM, EntitySender, SenderActor, StaffActor
from cms.reports.errors import Code, DomainError, Invalid
from cms.reports.files import reading
from cms.reports.history import verify
from cms.reports.models import Report, Sender
from cms.reports.policies import available_actions
from cms.reports.timeline import conversation
from permissions.models import User
from tests import factories

pytestmark = pytest.mark.django_db


def refused(call: Any) -> tuple[Code, tuple[str, ...] | None]:
    with pytest.raises(DomainError) as error:
        call()
    found = error.value.errors[0] if isinstance(error.value, Invalid) else error.value
    return found.code, found.field


def seen_as_sender(user: User) -> list[Report]:
    return list(Report.objects.visible_to(EntitySender(user)))


# --- submitting -------------------------------------------------------------------------------


def test_it_goes_to_whom_it_is_addressed_and_says_why(people, catalogue):
    report = factories.letter(
        people.coordinator, sender="municipality.north", to="water", date=timezone.localdate()
    )
    assert (report.entity, report.sender_entity) == (catalogue.water, catalogue.north)
    assert (report.state, report.channel) == ("with_entity", "letter")
    assert (report.letter_number, report.letter_date) == ("1447/88", timezone.localdate())
    assert (report.sender, report.entered_by) == (None, None)
    assert report.routing_rule is None
    assert report.routing_reason_en == "North branch addressed its letter 1447/88 to Water company."
    assert report.routing_reason_ar == "خطاب البلدية الشمالية رقم 1447/88 موجّه إلى شركة المياه."
    event = report.events.get()
    assert (event.code, event.actor_kind, event.actor) == ("submit", "sender", people.coordinator)
    assert Sender.objects.count() == 0
    assert list(verify()) == []


def test_without_an_address_the_rules_decide(people, catalogue):
    report = factories.letter(people.coordinator2)
    assert report.entity == catalogue.north
    assert report.routing_rule is not None


def test_the_rules_never_send_it_back_to_who_sent_it(people):
    report = factories.letter(people.coordinator, sender="municipality.north")
    assert (report.state, report.entity) == ("received", None)
    assert (
        report.routing_reason_en
        == "The rules lead back to North branch, which sent it; a supervisor decides."
    )


def test_what_nobody_names_a_service_for_may_be_addressed(people, catalogue):
    report = factories.letter(people.coordinator2, to="municipality", service="other", answers={})
    assert report.entity == catalogue.municipality


def test_what_a_supervisor_decides_on_stays_theirs_whoever_it_names(people, catalogue):
    factories.ServiceFactory(code="conduct", category=catalogue.other.category, goes_to_triage=True)
    report = factories.letter(people.coordinator2, to="municipality", service="conduct", answers={})
    assert (report.state, report.entity) == ("received", None)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"to": "water"}, (Code.OWN_ENTITY, ("toEntity",))),
        ({"to": "nowhere"}, (Code.NOT_FOUND, ("toEntity",))),
        ({"number": " "}, (Code.REQUIRED, ("letterNumber",))),
        ({"number": "9" * 41}, (Code.TOO_LONG, ("letterNumber",))),
        ({"number": "1\x00"}, (Code.BAD_CHARACTERS, ("letterNumber",))),
        ({"date": timezone.localdate() + timedelta(days=2)}, (Code.INVALID, ("letterDate",))),
        ({"about_entity": "water"}, (Code.ABOUT_ENTITY, ("aboutEntity",))),
        ({"service": "abuse", "answers": {}}, (Code.NOT_AVAILABLE, ("service",))),
        ({"place": "region"}, (Code.INVALID, ("place",))),
        ({"text": "قصير"}, (Code.TOO_SHORT, ("text",))),
    ],
)
def test_what_is_wrong_is_named_at_its_field_and_nothing_is_stored(people, changed, expected):
    assert refused(lambda: factories.letter(people.coordinator2, **changed)) == expected
    assert Report.objects.count() == 0


@pytest.mark.parametrize(
    "login", ["coordinator", "coordinator3", "specialist2", "supervisor", "emirate", "agent", "admin"]
)
def test_only_who_holds_it_there_sends_in_an_entitys_name(people, login):
    user = User.objects.get(username=login)
    assert refused(lambda: factories.letter(user, sender="water")) == (Code.DENIED, None)
    assert Report.objects.count() == 0


def test_the_parents_people_and_whoever_was_granted_it_send_too(people, catalogue):
    factories.letter(people.coordinator3, sender="municipality.north", to="water")
    factories.grant(people.specialist2, "submit_on_behalf", catalogue.water)
    factories.letter(people.specialist2, to="municipality")
    factories.letter(people.leader2, to="municipality")
    assert Report.objects.count() == 3


def test_nobody_sends_a_letter_by_another_door(people):
    given = factories.submission(channel="letter", letter=actions.Letter(sender="water", number="1"))
    for actor in (StaffActor(people.coordinator2), StaffActor(people.agent), SenderActor()):
        assert refused(lambda actor=actor: actions.submit(given, actor=actor))[0] is Code.DENIED
    plain = factories.submission()
    assert refused(lambda: actions.submit(plain, actor=EntitySender(people.coordinator2)))[0] is Code.DENIED
    posing = factories.submission(channel="letter", sender_id=factories.SenderFactory().pk)
    actor = SenderActor(sender_id=posing.sender_id)
    assert refused(lambda: actions.submit(posing, actor=actor)) == (Code.INVALID, ("channel",))
    assert Report.objects.count() == 0


def test_pressing_twice_makes_one_report(people):
    key = {"idempotency_key": "a" * 32}
    first, second = (factories.letter(people.coordinator2, **key) for _ in range(2))
    assert first == second
    assert refused(lambda: factories.letter(people.coordinator2, number="2", **key)) == (
        Code.IDEMPOTENCY_CONFLICT,
        ("idempotencyKey",),
    )
    assert Report.objects.count() == 1


# --- seeing -----------------------------------------------------------------------------------


def test_the_senders_people_follow_it_and_third_entities_see_nothing(people, catalogue):
    report = factories.letter(people.coordinator, sender="municipality.north", to="water")
    following = {user.username for user in User.objects.all() if seen_as_sender(user) == [report]}
    assert following == {"coordinator", "leader", "coordinator3"}
    seeing = {
        user.username
        for user in User.objects.all()
        if Report.objects.filter(pk=report.pk).visible_to(StaffActor(user)).exists()
    }
    # As staff only the receiving entity and the emirate see it: the codename widens nothing.
    assert seeing == {
        "coordinator2",
        "leader2",
        "grantee",
        "supervisor",
        "supervisor2",
        "emirate",
        "auditor",
        "triage-confidential1",
        "triage-confidential2",
    }
    third = factories.person("coordinator", catalogue.emirate, username="third")
    assert seen_as_sender(third) == []
    assert not Report.objects.visible_to(StaffActor(third)).exists()


def test_access_ends_with_the_membership(people):
    report = factories.letter(people.coordinator2, to="municipality")
    people.coordinator2.memberships.update(valid_until=timezone.now())
    assert seen_as_sender(people.coordinator2) == []
    actor = EntitySender(people.coordinator2)
    assert refused(lambda: actions.withdraw(report.pk, actor=actor))[0] is Code.NOT_FOUND


def test_a_confidential_one_is_followed_by_those_named_alone(people, catalogue):
    report = factories.letter(people.grantee, service="abuse", to="municipality", answers={})
    # Too few at the municipality may see confidential reports.
    assert (report.state, report.entity) == ("received", None)
    assert seen_as_sender(people.grantee) == [report]
    assert seen_as_sender(people.coordinator2) == []
    assert report.contact_preference == ""


def test_who_is_told_that_it_is_about_them_follows_nothing(people, catalogue):
    report = factories.letter(people.coordinator, sender="municipality.north", to="water")
    Report.objects.filter(pk=report.pk).update(about_entity=catalogue.municipality)
    assert seen_as_sender(people.coordinator) == []


# --- the conversation of the two --------------------------------------------------------------


def test_the_two_entities_talk_and_every_word_has_its_author(people, catalogue):
    report = factories.letter(people.coordinator, sender="municipality.north", to="water")
    lead, sender = StaffActor(people.coordinator2), EntitySender(people.coordinator)
    assert "ask_sender" in available_actions(lead, report)
    report = actions.ask_sender(report.pk, actor=lead, version=report.version, text="أي شارع؟")
    assert available_actions(sender, report) == ["sender_reply", "withdraw"]
    # A colleague answers: the entity is the sender, not one of its people.
    report = actions.sender_reply(report.pk, actor=EntitySender(people.leader), text="شارع الكوثر.")
    assert report.state == "with_entity"
    report = actions.answer(report.pk, actor=lead, version=report.version, text="عولج العطل اليوم.")
    report = actions.accept(report.pk, actor=sender, score=5, comment="شكرًا لكم")
    assert report.state == "closed"
    assert [(said.author, said.text) for said in conversation(report)] == [
        ("entity", "أي شارع؟"),
        ("sender", "شارع الكوثر."),
    ]
    who = list(report.events.order_by("sequence").values_list("code", "actor_kind", "actor__username"))
    assert who == [
        ("submit", "sender", "coordinator"),
        ("ask_sender", "staff", "coordinator2"),
        ("sender_reply", "sender", "leader"),
        ("answer", "staff", "coordinator2"),
        ("accept", "sender", "coordinator"),
        ("rate", "sender", "coordinator"),
    ]
    assert list(verify()) == []


def test_whoever_came_too_late_reads_which_entity_was_first_and_not_who(people):
    report = factories.letter(people.coordinator, sender="municipality.north", to="water")
    actions.withdraw(report.pk, actor=EntitySender(people.coordinator))
    with pytest.raises(DomainError) as late:
        actions.answer(report.pk, actor=StaffActor(people.coordinator2), version=1, text="عولج العطل.")
    assert late.value.code is Code.CONFLICT
    assert "البلدية الشمالية" in late.value.message
    assert people.coordinator.name not in late.value.message


def test_it_is_routed_and_transferred_to_others_but_never_to_who_sent_it(people):
    report = factories.letter(people.coordinator, sender="municipality.north")
    supervisor = StaffActor(people.supervisor)
    back = {"actor": supervisor, "version": report.version, "entity": "municipality.north"}
    assert refused(lambda: actions.route(report.pk, **back)) == (Code.OWN_ENTITY, ("entity",))
    report = actions.route(report.pk, actor=supervisor, version=report.version, entity="water")
    factories.ReasonFactory(used_for="transfer", code="other_jurisdiction")
    with pytest.raises(DomainError) as error:
        actions.transfer(
            report.pk,
            actor=supervisor,
            version=report.version,
            entity="municipality.north",
            reason="other_jurisdiction",
        )
    assert error.value.code is Code.OWN_ENTITY
    assert Report.objects.get(pk=report.pk).version == report.version


def test_the_parts_of_a_letter_are_its_senders(people):
    report = factories.letter(people.coordinator, sender="municipality.north", to="water")
    parts = factories.split_report(report, people.supervisor, "water", "municipality")
    assert [(part.sender_entity, part.letter_number) for part in parts] == 2 * [
        (report.sender_entity, "1447/88")
    ]
    assert set(seen_as_sender(people.coordinator)) == {report, *parts}


def test_their_files_are_theirs_and_not_a_third_ones(people, folder):
    row = factories.upload(owner="staff:1")
    report = factories.letter(
        people.coordinator,
        sender="municipality.north",
        to="water",
        files=factories.files_of(row, owner="staff:1"),
    )
    assert reading.find(row.public_id, EntitySender(people.coordinator)) == row
    assert reading.find(row.public_id, EntitySender(people.leader), report=report) == row
    assert reading.find(row.public_id, EntitySender(people.specialist)) is None
    assert reading.find(row.public_id, EntitySender(people.coordinator2)) is None
    assert reading.find(row.public_id, StaffActor(people.coordinator2)) == row
    assert reading.find(row.public_id, StaffActor(people.coordinator)) is None


def test_erasing_takes_the_letters_number_and_leaves_which_entity_it_was(people, catalogue):
    report = factories.letter(people.coordinator, sender="municipality.north", to="water")
    actions.withdraw(report.pk, actor=EntitySender(people.coordinator))
    report = actions.erase(report.pk, actor=SYSTEM)
    assert (report.letter_number, report.letter_date, report.text) == ("", None, "")
    assert report.sender_entity == catalogue.north
    assert seen_as_sender(people.coordinator) == []
    assert list(verify()) == []
