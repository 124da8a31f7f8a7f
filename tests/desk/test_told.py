"""What the screens tell: what came back and why, who reads what, and nothing that cannot be done."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.users.models import UserProfile

from cms.entities.models import Membership
from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.happened import HAPPENED
from cms.reports.workflow import TRANSITIONS
from tests import factories

pytestmark = pytest.mark.django_db


def page(report):
    return reverse("desk:report", args=[report.public_id])


def door(report, action):
    return reverse("desk:act", args=[report.public_id, action])


def in_english(user):
    UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": "en"})
    return user


def news(client, query=""):
    return [row.news for row in client.get(reverse("desk:queue") + query).context["rows"]]


@pytest.fixture
def sent_back(people, report_in):
    factories.ReasonFactory(code="unclear", used_for="send_back", label_ar="غير واضح", label_en="Not clear")
    report = report_in("reply_drafted")
    actions.send_back(
        report.pk,
        actor=StaffActor(people.coordinator),
        reason="unclear",
        text="متى أُصلح العمود؟",
        version=report.version,
    )
    report.refresh_from_db()
    return report


def test_a_reason_that_is_asked_for_is_marked_beside_a_text_that_may_stay_empty(client_of, people, report_in):
    body = client_of(in_english(people.coordinator)).get(page(report_in("reply_drafted"))).content.decode()
    form = body[body.index('data-action="send_back"') :]
    form = form[: form.index("</form>")]
    assert re.search(
        r'<label for="send_back-reason">Reason <span class="muted">\(required\)</span></label>', form
    )
    assert re.search(r'<label for="send_back-text">[^<]*</label>', form)


def test_a_draft_that_came_back_says_so_in_the_list_and_beside_the_form(client_of, people, sent_back):
    client = client_of(in_english(people.specialist))
    assert news(client) == ["Sent back to the specialist"]
    assert "Sent back to the specialist" in client.get("/admin/").content.decode()
    body = client.get(page(sent_back)).content.decode()
    remark = body[body.index('id="act-draft_reply"') :]
    remark = remark[: remark.index("<form")]
    assert "Coordinator sent the draft back" in remark
    assert "Not clear" in remark
    assert "متى أُصلح العمود؟" in remark


def test_the_remark_is_gone_once_another_draft_is_handed_in(client_of, people, sent_back):
    actions.draft_reply(
        sent_back.pk, actor=StaffActor(people.specialist), text="أُصلح أمس.", version=sent_back.version
    )
    assert client_of(people.coordinator).get(page(sent_back)).context["sent_back"] is None
    assert news(client_of(people.coordinator), "?view=approve") == [""]


def test_the_senders_reply_is_news(client_of, people, report_in):
    report = report_in("awaiting_sender")
    actions.sender_reply(report.pk, actor=factories.as_sender(report), text="العمود الثالث.")
    assert news(client_of(in_english(people.specialist))) == ["The sender replied"]


def test_the_hint_to_an_interim_reply_stands_where_one_can_be_written(client_of, people):
    report = factories.submitted_report(service="abuse", answers={}, contact=None)
    client = client_of(in_english(people.triage_confidential))
    if report.entity_id:
        client = client_of(in_english(people.grantee))
    working = client.get(page(report))
    assert "update_sender" in {panel["spec"].action for panel in working.context["panels"]}
    assert "Write an interim reply" in working.content.decode()


def test_and_not_where_none_can(client_of, people, catalogue):
    report = factories.submitted_report(service="thanks", place="town", answers={}, contact=None)
    actions.acknowledge(report.pk, actor=StaffActor(people.coordinator3), text="", version=report.version)
    body = client_of(in_english(people.coordinator3)).get(page(report)).content.decode()
    assert "Write an interim reply" not in body
    assert "only when tracking the report" in body


def test_the_history_says_what_happened_and_the_buttons_what_one_may_do(client_of, people, report_in):
    report = report_in("reply_drafted")
    response = client_of(in_english(people.coordinator)).get(page(report))
    assert [line.label for line in response.context["timeline"]] == [
        "Reply drafted",
        "Work started",
        "Assigned",
        "Submitted",
    ]
    assert "Send the official reply" in response.content.decode()


def test_each_step_that_people_take_has_a_word_for_afterwards():
    called_alike = {"auto_close", "auto_expire", "directive_done"}
    assert set(TRANSITIONS) - called_alike == set(HAPPENED)


def test_next_and_previous_point_where_reading_goes(client_of, people, report):
    def arrows(user):
        body = client_of(user).get(page(report)).content.decode()
        nav = body[body.index("data-neighbours") :]
        return re.findall(r"#icon-arrow-(\w+)", nav[: nav.index("</nav>")])

    # Named for English; the sprite's own class turns both around where the page is read from the right.
    assert arrows(people.coordinator) == ["left", "right"]
    assert arrows(in_english(people.coordinator)) == ["left", "right"]
    sprite = client_of(people.coordinator).get("/admin/sprite/").content.decode()
    for name in ("left", "right"):
        assert re.search(rf'id="icon-arrow-{name}" class="icon--directional"', sprite)


def test_the_legend_names_only_keys_that_do_something(client_of, people, report_in):
    report_in("assigned")
    legend = {}
    for user in (people.coordinator, people.specialist):
        body = client_of(user).get(reverse("desk:queue") + "?view=open").content.decode()
        legend[user] = set(re.findall(r"<kbd>(\w+)</kbd>", body))
    assert {"A", "R", "J"} <= legend[people.coordinator]
    assert not {"A", "R"} & legend[people.specialist]
    assert "J" in legend[people.specialist]


def test_a_mistyped_number_is_told_to_staff_in_their_words(client_of, people, report):
    wrong = report.reference[:-1] + ("A" if report.reference[-1] != "A" else "B")
    client = client_of(in_english(people.coordinator))
    typo = client.get(reverse("desk:queue"), {"q": wrong}).content.decode()
    assert "Compare it with what the sender gave you." in typo
    other = client.get(reverse("desk:queue"), {"q": "hello"}).content.decode()
    assert "This is not a report number." in other


def test_a_conflict_tells_time_as_the_page_does(client_of, people, report_in):
    report = report_in("assigned")
    stale = report.version
    actions.start(report.pk, actor=StaffActor(people.specialist), version=stale)
    response = client_of(in_english(people.coordinator)).post(
        door(report, "answer"), {"version": stale, "text": "تم."}
    )
    assert response.status_code == 409
    assert re.fullmatch(
        r"Specialist, Today \d{1,2}:\d\d (am|pm): Work started\.", response.context["conflict"]
    )


def test_ones_own_other_window_is_told_as_ones_own_and_the_page_is_whole(client_of, people, report_in):
    # given a coordinator with the report open in two windows, who acted in one of them
    report = report_in("assigned")
    stale = report.version
    actions.start(report.pk, actor=StaffActor(people.coordinator), version=stale)
    # when they act in the other
    client = client_of(in_english(people.coordinator))
    factories.ReasonFactory(code="call", used_for="reveal")
    response = client.post(door(report, "answer"), {"version": stale, "text": "Done."})
    # then nobody else is said to have come before them, and the page offers all that it offers otherwise
    body = response.content.decode()
    assert response.status_code == 409
    assert "You acted on this report yourself meanwhile, in another window" in body
    assert "Somebody acted on this report before you" not in body
    assert reverse("desk:reveal", args=[report.public_id]) in body


@pytest.mark.parametrize("how", ["conflict", "refused", "template"])
def test_a_page_that_comes_back_has_every_part_of_one_that_is_opened(client_of, people, report_in, how):
    # given a report beside another of its kind, which a colleague reads too
    report, near = report_in("assigned"), factories.submitted_report()
    factories.ReplyTemplateFactory(code="done", for_action="answer", text_ar="أصلحنا العمود.")
    factories.ReasonFactory(code="call", used_for="reveal")
    client_of(people.coordinator3).post(reverse("desk:presence", args=[report.public_id]))
    client = client_of(people.coordinator)
    opened = client.get(page(report)).context
    # when the page comes back with what was typed
    data = {
        "conflict": {"version": report.version - 1, "text": "تم."},
        "refused": {"version": report.version, "text": ""},
        "template": {"version": report.version, "text": "", "template": "done", "insert": "1"},
    }[how]
    response = client.post(door(report, "answer"), data)
    # then nothing is missing from it
    assert response.status_code == {"conflict": 409, "refused": 422, "template": 200}[how]
    assert [row.report.pk for row in response.context["near"]] == [near.pk]
    assert people.coordinator3.name in response.context["reading"]
    assert response.context["reveal_form"] is not None
    assert set(opened.keys()) <= set(response.context.keys())


def test_a_wrong_field_is_marked(client_of, people, report):
    body = (
        client_of(people.coordinator)
        .post(door(report, "reject"), {"version": report.version, "reason": ""})
        .content.decode()
    )
    form = body[body.index('data-action="reject"') :]
    form = form[: form.index("</form>")]
    assert 'class="field wrong"' in form
    assert '<fieldset aria-invalid="true" aria-describedby="reject-reason_error">' in form
    assert 'id="reject-reason_error"' in form


def test_a_note_in_triage_names_its_readers(client_of, people, report_in):
    def help_of(user, report):
        form = client_of(in_english(user)).get(page(report)).context["note_form"]
        return str(form.fields["text"].help_text)

    assert help_of(people.supervisor, report_in("received")).startswith("Those who triage read it")
    assert help_of(people.coordinator, report_in("assigned")).startswith("The sender does not read it")


def test_a_reopened_report_is_offered_to_who_had_it(client_of, people, report_in):
    # given an entity of two specialists, and a report that its sender reopened
    report = report_in("answered")
    report = actions.reopen(report.pk, actor=factories.as_sender(report), text="ما زال.")
    assert (report.state, report.responsible_id) == ("with_entity", None)
    # when the coordinator opens it
    form = client_of(in_english(people.coordinator)).get(page(report)).context["panels"][0]["form"]
    # then whoever drafted the first reply is chosen already, and it says why
    assert form.spec.action == "assign"
    assert len(form.fields["responsible"].choices) == 2
    assert form["responsible"].value() == people.specialist.pk
    assert form.fields["responsible"].help_text == "Specialist had it before."
    # and while they are away nobody is
    Membership.objects.filter(person=people.specialist).update(
        absent_from=timezone.now() - timedelta(days=1), absent_until=timezone.now() + timedelta(days=1)
    )
    form = client_of(people.coordinator).get(page(report)).context["panels"][0]["form"]
    assert form["responsible"].value() is None
    assert form.fields["responsible"].help_text == ""


def test_a_new_report_is_offered_to_nobody(client_of, people, report):
    form = client_of(people.coordinator).get(page(report)).context["panels"][0]["form"]
    assert form.spec.action == "assign"
    assert form["responsible"].value() is None
