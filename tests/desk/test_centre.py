"""The contact centre's screen: one form, the same action as every door, and no more than was entered."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms.desk.centre import calls
from cms.entities.models import Membership, Privacy
from cms.outbox.models import Effect
from cms.reports.encryption import decrypt
from cms.reports.models import Report, Sender
from cms.reports.secrets import secret_for
from permissions.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db

CENTRE, DONE, ENTERED = "/admin/centre/", "/admin/centre/done/", "/admin/centre/entered/"
TEXT = "عمود الإنارة أمام المسجد مطفأ منذ أسبوع."
PHONE, E164 = "0551234567", "+966551234567"


@pytest.fixture
def agent(client_of, people):
    return client_of(people.agent)


@pytest.fixture
def other_agent(db, people):
    return factories.person("agent", username="agent2", name_en="Agent Two")


def key_of(client):
    return client.get(CENTRE).context["typed"].key


def form(key, **fields):
    """What the screen sends for a lamp: every field that a browser would."""
    return {
        "key": key,
        "do": "submit",
        "channel": "phone",
        "service": "lamp",
        "asked_for": "lamp",
        "seen": ["since"],
        "answers-since": "week",
        "place": "town.safra",
        "text": TEXT,
        "phone": PHONE,
        "language": "ar",
        **fields,
    }


def enter(client, **fields):
    """The report that this agent has just entered."""
    response = client.post(CENTRE, form(key_of(client), **fields))
    assert (response.status_code, response.headers["Location"]) == (302, DONE)
    return Report.objects.order_by("-pk")[0]


def code_sent_to(number):
    """The last code on its way to this number."""
    row = Effect.objects.filter(kind="one_time_code", payload__phone=number).order_by("-pk")[0]
    return decrypt(row.payload["code"])


def confirm(client, key, phone=PHONE, **fields):
    """Have a code sent and read it out; the last response."""
    client.post(CENTRE, form(key, do="send_code", phone=phone, **fields))
    return client.post(CENTRE, form(key, do="check_code", phone=phone, code=code_sent_to(E164), **fields))


def test_a_report_is_entered_for_a_caller(agent, people, catalogue):
    report = enter(agent, name="سارة", category="resident")

    assert (report.entered_by, report.channel, report.language) == (people.agent, "phone", "ar")
    assert (report.service.code, report.place.code, report.entity) == ("lamp", "town.safra", catalogue.north)
    assert (report.text, report.answers) == (TEXT, {"since": "week"})
    assert (report.sender.phone, report.sender.name, report.sender_kind) == (E164, "سارة", "resident")
    # Told, not proved.
    assert report.sender.phone_verified_at is None
    event = report.events.get()
    assert (event.code, event.actor_kind, event.actor) == ("submit", "staff", people.agent)


@pytest.mark.parametrize("channel", ["counter", "kiosk"])
def test_how_they_came_is_recorded_and_stays_for_the_next(agent, channel):
    report = enter(agent, channel=channel)
    assert (report.channel, report.events.get().data["channel"]) == (channel, channel)
    assert agent.get(CENTRE).context["typed"].channel == channel


@pytest.mark.parametrize("channel", ["web", "app", "api", "", "x"])
def test_a_door_that_is_not_an_agents_is_a_call(agent, channel):
    assert enter(agent, channel=channel).channel == "phone"


def test_number_and_secret_are_read_out_until_the_next_report_begins(agent):
    report = enter(agent)
    body = agent.get(DONE).content.decode()
    secret = secret_for(report.public_id, report.secret_version)
    assert report.reference in body
    assert secret in body
    # A reload still shows it, the next screen ends it.
    assert secret in agent.get(DONE).content.decode()
    agent.get(CENTRE)
    response = agent.get(DONE)
    assert (response.status_code, response.headers["Location"]) == (302, CENTRE)


def test_the_secret_is_not_shown_after_half_an_hour(agent):
    enter(agent)
    session = agent.session
    session[calls.SENT] |= {"since": (timezone.now() - timedelta(minutes=31)).isoformat()}
    session.save()
    assert agent.get(DONE).headers["Location"] == CENTRE


def test_a_second_press_finds_what_the_first_has_made(agent):
    key = key_of(agent)
    for _press in range(2):
        assert agent.post(CENTRE, form(key)).headers["Location"] == DONE
    assert Report.objects.count() == 1
    assert agent.get(DONE).context["changed"] is False


def test_what_was_changed_after_it_arrived_is_not_in_it_and_said_so(agent):
    key = key_of(agent)
    agent.post(CENTRE, form(key))
    agent.post(CENTRE, form(key, text="نص آخر غير الأول تمامًا."))
    assert Report.objects.get().text == TEXT
    assert agent.get(DONE).context["changed"] is True


def test_two_screens_make_two_reports(agent):
    assert enter(agent).pk != enter(agent).pk


def test_a_refusal_keeps_all_that_was_typed_and_stores_nothing(agent):
    given = form(key_of(agent), text="قصير", place="", phone="12", name="سارة", address="عند المسجد")
    response = agent.post(CENTRE, given)
    assert response.status_code == 422
    assert set(response.context["errors"]) == {"text", "place", "phone"}
    typed = response.context["typed"]
    assert (typed.text, typed.phone, typed.name, typed.address) == ("قصير", "12", "سارة", "عند المسجد")
    assert typed.answers == {"since": "week"}
    assert (Report.objects.count(), Sender.objects.count(), Effect.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("missing", "field"),
    [
        ({"service": ""}, "service"),
        ({"place": ""}, "place"),
        ({"text": ""}, "text"),
        ({"phone": ""}, "phone"),
        ({"answers-since": ""}, "answers-since"),
    ],
)
def test_what_is_missing_is_named_at_its_field(agent, missing, field):
    response = agent.post(CENTRE, form(key_of(agent), **missing))
    assert list(response.context["errors"]) == [field]
    assert response.context["focus"] == field
    assert Report.objects.count() == 0


def test_services_are_found_as_one_types(agent):
    given = form(key_of(agent), do="find", q="لمبه الشارع", service="", asked_for="")
    part = agent.post(CENTRE, given, headers={"HX-Request": "true"})
    assert [row.code for row in part.context["services"]] == ["lamp", "other"]
    body = part.content.decode()
    assert 'value="lamp"' in body
    assert "<html" not in body
    # Without script the same press brings the whole screen, with all that was typed.
    whole = agent.post(CENTRE, given)
    assert [row.code for row in whole.context["services"]] == ["lamp", "other"]
    assert "<html" in whole.content.decode()
    assert TEXT in whole.content.decode()
    assert Report.objects.count() == 0


def test_the_chosen_service_brings_its_questions_and_its_emergency_number(agent):
    given = form(key_of(agent), do="choose", service="leak")
    body = agent.post(CENTRE, given, headers={"HX-Request": "true"}).content.decode()
    assert 'id="emergency" role="alert" hx-swap-oob="true"' in body
    assert ">911<" in body
    assert 'name="asked_for" value="leak"' in body
    body = agent.post(
        CENTRE, form(key_of(agent), do="choose"), headers={"HX-Request": "true"}
    ).content.decode()
    assert ">911<" not in body
    assert body.count('name="answers-since"') == 2


def test_the_emergency_number_stands_before_the_questions(agent):
    body = agent.post(CENTRE, form(key_of(agent), do="find", service="leak")).content.decode()
    assert body.index(">911<") < body.index('id="q"') < body.index('name="place"')


def test_nothing_is_sent_before_the_service_has_asked(agent, catalogue):
    """Without script the service is chosen on the very screen that is sent."""
    key = key_of(agent)
    response = agent.post(CENTRE, form(key, asked_for="", seen=[], service="leak"))
    assert response.status_code == 200
    assert Report.objects.count() == 0
    assert ">911<" in response.content.decode()
    # On the next press it has been seen.
    assert agent.post(CENTRE, form(key, asked_for="leak", seen=[], service="leak")).status_code == 302
    assert Report.objects.get().entity == catalogue.water


def test_a_question_that_an_answer_leads_to_is_seen_first(agent, catalogue):
    factories.IntakeQuestionFactory(
        service=catalogue.lamp, code="pole", order=9999, show_when={"question": "since", "equals": "week"}
    )
    key = key_of(agent)
    response = agent.post(CENTRE, form(key))
    assert (response.status_code, response.context["unseen"]) == (200, {"pole"})
    assert Report.objects.count() == 0
    agent.post(CENTRE, form(key, **{"seen": ["since", "pole"], "answers-pole": "12"}))
    assert Report.objects.get().answers == {"since": "week", "pole": "12"}


def test_an_identity_is_asked_for_only_where_the_service_asks(agent, catalogue):
    catalogue.leak.requires_national_id = True
    catalogue.leak.save()
    assert 'name="national_id"' not in agent.post(CENTRE, form(key_of(agent), do="find")).content.decode()
    key = key_of(agent)
    given = form(key, service="leak", asked_for="leak", seen=[])
    response = agent.post(CENTRE, given)
    assert list(response.context["errors"]) == ["national_id"]
    agent.post(CENTRE, given | {"national_id": "1000000008"})
    assert decrypt(Report.objects.get().sender.national_id_encrypted) == "1000000008"
    # What a field of another service still held is not kept.
    assert enter(agent, national_id="1000000008").sender.national_id_encrypted == ""


def test_who_gives_no_name_is_not_stored_where_the_service_allows_it(agent):
    fields = {"service": "thanks", "asked_for": "thanks", "seen": [], "anonymous": "1", "name": "سارة"}
    report = enter(agent, **fields)
    assert (report.sender, report.sender_kind) == (None, "")
    assert Sender.objects.count() == 0


def test_elsewhere_the_tick_says_nothing(agent):
    response = agent.post(CENTRE, form(key_of(agent), anonymous="1", phone=""))
    assert list(response.context["errors"]) == ["phone"]
    assert enter(agent, anonymous="1").sender.phone == E164


def test_neither_number_nor_tick_is_refused(agent):
    given = form(key_of(agent), service="thanks", asked_for="thanks", seen=[], phone="")
    assert list(agent.post(CENTRE, given).context["errors"]) == ["phone"]
    assert Report.objects.count() == 0


# --- the caller's number ----------------------------------------------------------------------


def test_a_confirmed_number_makes_the_report_its_senders(agent, people):
    key = key_of(agent)
    response = confirm(agent, key)
    sender = Sender.objects.get(phone=E164)
    assert response.context["sender"] == sender
    agent.post(CENTRE, form(key, confirmed="1", phone="0550000000"))
    # The number that was proved, whatever a field says.
    assert Report.objects.get().sender == sender
    assert sender.phone_verified_at is not None


def test_earlier_reports_show_number_and_state_after_the_code_alone(agent, people):
    sender = factories.SenderFactory(phone=E164)
    earlier = factories.submitted_report(sender=sender, title="عنوان خاص", text="نص لا يراه الموظف هنا.")
    secret_one = factories.submitted_report(sender=sender, service="abuse", answers={})
    foreign = factories.submitted_report()
    key = key_of(agent)
    before = agent.post(CENTRE, form(key, do="send_code")).content.decode()
    assert earlier.reference not in before

    response = agent.post(CENTRE, form(key, do="check_code", code=code_sent_to(E164)))

    body = response.content.decode()
    assert [line.report for line in response.context["earlier"].lines] == [earlier]
    assert earlier.reference in body
    assert "محال إلى الجهة" in body
    for hidden in ("عنوان خاص", "نص لا يراه", secret_one.reference, foreign.reference, "نورة"):
        assert hidden not in body
    event = AuditEvent.objects.get(code="caller_confirmed")
    assert (event.actor, event.subject) == (people.agent, f"sender:{sender.pk}")


def test_earlier_reports_end_with_the_screen(agent):
    earlier = factories.submitted_report(sender=factories.SenderFactory(phone=E164))
    key = key_of(agent)
    confirm(agent, key)
    assert earlier.reference in agent.post(CENTRE, form(key, do="find")).content.decode()
    # The next call, and the old screen sent once more.
    assert earlier.reference not in agent.get(CENTRE).content.decode()
    assert earlier.reference not in agent.post(CENTRE, form(key, do="find")).content.decode()


def test_they_end_when_the_report_is_sent_and_after_half_an_hour(agent):
    earlier = factories.submitted_report(sender=factories.SenderFactory(phone=E164))
    key = key_of(agent)
    confirm(agent, key)
    session = agent.session
    session[calls.CALL] |= {"since": (timezone.now() - timedelta(minutes=31)).isoformat()}
    session.save()
    response = agent.post(CENTRE, form(key, confirmed="1"))
    # Nobody's report is sent as if the proof still held.
    assert list(response.context["errors"]) == ["phone"]
    assert Report.objects.count() == 1
    assert earlier.reference not in response.content.decode()

    key = key_of(agent)
    confirm(agent, key)
    agent.post(CENTRE, form(key, confirmed="1"))
    assert Report.objects.count() == 2
    assert earlier.reference not in agent.post(CENTRE, form(key, do="find")).content.decode()


def test_the_code_of_one_screen_opens_nothing_on_another(agent):
    earlier = factories.submitted_report(sender=factories.SenderFactory(phone=E164))
    key = key_of(agent)
    confirm(agent, key)
    assert earlier.reference not in agent.post(CENTRE, form("0" * 32, do="find")).content.decode()


def test_a_wrong_code_opens_nothing(agent):
    earlier = factories.submitted_report(sender=factories.SenderFactory(phone=E164))
    key = key_of(agent)
    agent.post(CENTRE, form(key, do="send_code"))
    wrong = f"{(int(code_sent_to(E164)) + 1) % 1_000_000:06d}"
    response = agent.post(CENTRE, form(key, do="check_code", code=wrong))
    assert (response.status_code, list(response.context["errors"])) == (422, ["code"])
    assert response.context["sender"] is None
    assert earlier.reference not in response.content.decode()
    assert not AuditEvent.objects.filter(code="caller_confirmed").exists()


def test_a_number_that_may_have_a_new_owner_opens_no_earlier_report(agent):
    long_ago = timezone.now() - timedelta(days=181)
    sender = factories.SenderFactory(phone=E164, last_seen_at=long_ago)
    earlier = factories.submitted_report(sender=sender)
    Sender.objects.filter(pk=sender.pk).update(last_seen_at=long_ago)
    response = confirm(agent, key_of(agent))
    assert response.context["earlier"].lines == []
    assert earlier.reference not in response.content.decode()


def test_codes_are_limited_per_number_and_per_agent(agent, client_of, other_agent):
    key = key_of(agent)
    for _time in range(5):
        assert agent.post(CENTRE, form(key, do="send_code")).status_code == 200
    response = agent.post(CENTRE, form(key, do="send_code"))
    assert list(response.context["errors"]) == ["phone"]
    for last in range(5):
        agent.post(CENTRE, form(key, do="send_code", phone=f"055000000{last}"))
    response = agent.post(CENTRE, form(key, do="send_code", phone="0550000009"))
    assert list(response.context["errors"]) == ["phone"]
    assert Effect.objects.filter(kind="one_time_code").count() == 10
    # One agent's calls do not use up another's, who sits at the same address.
    second = client_of(other_agent)
    assert second.post(CENTRE, form(key_of(second), do="send_code", phone="0550000009")).status_code == 200


@pytest.mark.parametrize("phone", ["", "12", "0112345678", "+15555550100"])
def test_no_code_goes_to_what_is_no_number_of_ours(agent, phone):
    response = agent.post(CENTRE, form(key_of(agent), do="send_code", phone=phone))
    assert list(response.context["errors"]) == ["phone"]
    assert not Effect.objects.filter(kind="one_time_code").exists()


# --- what I entered ---------------------------------------------------------------------------


def references(response):
    return [row["line"].report.reference for row in response.context["rows"]]


def test_the_list_holds_what_i_entered_and_nothing_of_the_entity(agent, people, client_of, other_agent):
    mine = enter(agent, name="سارة")
    theirs = enter(client_of(other_agent))
    foreign = factories.submitted_report()
    done = factories.report_in(
        "reply_drafted", coordinator=people.coordinator, specialist=people.specialist, report=mine
    )

    response = agent.get(ENTERED)

    assert references(response) == [mine.reference]
    body = response.content.decode()
    # The sender's word for it: nobody outside knows of a draft.
    assert "قيد المعالجة" in body
    for hidden in (done.draft, TEXT, "سارة", E164[-7:], theirs.reference, foreign.reference, "البلدية"):
        assert hidden not in body
    assert references(client_of(other_agent).get(ENTERED)) == [theirs.reference]


def test_a_confidential_report_is_in_no_list(agent, people):
    report = enter(agent, service="abuse", asked_for="abuse", seen=[], anonymous="1")
    assert report.privacy == Privacy.CONFIDENTIAL
    assert report.reference in agent.get(DONE).content.decode()
    assert references(agent.get(ENTERED)) == []
    assert report.reference not in agent.get("/admin/").content.decode()


def test_a_part_is_its_wholes(agent, people):
    report = enter(agent)
    factories.split_report(report, people.coordinator)
    assert references(agent.get(ENTERED)) == [report.reference]


def test_the_list_is_paged_by_key(agent):
    made = [enter(agent).reference for _ in range(27)][::-1]
    first = agent.get(ENTERED)
    assert references(first) == made[:25]
    second = agent.get(ENTERED, {"after": first.context["following"]})
    assert references(second) == made[25:]
    assert references(agent.get(ENTERED, {"before": second.context["previous"]})) == made[:25]
    assert references(agent.get(ENTERED, {"after": "x"})) == made[:25]


def test_the_list_costs_the_same_whatever_its_length(agent):
    costs = []
    for _ in range(3):
        enter(agent)
        agent.get(ENTERED)
        with CaptureQueriesContext(connection) as captured:
            agent.get(ENTERED)
        costs.append(len(captured))
    assert costs[0] == costs[1] == costs[2]


def test_the_first_screen_leads_to_the_next_call_and_shows_the_last_ones(agent):
    report = enter(agent)
    body = agent.get("/admin/").content.decode()
    assert f'href="{CENTRE}"' in body
    assert report.reference in body


# --- who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [CENTRE, DONE, ENTERED])
def test_nobody_else_has_the_screen(client_of, people, address):
    for role, user in people.by_role.items():
        status = client_of(user).get(address, headers={"X-Requested-With": "XMLHttpRequest"}).status_code
        if role == "agent":
            assert status in (200, 302), address
        else:
            assert status == 403, (role, address)


def test_nobody_else_enters_anything(client_of, people):
    for role, user in people.by_role.items():
        if role != "agent":
            for do in ("submit", "send_code", "find"):
                client_of(user).post(CENTRE, form("0" * 32, do=do))
    assert (Report.objects.count(), Effect.objects.count()) == (0, 0)


def test_a_role_that_was_taken_away_ends_all_of_it(agent, people):
    key = key_of(agent)
    report = enter(agent)
    Membership.objects.filter(person=people.agent).update(valid_until=timezone.now())
    for response in (
        agent.get(ENTERED),
        agent.get(DONE),
        agent.post(CENTRE, form(key)),
        agent.get("/admin/"),
    ):
        assert report.reference not in response.content.decode()
        assert response.status_code in (302, 403)
    assert Report.objects.count() == 1


def test_nothing_of_it_is_kept_by_a_browser(agent):
    for address in (CENTRE, ENTERED):
        assert agent.get(address).headers["Cache-Control"].startswith("no-store")


def test_anothers_key_makes_a_report_of_ones_own(agent, client_of, other_agent):
    key = key_of(agent)
    agent.post(CENTRE, form(key))
    second = client_of(other_agent)
    second.post(CENTRE, form(key))
    assert Report.objects.count() == 2
    assert references(second.get(ENTERED)) != references(agent.get(ENTERED))


def test_no_text_of_it_is_in_two_languages(agent):
    """An Arabic screen has no English word but the keys' names and the other language's own."""
    body = agent.post(CENTRE, form(key_of(agent), do="find", q="تسرب")).content.decode()
    [screen] = re.findall(r'(?s)<form class="centre".*?</form>', body)
    shown = re.sub(r"(?s)<kbd.*?</kbd>|<[^>]+>", " ", screen)
    assert set(re.findall(r"[A-Za-z]{2,}", shown)) == {"English", "Enter"}
