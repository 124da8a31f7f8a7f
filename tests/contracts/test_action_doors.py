"""Every role × every action × every state, through the doors: the desk's form, the site's page, the API.

Given a report in a state, when somebody sends an action with valid fields through a door, then the door
answers what the table says, as the action itself does; and where it refuses, nothing was written.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from cms.desk.report import pages
from cms.desk.report.parts import field_name
from cms.desk.report.specs import SPECS
from cms.entities.models import Entity, Service
from cms.portal.access import OPENED, SENDER
from cms.portal.views.track import ACTIONS as WORDS
from cms.reports.errors import Code
from cms.reports.models import Report
from cms.reports.workflow import TRANSITIONS, State, Who, ways
from permissions.roles import ROLES
from tests import factories

from .doors.knocking import Knock, knock
from .doors.reader import Reader
from .expected import (
    ACTIONS,
    SAID_AGAIN,
    STATES,
    TEXT,
    expected_code,
    make_reasons,
    ready,
    valid,
)

pytestmark = pytest.mark.django_db

# What a refused upload leaves until it is swept: it belongs to who sent it, and to no report.
WAITING = frozenset({"reports_attachment"})
# Who sees no report whatever its state: two of the actions a state are enough, another one each time.
BLIND = ("agent", "editor", "admin")
OF_SENDER = frozenset(a for a in ACTIONS if ways(a, Who.SENDER, None))
# Whatever a sender writes while the entity waits for them is the reply.
WRITTEN_ANYWAY = {("add_information", State.AWAITING_SENDER)}
# The site's word, and the API's mutation, for each action of a sender.
SAID = {"sender_reply": "write", "add_information": "write"}
MUTATIONS = {
    "sender_reply": "replyToEntity",
    "add_information": "addInformation",
    "accept": "acceptReply",
    "rate": "rateReport",
    "reopen": "reopenReport",
    "appeal": "appealRejection",
    "withdraw": "withdrawReport",
}


@pytest.fixture(autouse=True)
def _light(settings: Any, db: Any, folder: Any) -> None:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    make_reasons()


def visitor(**session: Any) -> Client:
    client = Client(raise_request_exception=False)
    kept = client.session
    kept.update(session)
    kept.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = kept.session_key
    return client


# --- The desk ----------------------------------------------------------------------------------------------


def typed(report: Report, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments as the desk's form of this action sends them."""
    given = {"version": report.version, **arguments}
    for number, part in enumerate(given.pop("parts", ())):
        given[field_name(number, "title")] = part.title
        given[field_name(number, "service")] = Service.objects.get(code=part.service).name
        if part.entity:
            given[field_name(number, "entity")] = Entity.objects.get(code=part.entity).name
    if action == "attach":
        given["files"] = SimpleUploadedFile("photo.jpg", factories.photo(), "image/jpeg")
    return given


def said_by_desk(made: Knock) -> Code | str | None:
    """None where it was done; else the refusal's code, 'form' of the form itself, 'closed' of the admin."""
    if made.status == 302:
        return None
    if made.status == 404:
        return Code.NOT_FOUND
    if made.body.startswith("<!doctype"):
        return "closed"
    return Code[made.body] if made.body in Code.__members__ else made.body


@pytest.fixture
def coded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused action's page says its code and no more: that it comes back whole is another test."""

    def again(request: Any, public_id: Any, action: str, form: Any, failure: Any) -> HttpResponse:
        body = failure.code.name if failure is not None else "form"
        return HttpResponse(body, status=pages._status(failure))

    monkeypatch.setattr(pages, "_again", again)


def tried_by(role: str, state: str) -> list[str]:
    """All that the desk serves; what it does not is not there for anybody, and one asks for all."""
    if role in BLIND:
        return [sorted(SPECS)[(STATES.index(state) + BLIND.index(role)) % len(SPECS)], "note"]
    return ACTIONS if role == "coordinator" else sorted(SPECS)


@pytest.mark.parametrize("state", STATES)
def test_at_the_desk(state: str, people: Any, report_in: Callable[..., Report], coded: None) -> None:
    report = ready(report_in(state), people, report_in)
    assigned_to = set(report.assignments.filter(until=None).values_list("person_id", flat=True))
    wrong, done = [], 0
    for role, user in people.by_role.items():
        client, assigned = Reader(user), user.pk in assigned_to
        tried = tried_by(role, state)
        for action in tried:
            cache.clear()
            address = reverse("desk:act", args=[report.public_id, action])
            expected = expected_code(action, role, State(state), assigned=assigned)
            if action not in SPECS or expected is Code.NOT_FOUND:
                # A sender's action, the clock's, or one with a page of its own.
                expected = Code.NOT_FOUND
            body = typed(report, action, valid(action, report, people))
            made = knock(client, "post", address, body, as_script=True)
            got = said_by_desk(made)
            done += got is None
            if got == "closed" and not ROLES[role].codenames:
                # Who holds nothing does not come into the admin.
                got = Code.NOT_FOUND
            if got != expected and not (got == "form" and expected not in (None, Code.NOT_FOUND)):
                wrong.append(f"{role} {action}: expected {expected}, got {got}")
            elif expected is not None and made.written - WAITING:
                wrong.append(f"{role} {action}: {expected}, and wrote to {sorted(made.written)}")
            elif expected is None and "reports_event" not in made.written:
                wrong.append(f"{role} {action}: done, and no event")
            if expected is Code.DENIED and made.status not in (403, 422):
                wrong.append(f"{role} {action}: denied by {made.status}")
    assert wrong == []
    assert done == sum(
        expected_code(action, role, State(state), assigned=user.pk in assigned_to) is None
        for role, user in people.by_role.items()
        for action in SPECS
        if role not in BLIND
    )


# --- The sender's doors ------------------------------------------------------------------------------------


def test_every_action_of_a_sender_has_its_word_and_its_mutation() -> None:
    assert set(MUTATIONS) == OF_SENDER
    assert {SAID.get(action, action) for action in OF_SENDER} == set(WORDS)


def may_send(action: str, state: str) -> bool:
    return bool(ways(action, Who.SENDER, state)) or (action, state) in WRITTEN_ANYWAY


def changed(made: Knock) -> bool:
    return "reports_event" in made.written


@pytest.fixture
def walked(people: Any, report_in: Callable[..., Report]) -> Callable[[str], tuple[Report, str]]:
    """A report in this state, with the secret of its sender."""

    def walk(state: str) -> tuple[Report, str]:
        submitted = factories.submit()
        return ready(report_in(state, report=submitted.report), people, report_in), submitted.secret

    return walk


@pytest.mark.parametrize("state", STATES)
def test_on_the_site(state: str, walked: Any) -> None:
    report, _secret = walked(state)
    other = factories.submitted_report(sender=factories.SenderFactory())
    doors = {
        "sender": visitor(**{OPENED: [report.pk]}),
        "other sender": visitor(**{SENDER: other.sender_id, OPENED: [other.pk]}),
        "stranger": visitor(),
    }
    wrong = []
    for who, client in doors.items():
        for word in WORDS:
            cache.clear()
            of_word = [action for action in OF_SENDER if SAID.get(action, action) == word]
            expected = who == "sender" and any(ways(action, Who.SENDER, state) for action in of_word)
            body = {"text": TEXT, "score": "4", "reason": ""} if word != "accept" else {}
            made = knock(client, "post", reverse("portal:act", args=[report.reference, word]), body)
            if changed(made) is not expected:
                wrong.append(f"{who} {word}: expected {expected}, wrote to {sorted(made.written)}")
            leads = reverse("portal:report", args=[report.reference]) if who == "sender" else "/track/"
            if (made.status, made.location) != (302, leads):
                wrong.append(f"{who} {word}: {made.status} to {made.location}")
            if not expected and made.written:
                wrong.append(f"{who} {word}: refused, and wrote to {sorted(made.written)}")
    assert wrong == []


@pytest.mark.parametrize("state", STATES)
def test_over_the_api(state: str, walked: Any) -> None:
    report, secret = walked(state)
    foreign = factories.submit().secret
    wrong = []
    for action, mutation in MUTATIONS.items():
        fields: dict[str, Any] = {"reference": report.reference}
        if action in ("sender_reply", "add_information"):
            fields["text"] = TEXT
        if action in ("reopen", "appeal"):
            fields["reason"] = TEXT
        if action == "rate":
            fields["rating"] = 4
        query = (
            f"mutation($input: {mutation[0].upper()}{mutation[1:]}Input!)"
            f" {{ {mutation}(input: $input) {{ errors {{ code }} }} }}"
        )
        for who, key in (("sender", secret), ("other sender", foreign), ("stranger", "")):
            cache.clear()
            variables = {"input": {**fields, **({"secret": key} if key else {})}}
            body = json.dumps({"query": query, "variables": variables})
            made = knock(Client(), "post", "/graphql", body)
            codes = [error["code"] for error in json.loads(made.body)["data"][mutation]["errors"]]
            expected = who == "sender" and may_send(action, state)
            if changed(made) is not expected:
                wrong.append(f"{who} {action}: expected {expected}, wrote to {sorted(made.written)}, {codes}")
            if (codes == []) is not (expected or (who == "sender" and (action, state) in SAID_AGAIN)):
                wrong.append(f"{who} {action}: {codes}")
            if not expected and made.written:
                wrong.append(f"{who} {action}: refused, and wrote to {sorted(made.written)}")
    assert wrong == []


def test_there_are_thousands_of_cases() -> None:
    desk = sum(len(tried_by(role, state)) for role in ROLES for state in STATES)
    site, api = len(STATES) * len(WORDS) * 3, len(STATES) * len(MUTATIONS) * 3
    assert desk + site + api > 2_500
    assert set(SPECS) <= set(TRANSITIONS)
