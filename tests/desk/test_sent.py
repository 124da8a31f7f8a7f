"""Entities write to each other: the form, what was sent beside what was received, both sides of a report."""

import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cms.reports import actions
from cms.reports.actors import EntitySender, StaffActor
from cms.reports.models import Attachment, Report
from permissions.models import AuditEvent, User
from tests import factories

pytestmark = pytest.mark.django_db

LIST, NEW = "/admin/sent/", "/admin/sent/new/"
# Wagtail leads who may not to the first page, and says 403 to scripts.
TOLD = {"X-Requested-With": "XMLHttpRequest"}
TEXT = "نعتزم سفلتة شارع الكوثر، ونرجو إفادتنا بأي أعمال مجدولة للمياه فيه."


def form(**kwargs: Any) -> dict[str, Any]:
    return {
        "do": "send",
        "key": uuid.uuid4().hex,
        "sender": "municipality.north",
        "to": "water",
        "service": "lamp",
        "asked_for": "lamp",
        "answers-since": "week",
        "place": "town.safra",
        "number": "1447/٨٨",
        "day": timezone.localdate().isoformat(),
        "title": "تنسيق حفريات",
        "text": TEXT,
        **kwargs,
    }


@pytest.fixture
def north(client_of: Any, people: Any) -> Client:
    return client_of(people.coordinator)


@pytest.fixture
def sent(people: Any) -> Report:
    """From the north branch to the water company."""
    return factories.letter(people.coordinator, sender="municipality.north", to="water", title="تنسيق حفريات")


def page(report: Report) -> str:
    return reverse("desk:sent_report", args=[report.public_id])


def picture(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, factories.photo(), content_type="image/jpeg")


def do(client: Client, report: Report, action: str, **typed: Any) -> Any:
    return client.post(reverse("desk:sent_act", args=[report.public_id, action]), typed, headers=TOLD)


# --- the form ---------------------------------------------------------------------------------


def test_a_letter_goes_out_and_its_writer_lands_on_it(north, people, catalogue):
    assert north.get(NEW).status_code == 200
    response = north.post(NEW, form())
    report = Report.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, page(report))
    assert (report.sender_entity, report.entity, report.channel) == (
        catalogue.north,
        catalogue.water,
        "letter",
    )
    assert (report.letter_number, report.letter_date) == ("1447/٨٨", timezone.localdate())
    assert (report.title, report.text, report.answers) == ("تنسيق حفريات", TEXT, {"since": "week"})
    assert report.events.get().actor == people.coordinator
    body = north.get(page(report)).content.decode()
    assert report.reference in body
    assert "شركة المياه" in body


def test_pressing_twice_is_one_letter(north):
    given = form()
    first, second = north.post(NEW, given), north.post(NEW, {**given, "text": f"{TEXT} وأكثر."})
    assert first.headers["Location"] == second.headers["Location"]
    assert Report.objects.get().text == TEXT


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"number": ""}, "number"),
        ({"place": ""}, "place"),
        ({"text": "قصير"}, "text"),
        ({"service": "", "asked_for": ""}, "service"),
        ({"day": "31-31"}, "day"),
        ({"to": "municipality.north"}, "to"),
        ({"answers-since": ""}, "answers-since"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(north, wrong, at):
    response = north.post(NEW, form(**wrong))
    assert response.status_code == 422
    assert list(response.context["errors"]) == [at]
    body = response.content.decode()
    assert f'href="#{at}"' in body
    assert 'value="تنسيق حفريات"' in body
    assert ("قصير" if at == "text" else TEXT) in body
    assert Report.objects.count() == 0


def test_all_that_is_wrong_comes_in_one_answer_in_the_order_of_the_form(north, folder):
    wrong = {"place": "", "text": "", "number": "", "day": "31-31", "to": "municipality.north"}
    response = north.post(NEW, {**form(**wrong), "files": [SimpleUploadedFile("a.exe", b"MZ")]})
    assert list(response.context["errors"]) == ["place", "text", "to", "number", "day", "files"]
    # Of questions that were on no screen yet nothing is said but themselves.
    response = north.post(NEW, form(asked_for="", text="", **{"answers-since": ""}))
    assert (list(response.context["errors"]), response.context["unseen"]) == (["text"], True)
    assert Report.objects.count() == 0


def test_files_stay_while_the_form_is_mended_and_may_be_left_out(north, folder):
    given = form(number="")
    response = north.post(NEW, {**given, "files": [picture("a.jpg"), picture("b.jpg")]})
    assert response.status_code == 422
    kept = [row.name for row in response.context["kept_files"]]
    assert kept == ["a.jpg", "b.jpg"]
    left_out = str(response.context["kept_files"][0].public_id)
    assert north.post(NEW, {**given, "number": "7", "drop": left_out}).status_code == 302
    report = Report.objects.get()
    assert [row.name for row in report.attachments.all()] == ["b.jpg"]
    assert Attachment.objects.filter(report=None).count() == 0


def test_the_questions_of_a_service_are_shown_before_it_is_sent(north):
    response = north.post(NEW, form(asked_for=""))
    assert (response.status_code, response.context["unseen"]) == (200, True)
    assert Report.objects.count() == 0
    part = north.post(NEW, form(do="choose"), headers={"HX-Request": "true"}).content.decode()
    assert "منذ متى؟" in part
    assert "<html" not in part


def test_confidential_services_are_offered_to_the_named_alone(north, client_of, people):
    def offered(client):
        return {one.code for rows in client.get(NEW).context["services"].values() for one in rows}

    assert "abuse" not in offered(north)
    assert "abuse" in offered(client_of(people.grantee))
    response = north.post(NEW, form(service="abuse", asked_for="abuse"))
    assert (response.status_code, list(response.context["errors"])) == (422, ["service"])


def test_nobody_writes_in_the_name_of_an_entity_that_is_not_theirs(north):
    for sender in ("water", "nowhere"):
        given = form(sender=sender, to="municipality")
        assert north.post(NEW, given, headers=TOLD).status_code == 403
    assert Report.objects.count() == 0


# --- who finds it -----------------------------------------------------------------------------


def test_those_who_send_for_an_entity_find_it_and_others_find_no_door(client_of, people, catalogue, sent):
    third = factories.person("coordinator", catalogue.emirate, username="third")
    expected = {
        # (the list, the report)
        "coordinator": (200, 200),
        "leader": (200, 200),
        "coordinator3": (200, 200),
        # The entity that has it reads it in the queue.
        "coordinator2": (200, 404),
        third.username: (200, 404),
        "specialist": (403, 403),
        "specialist2": (403, 403),
        "supervisor": (403, 403),
        "emirate": (403, 403),
        "auditor": (403, 403),
        "agent": (403, 403),
        "admin": (403, 403),
    }
    for login, codes in expected.items():
        client = client_of(User.objects.get(username=login))
        listed = client.get(LIST, headers=TOLD)
        assert (listed.status_code, client.get(page(sent), headers=TOLD).status_code) == codes, login
        assert (sent.reference in listed.content.decode()) is (codes == (200, 200)), login
        assert (sent.reference in client.get("/admin/queue/?view=all").content.decode()) is (
            login in ("coordinator2", "supervisor", "emirate", "auditor")
        ), login
    missing = client_of(third).get(reverse("desk:sent_report", args=[uuid.uuid4()]))
    hidden = client_of(third).get(page(sent))
    assert missing.content == hidden.content


def test_counts_views_and_filters_tell_of_what_was_sent_alone(north, client_of, people, catalogue, sent):
    factories.submitted_report()
    other = factories.letter(
        people.leader, sender="municipality.north", to="municipality", number="55", service="leak", answers={}
    )
    lead = StaffActor(people.coordinator2)
    actions.ask_sender(sent.pk, actor=lead, version=1, text="أي شارع؟")

    def listed(query: str = "") -> list[Report]:
        return [row.report for row in north.get(LIST + query).context["rows"]]

    assert listed() == [other, sent]
    counts = {tab["code"]: tab["count"] for tab in north.get(LIST).context["tabs"]}
    assert counts == {"all": "2", "reply": "1", "answered": "0", "open": "2", "late": "0", "ended": "0"}
    assert listed("?view=reply") == [sent]
    assert listed("?entity=water") == [sent]
    assert listed("?service=leak") == [other]
    assert listed("?q=55") == [other]
    assert listed(f"?q={sent.reference.lower()}") == [sent]
    assert listed("?q=%00nothing") == []
    # Several senders: the parent's coordinator chooses among them.
    above = client_of(people.coordinator3)
    assert [row.report for row in above.get(f"{LIST}?sender=municipality").context["rows"]] == []
    # The two sides lead to each other.
    assert 'href="/admin/sent/"' in north.get("/admin/queue/").content.decode()
    assert "/admin/sent/" not in client_of(people.specialist).get("/admin/queue/").content.decode()


def test_the_list_costs_the_same_however_long_it_is(north, people, sent):
    north.get(LIST)
    spent = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            response = north.get(LIST)
        spent.append(len(captured))
        for _n in range(6):
            factories.letter(people.coordinator, sender="municipality.north", to="water")
    assert len(response.context["rows"]) == 7
    ours = [q["sql"] for q in captured if "reports_report" in q["sql"] or "catalogueversion" in q["sql"]]
    # The catalogue's stamp, all counts in one, the page.
    assert len(ours) == 3
    assert spent[0] == spent[1]


# --- one report, from both sides --------------------------------------------------------------


def test_the_two_sides_read_the_same_conversation_and_only_one_reads_the_notes(
    north, client_of, people, sent
):
    lead = StaffActor(people.coordinator2)
    actions.note(sent.pk, actor=lead, text="ملاحظة داخلية بيننا.")
    actions.ask_sender(sent.pk, actor=lead, version=1, text="أي شارع بالضبط؟")
    assert do(north, sent, "write", text="شارع الكوثر شمالًا.").status_code == 302
    theirs = north.get(page(sent)).content.decode()
    ours = client_of(people.coordinator2).get(reverse("desk:report", args=[sent.public_id])).content.decode()
    for said in ("أي شارع بالضبط؟", "شارع الكوثر شمالًا."):
        assert said in theirs
        assert said in ours
    assert "ملاحظة داخلية" in ours
    assert "ملاحظة داخلية" not in theirs
    # Whose letter it is, to who has it; which of its people wrote, to those alone.
    assert "1447/88" in ours
    assert "البلدية الشمالية" in ours
    assert people.coordinator.name not in ours
    assert people.coordinator.name in theirs
    assert people.coordinator2.name not in re.sub(r"<header.*?</header>", "", theirs, flags=re.S).replace(
        people.coordinator2.username, ""
    )


def test_a_senders_actions_are_done_by_its_people_and_recorded_with_their_names(
    north, client_of, people, sent
):
    lead = StaffActor(people.coordinator2)
    assert do(north, sent, "write", text="معلومة أخرى.").status_code == 302
    actions.answer(sent.pk, actor=lead, version=1, text="عولج العطل اليوم.")
    leader = client_of(people.leader)
    assert do(leader, sent, "accept", score="4", text="شكرًا").status_code == 302
    report = Report.objects.get(pk=sent.pk)
    assert report.state == "closed"
    assert [(e.code, e.actor.username) for e in report.events.filter(actor_kind="sender")] == [
        ("submit", "coordinator"),
        ("add_information", "coordinator"),
        ("accept", "leader"),
        ("rate", "leader"),
    ]
    refused = do(north, sent, "reopen", text="")
    assert refused.status_code == 422
    assert do(north, sent, "reopen", text="لم يُعالج بعد.").status_code == 302
    assert Report.objects.get(pk=sent.pk).state == "with_entity"
    late = do(north, sent, "accept", text="كلمة لا تضيع")
    assert late.status_code == 422
    assert "كلمة لا تضيع" in late.content.decode()
    assert do(north, sent, "withdraw", text="").status_code == 302
    assert Report.objects.get(pk=sent.pk).state == "withdrawn"


def test_an_appeal_is_the_entitys_too(north, people, sent):
    factories.ReasonFactory(used_for="reject", code="private_dispute")
    actions.reject(
        sent.pk, actor=StaffActor(people.coordinator2), version=1, reason="private_dispute", text="لا يخصنا."
    )
    assert "لا يخصنا." in north.get(page(sent)).content.decode()
    assert do(north, sent, "appeal", text="بل يخصكم بحكم النظام.").status_code == 302
    assert Report.objects.get(pk=sent.pk).state == "received"


@pytest.mark.parametrize("action", ["write", "accept", "rate", "reopen", "appeal", "withdraw"])
def test_who_does_not_send_for_it_does_nothing_with_it(client_of, people, sent, action):
    events = sent.events.count()
    for user, code in ((people.coordinator2, 404), (people.specialist, 403), (people.supervisor, 403)):
        assert do(client_of(user), sent, action, text="محاولة من غير أهلها", score="3").status_code == code
    assert Report.objects.get(pk=sent.pk).events.count() == events


def test_no_other_action_is_open_by_this_door(north, people, sent):
    for action in ("answer", "note", "assign", "sender_reply", "nothing"):
        assert do(north, sent, action, text="نص كاف لأي إجراء").status_code == 404
    assert sent.events.count() == 1


def test_its_files_are_handed_to_both_sides_and_to_no_third(north, client_of, people, catalogue, folder):
    north.post(NEW, form(files=[picture("plan.jpg")]))
    report = Report.objects.get()
    row = report.attachments.get()
    ours, theirs = (reverse(name, args=[row.public_id]) for name in ("desk:sent_file", "desk:file"))
    assert ours in north.get(page(report)).content.decode()
    signed = north.get(ours)
    assert (signed.status_code, north.get(signed.headers["Location"]).status_code) == (302, 200)
    assert north.get(theirs).status_code == 404
    receiver = client_of(people.coordinator2)
    assert (receiver.get(theirs).status_code, receiver.get(ours).status_code) == (302, 404)
    third = client_of(factories.person("coordinator", catalogue.emirate, username="third"))
    assert (third.get(ours).status_code, third.get(theirs).status_code) == (404, 404)
    # The link ends with the right.
    people.coordinator.memberships.update(valid_until=timezone.now())
    assert Client().get(signed.headers["Location"]).status_code == 404


def test_its_parts_are_read_one_by_one(north, people, sent):
    parts = factories.split_report(sent, people.supervisor, "water", "municipality")
    whole = north.get(page(sent)).content.decode()
    assert all(page(part) in whole for part in parts)
    assert [row.report for row in north.get(LIST).context["rows"]] == [sent]
    actions.ask_sender(parts[1].pk, actor=StaffActor(people.coordinator3), version=1, text="ما المطلوب؟")
    assert [row.report for row in north.get(f"{LIST}?view=reply").context["rows"]] == [sent]
    assert do(north, parts[1], "write", text="المطلوب كذا.").status_code == 302
    assert page(sent) in north.get(page(parts[1])).content.decode()


def test_a_confidential_one_is_opened_by_the_named_and_audited(client_of, people):
    report = factories.letter(people.grantee, service="abuse", to="municipality", answers={})
    assert client_of(people.coordinator2).get(page(report)).status_code == 404
    assert client_of(people.grantee).get(page(report)).status_code == 200
    seen = AuditEvent.objects.filter(code="confidential_view", subject=f"report:{report.pk}")
    assert [event.actor for event in seen] == [people.grantee]


def test_the_leader_writes_and_reads_in_english(client_of, people, sent):
    client = client_of(people.leader)
    from wagtail.users.models import UserProfile

    UserProfile.objects.update_or_create(user=people.leader, defaults={"preferred_language": "en"})
    for address in (LIST, NEW, page(sent)):
        body = client.get(address).content.decode()
        main = body[body.index('class="sawt"') :]
        ours = re.sub(
            r"<(option|optgroup|textarea)[^>]*>.*?</\1>|<bdi.*?</bdi>|dir=\"auto\".*?</", "", main, flags=re.S
        )
        assert 'lang="en"' in body
        assert "Sent by us" in body
        for word in ("الجهة", "خطاب", "أُرسل"):
            assert word not in ours, address


def test_the_first_page_says_what_came_back(north, client_of, people, sent):
    home = "/admin/"
    assert "/admin/sent/?view=" not in north.get(home).content.decode()
    actions.ask_sender(sent.pk, actor=StaffActor(people.coordinator2), version=1, text="أي شارع؟")
    body = north.get(home).content.decode()
    assert 'href="/admin/sent/?view=reply"' in body
    assert 'href="/admin/sent/?view=answered"' not in body
    assert "/admin/sent/?view=" not in client_of(people.coordinator2).get(home).content.decode()
    assert "/admin/sent/?view=" not in client_of(people.supervisor).get(home).content.decode()


def test_the_sending_entity_gets_no_text_message(people, sent):
    from cms.outbox.models import Effect

    actions.answer(sent.pk, actor=StaffActor(people.coordinator2), version=1, text="عولج العطل اليوم.")
    assert not Effect.objects.filter(kind="sender_sms").exists()
    assert EntitySender(people.coordinator).who == "sender"
