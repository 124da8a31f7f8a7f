"""The account's own inbox: what one was told, unread and read; nobody else's, and nothing one may not see."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone

from cms.compression import CompressionMiddleware
from cms.desk.inbox import live as streaming
from cms.entities.models import Membership
from cms.notifications import inbox, live
from cms.notifications.models import Choice, Notice, Preferences, Rule
from cms.notifications.telling import tell
from cms.reports.models import Report
from permissions.policy import scope_of
from tests import factories

pytestmark = pytest.mark.usefixtures("people")


@pytest.fixture
def told(report, people):
    """A notice of the coordinator's about their report."""
    factories.staff_text("submit", "coordinator", text_ar="بلاغ جديد {reference}", text_en="New {reference}")
    tell(
        [people.coordinator],
        event="submit",
        audience="coordinator",
        key="report:1:1",
        report=report,
        at=timezone.now(),
        channels=["inbox"],
    )
    return Notice.objects.get(key="report:1:1")


def unread(client):
    return client.get(reverse("desk:inbox_count")).json()["unread"]


def test_what_is_unread_is_counted_listed_opened_and_then_read(client_of, people, told, report):
    client = client_of(people.coordinator)
    assert unread(client) == 1
    page = client.get(reverse("desk:inbox")).content.decode()
    assert f"بلاغ جديد {report.reference}" in page
    # when it is opened
    answer = client.post(reverse("desk:inbox_open", args=[told.pk]))
    # then it leads to the report, and is read
    assert answer["Location"] == reverse("desk:report", args=[report.public_id])
    assert unread(client) == 0
    assert report.reference not in client.get(reverse("desk:inbox")).content.decode()
    assert report.reference in client.get(reverse("desk:inbox") + "?all").content.decode()


def test_reading_is_by_post_alone(client_of, people, told):
    client = client_of(people.coordinator)
    for name in ("inbox_open", "inbox_mark"):
        assert client.get(reverse(f"desk:{name}", args=[told.pk])).status_code == 405
    assert unread(client) == 1
    client.post(reverse("desk:inbox_mark", args=[told.pk]))
    assert unread(client) == 0


@pytest.mark.parametrize("name", ["inbox_open", "inbox_mark"])
def test_somebody_elses_notice_is_a_missing_one_and_stays_unread(name, client_of, people, told):
    client = client_of(people.coordinator2)
    there = client.post(reverse(f"desk:{name}", args=[told.pk]))
    missing = client.post(reverse(f"desk:{name}", args=[told.pk + 1]))
    assert (
        (there.status_code, there.content) == (missing.status_code, missing.content) == (404, there.content)
    )
    told.refresh_from_db()
    assert told.read_at is None


def test_what_one_may_see_no_longer_is_gone_from_the_list_and_the_count(
    client_of, people, told, report, catalogue
):
    client = client_of(people.coordinator)
    Report.objects.filter(pk=report.pk).update(entity=catalogue.water)
    assert unread(client) == 0
    assert report.reference not in client.get(reverse("desk:inbox") + "?all").content.decode()
    # and opening what one still had before one's eyes asks again
    answer = client.post(reverse("desk:inbox_open", args=[told.pk]), follow=True)
    assert answer.status_code == 404


def test_all_that_was_seen_is_marked_and_what_came_since_stays(client_of, people, told, report):
    later = Notice.objects.create(
        person=people.coordinator,
        report=report,
        event="submit",
        audience="coordinator",
        key="b",
        at=timezone.now(),
    )
    client = client_of(people.coordinator)
    client.post(reverse("desk:inbox_read"), {"until": told.at.isoformat()})
    assert list(Notice.objects.filter(read_at=None)) == [later]
    assert client.post(reverse("desk:inbox_read"), {"until": "tomorrow"}).status_code == 404


def test_a_long_inbox_is_read_page_by_page(client_of, people, report):
    at = timezone.now()
    Notice.objects.bulk_create(
        Notice(
            person=people.coordinator,
            report=report,
            event="submit",
            audience="coordinator",
            key=str(n),
            at=at,
        )
        for n in range(65)
    )
    client, address, seen = client_of(people.coordinator), reverse("desk:inbox"), 0
    for _page in range(3):
        page = client.get(address).content.decode()
        seen += page.count('class="inl newsline')
        older = page.partition("before=")[2].partition('"')[0]
        address = f"{reverse('desk:inbox')}?before={older}"
    assert (seen, older) == (65, "")
    assert client.get(reverse("desk:inbox") + "?before=x~y").status_code == 200


def test_a_short_link_leads_to_the_report_of_who_sees_it(client_of, people, report):
    address = f"/s/{report.reference}/"
    mine = client_of(people.coordinator).get(address, follow=True)
    assert mine.redirect_chain[-1][0] == reverse("desk:report", args=[report.public_id])
    other = client_of(people.coordinator2)
    hidden, missing = other.get(address, follow=True), other.get("/s/QS-26-0000000-0/", follow=True)
    assert (
        (hidden.status_code, hidden.content)
        == (missing.status_code, missing.content)
        == (404, hidden.content)
    )
    assert client_of(people.coordinator).get("/s/")["Location"] == reverse("desk:inbox")


def test_who_is_called_in_a_note_finds_it_in_the_inbox_until_they_have_seen_it(client_of, people, report_in):
    report = report_in("in_progress")
    factories.staff_text("mention", "mentioned", text_ar="ناداك {reference}", text_en="Called {reference}")
    factories.rule("mention", "mentioned", "inbox", mode="always")
    Notice.objects.all().delete()
    client_of(people.coordinator).post(
        reverse("desk:mention", args=[report.public_id]), {"text": "انظر.", "people": [people.specialist.pk]}
    )
    notice = Notice.objects.get()
    assert (notice.person, notice.event) == (people.specialist, "mention")
    from cms.desk.models import Mention

    client_of(people.specialist).post(reverse("desk:mention_seen", args=[Mention.objects.get().pk]))
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_old_news_goes(told):
    Notice.objects.update(at=timezone.now() - inbox.KEEP)
    assert inbox.purge(at=timezone.now()) == 1


# --- what one chooses -------------------------------------------------------------------------------------


@pytest.fixture
def table(db):
    Rule.objects.all().delete()
    factories.staff_text("draft_reply", "coordinator")
    factories.staff_text("assign", "specialist")
    factories.rule("draft_reply", "coordinator", "inbox", mode="always")
    factories.rule("draft_reply", "coordinator", "sms", mode="on")
    factories.rule("draft_reply", "coordinator", "email", mode="off")
    factories.rule("assign", "specialist", "sms", mode="on")


def test_one_chooses_among_what_concerns_one_and_is_not_fixed(client_of, people, table):
    client = client_of(people.coordinator)
    page = client.get(reverse("desk:inbox_choices")).content.decode()
    assert 'value="draft_reply:inbox" checked disabled' in page
    assert 'value="draft_reply:sms" checked>' in page
    assert 'value="draft_reply:email">' in page
    assert "assign:sms" not in page
    # when SMS is turned off and e-mail on, and what is fixed or not theirs is sent along
    answer = client.post(
        reverse("desk:inbox_choices"),
        {
            "wanted": ["draft_reply:email", "assign:sms"],
            "quiet_from": "19:00",
            "quiet_until": "09:00",
            "digest": "daily",
        },
    )
    assert answer.status_code == 302
    chosen = set(Choice.objects.values_list("person_id", "event", "channel", "wanted"))
    mine = people.coordinator.pk
    assert chosen == {(mine, "draft_reply", "sms", False), (mine, "draft_reply", "email", True)}
    kept = Preferences.objects.get()
    assert (kept.person, str(kept.quiet_from), kept.digest, kept.urgent_at_night) == (
        people.coordinator,
        "19:00:00",
        "daily",
        False,
    )


def test_ladders_stand_on_the_choices_page_and_what_a_rule_leaves_to_people_may_be_turned_off(
    client_of, people
):
    client, there = client_of(people.coordinator), reverse("desk:inbox_choices")
    page = client.get(there).content.decode()
    # built in: half of the time to the inbox, the rest nearing also by mail, always; late is the leader's
    assert 'value="deadline_half:inbox" checked disabled' in page
    assert 'value="deadline_near:email" checked disabled' in page
    assert "deadline_half:email" not in page
    assert "deadline_due" not in page
    assert "late_digest" not in page
    leader = client_of(people.leader).get(there).content.decode()
    assert 'value="deadline_due:sms" checked disabled' in leader
    assert 'value="late_digest:sms" checked disabled' in leader
    # when the administrators leave one to people
    factories.staff_text("deadline_near", "coordinator")
    factories.rule("deadline_near", "coordinator", "email", mode="on")
    # and a rule speaks of what no ladder tells
    factories.rule("deadline_near", "coordinator", "sms", mode="on")
    page = client.get(there).content.decode()
    assert 'value="deadline_near:email" checked>' in page
    assert "deadline_near:sms" not in page
    client.post(there, {"wanted": [], "digest": ""})
    of_ladders = Choice.objects.filter(event__startswith="deadline").values_list("event", "channel", "wanted")
    assert list(of_ladders) == [("deadline_near", "email", False)]


def test_half_of_quiet_hours_is_refused_and_nothing_is_kept(client_of, people, table):
    answer = client_of(people.coordinator).post(reverse("desk:inbox_choices"), {"quiet_from": "19:00"})
    assert answer.status_code == 422
    assert (Choice.objects.count(), Preferences.objects.count()) == (0, 0)


# --- live -------------------------------------------------------------------------------------------------


def test_a_server_that_keeps_no_connection_says_so(client_of, people):
    assert client_of(people.coordinator).get(reverse("desk:live")).status_code == 204


def test_a_word_reaches_whom_it_concerns_and_nobody_else(people, report, catalogue):
    def hears(person, word):
        return streaming.concerns(word, scope_of(person))

    inbox_word = {"kind": "inbox", "people": [people.coordinator.pk]}
    assert [hears(who, inbox_word) for who in (people.coordinator, people.leader)] == [True, False]
    word = {"kind": "queue", "entities": [catalogue.north.pk], "confidential": False, "about": None}
    expected = {
        "coordinator": True,
        "coordinator3": True,
        "coordinator2": False,
        "supervisor": True,
        "admin": False,
    }
    assert {name: hears(getattr(people, name), word) for name in expected} == expected
    # of a confidential report, of triage, and of a complaint about one's own
    water = word | {"entities": [catalogue.water.pk], "confidential": True}
    assert [hears(who, water) for who in (people.grantee, people.coordinator2, people.supervisor)] == [
        True,
        False,
        False,
    ]
    assert [hears(who, word | {"entities": []}) for who in (people.supervisor, people.coordinator)] == [
        True,
        False,
    ]
    assert not hears(people.coordinator, word | {"about": catalogue.north.pk})


@pytest.mark.django_db(transaction=True)
def test_an_open_page_is_told_from_another_thread_and_let_go_with_the_session(
    client_of, people, settings, monkeypatch
):
    settings.CACHES = settings.CACHES | {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    }
    monkeypatch.setattr(streaming, "GATHER", 0)
    client = client_of(people.coordinator)
    session, mine = client.session, people.coordinator.pk

    async def read():
        stream = streaming.told(mine, session.session_key, type(session))
        first = await anext(stream)
        # a word for another person, and then for this one, as a worker's thread says it
        for ids in ([mine + 1000], [mine]):
            threading.Thread(target=live.hub.publish, args=[{"kind": "inbox", "people": ids}]).start()
        second = await asyncio.wait_for(anext(stream), 10)
        assert live.hub.count(mine) == 1
        # signed out: the next word ends it
        await sync_to_async(session.flush, thread_sensitive=False)()
        threading.Thread(target=live.hub.publish, args=[{"kind": "inbox", "people": [mine]}]).start()
        rest = [chunk async for chunk in stream]
        return first, second, rest

    # In a thread of its own: where a browser was driven before, this one has a loop already.
    with ThreadPoolExecutor(1) as own:
        first, second, rest = own.submit(asyncio.run, read()).result(60)
    assert first.endswith(b"event: inbox\ndata: \n\n")
    assert (second, rest) == (b"event: inbox\ndata: \n\n", [])
    assert live.hub.count(mine) == 0


def test_a_role_that_ended_ends_the_stream(client_of, people, monkeypatch):
    # The stream's thread gives its connection back; here it is the test's own.
    monkeypatch.setattr(streaming, "close_old_connections", lambda: None)
    client = client_of(people.coordinator)
    key, sessions = client.session.session_key, type(client.session)
    assert streaming.scope_still(people.coordinator.pk, key, sessions) is not None
    Membership.objects.filter(person=people.coordinator).update(valid_until=timezone.now())
    assert streaming.scope_still(people.coordinator.pk, key, sessions) is None


def test_a_redis_that_is_away_costs_one_word_and_no_action(settings, monkeypatch):
    settings.CACHES = {
        "default": {"BACKEND": "permissions.counters.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    hub = live.Hub()
    hub.publish({"kind": "inbox", "people": [1]})
    asked = []
    monkeypatch.setattr(live, "_client", lambda address: asked.append(address))
    hub.publish({"kind": "inbox", "people": [1]})
    assert asked == []


def test_what_is_told_live_waits_in_no_compressor(rf):
    request = rf.get("/admin/inbox/live/", headers={"Accept-Encoding": "gzip"})

    def told(content_type):
        answer = StreamingHttpResponse(iter([b"event: inbox\n\n" * 40]), content_type=content_type)
        return CompressionMiddleware(lambda _request: answer)(request)

    assert "Content-Encoding" not in told("text/event-stream").headers
    assert told("text/html").headers["Content-Encoding"] == "gzip"
