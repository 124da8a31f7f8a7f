"""The contact centre's screen: one form, the same action as every door."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from cms.desk.centre import calls
from cms.outbox.models import Effect
from cms.reports.encryption import decrypt
from cms.reports.models import Report, Sender
from cms.reports.secrets import secret_for
from tests import factories

from .centre import CENTRE, DONE, E164, TEXT, enter, form, key_of

pytestmark = pytest.mark.django_db


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
    # With all else that is wrong, in the order of the screen.
    response = agent.post(CENTRE, {**given, "text": "", "place": ""})
    assert list(response.context["errors"]) == ["place", "text", "phone"]
    assert Report.objects.count() == 0


def test_no_text_of_it_is_in_two_languages(agent):
    """An Arabic screen has no English word but the keys' names and the other language's own."""
    body = agent.post(CENTRE, form(key_of(agent), do="find", q="تسرب")).content.decode()
    [screen] = re.findall(r'(?s)<form class="centre".*?</form>', body)
    shown = re.sub(r"(?s)<kbd.*?</kbd>|<[^>]+>", " ", screen)
    assert set(re.findall(r"[A-Za-z]{2,}", shown)) == {"English", "Enter"}
