"""What an agent sees: a caller's earlier numbers after the code, what they entered, and nothing else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms.desk.centre import calls, pages
from cms.entities.models import Membership, Privacy
from cms.outbox.models import Effect
from cms.reports.models import Report, Sender
from permissions.models import AuditEvent
from permissions.policy import scope_of
from tests import factories

from .centre import CENTRE, DONE, E164, ENTERED, TEXT, code_sent_to, confirm, enter, form, key_of

pytestmark = pytest.mark.django_db


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


def test_the_list_is_read_along_its_index(people):
    """One agent's reports of years: the page is read from its index, in its order, without sorting."""
    rows = pages.listed(scope_of(people.agent)).order_by(*pages.NEWEST.forwards)[:26]
    if connection.vendor == "postgresql":
        # A table of a test has so few rows that reading all of them is cheaper.
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
            cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_incremental_sort = off")
        # Of an empty table every index costs the same: which one is named is chance, that one is read is not.
        assert "Sort" not in rows.explain()
    else:
        assert "report_entered_recent" in rows.explain()


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
