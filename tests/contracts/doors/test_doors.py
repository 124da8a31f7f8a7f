"""Every address of the admin and the site × every role × what is behind it, against the table of doors.

Given one data set, when somebody of a role comes to an address by GET, and by POST where it takes one, then
they meet what the table says; who is let in nowhere has written nothing; what is hidden answers as what is
not there; and an address that the table does not name fails.
"""

import re
from collections.abc import Iterator
from functools import cache

import pytest
from django.conf import settings
from django.core.cache import cache as kept
from django.urls import resolve
from wagtail.models import Site

from cms.content.context import cache_key

from .knocking import knock
from .routes import Route, all_routes
from .table import EDITORS, EVERYBODY, ROLES, VISITORS, Answer, Door, door_of
from .world import World

pytestmark = pytest.mark.django_db

KINDS = ("north", "water", "secret", "triage", "letter", "missing")
WITH_POST = frozenset({"specialist", "supervisor", "admin", "agent", "no role", "sender"})
ON_THE_SITE = "supervisor"
# One of each role, and the visitors, come to what is no report's.
ALL_OVER = ROLES | VISITORS
# Shadowed by an address of ours before them.
UNREACHED = frozenset({"wagtailadmin_login", "account_login", "wagtailadmin_account", "wagtailsettings:edit"})
DENIED = frozenset({Answer.SIGN_IN, Answer.CLOSED, Answer.MISSING, Answer.TRACK, Answer.NO_SUCH_METHOD})
# A GET writes nothing but: who read a confidential report, and what is made once and kept for its reader.
READ_WRITES = frozenset({"permissions_auditevent", "wagtailusers_userprofile", "usersessions_usersession"})
TOKENS = re.compile(r'TOKEN": "\w+"|value="\w{64}"|[0-9a-f]{8}-[0-9a-f-]{27}|QS-26-\w+-\w')


@cache
def routes() -> tuple[tuple[Route, Door], ...]:
    return tuple((route, door) for route in all_routes() if (door := door_of(route.key)) is not None)


def test_every_address_has_a_row() -> None:
    assert sorted({route.key for route in all_routes() if door_of(route.key) is None}) == []


def test_every_row_is_the_row_of_an_address() -> None:
    from .table import DOORS

    used = {door.route for route in all_routes() if (door := door_of(route.key))}
    assert sorted({door.route for door in DOORS} - used) == []


def test_the_addresses_lead_where_their_names_say(world: World) -> None:
    wrong = []
    for route, _door in routes():
        found = resolve(route.address(world.values(route, "north")))
        name = ":".join([*found.namespaces, found.url_name]) if found.url_name else route.key
        if name != route.key and route.key not in UNREACHED:
            wrong.append((route.key, name))
    assert wrong == []


def looks_beside(route: Route, actor: str) -> bool:
    """Whether this actor also asks for a row of the configuration that is not there."""
    return bool(route.names) and actor in {"stranger", "coordinator", "supervisor", "auditor", "admin"}


def comes(route: Route, door: Door, actor: str) -> Iterator[tuple[str, str]]:
    """With which method, to which kind of thing, this actor comes to this door.

    One of each role comes to all of the admin, the others of a role to the doors of reports alone; staff are
    visitors on the site, and one of them stands for all. A Wagtail screen of editors has one guard for all
    that it serves: some of the roles come with GET, some with POST.
    """
    if route.key in UNREACHED or (actor not in ALL_OVER and not door.by_report):
        return
    if door.is_of_site and actor not in VISITORS and not (actor == ON_THE_SITE and door.by_report):
        return
    if door.wagtails:
        if actor not in EDITORS:
            yield ("post" if actor in WITH_POST else "get"), "north"
        return
    kinds = KINDS if door.by_report else ("north", "missing") if looks_beside(route, actor) else ("north",)
    for kind in kinds:
        for method in ("get", "post"):
            if door.opens_to(method, kind) is not None or actor in ("coordinator", "stranger"):
                yield method, kind


def forget(frames: list[str]) -> None:
    """What a request counted and kept; the frame around the site's pages stays."""
    stay = kept.get_many(frames)
    kept.clear()
    kept.set_many(stay)


def met(world: World, actor: str, *, of_reports: bool) -> list[str]:
    """What is wrong where this actor comes, to the doors of reports or to all others."""
    wrong = []
    frames = [cache_key(site.pk, code) for site in Site.objects.all() for code, _name in settings.LANGUAGES]
    client, as_script = world.clients[actor], actor not in VISITORS
    for route, door, method, kind in [(*row, *how) for row in routes() for how in comes(*row, actor)]:
        if door.by_report is not of_reports:
            continue
        forget(frames)
        address = route.address(world.values(route, kind)) + door.query
        made = knock(client, method, address, door.body if method == "post" else None, as_script=as_script)
        expected = door.answer(method, actor, kind)
        got = made.answer
        served = door.opens_to(method, kind) is not None
        if kind == "missing" and expected is Answer.OPEN and not door.by_report:
            # Who may look learns that it is not there.
            allowed = {Answer.OPEN, Answer.MISSING, Answer.TRACK}
        elif served:
            allowed = {expected}
        else:
            allowed = {expected, Answer.NO_SUCH_METHOD}
        if got not in allowed:
            wrong.append(f"{method} {route.key} ({kind}): expected {expected}, got {got} ({made.status})")
        elif got in DENIED and made.written - door.writes:
            wrong.append(f"{method} {route.key} ({kind}): {got}, and wrote to {sorted(made.written)}")
        elif method == "get" and made.written - READ_WRITES:
            wrong.append(f"get {route.key} ({kind}): wrote to {sorted(made.written)}")
    return wrong


@pytest.mark.parametrize("actor", sorted(EVERYBODY))
def test_who_comes_to_a_report_meets_what_the_table_says(world: World, unwatched: None, actor: str) -> None:
    assert met(world, actor, of_reports=True) == []


@pytest.mark.parametrize("actor", sorted(ALL_OVER))
def test_who_comes_elsewhere_meets_what_the_table_says(world: World, unwatched: None, actor: str) -> None:
    assert met(world, actor, of_reports=False) == []


def test_there_are_thousands_of_requests() -> None:
    assert sum(1 for actor in EVERYBODY for row in routes() for _how in comes(*row, actor)) > 8_500


@pytest.mark.parametrize("actor", ["coordinator", "leader", "supervisor", "admin", "other sender"])
def test_what_is_hidden_answers_as_what_is_not_there(world: World, actor: str) -> None:
    wrong = []
    client = world.clients[actor]
    for route, door in routes():
        if not door.by_report:
            continue
        for method in ("get", "post"):
            if (by := door.opens_to(method, "missing")) is None or actor in by:
                continue
            said = {}
            for kind in KINDS:
                if door.answer(method, actor, kind) in (Answer.MISSING, Answer.TRACK):
                    made = knock(
                        client, method, route.address(world.values(route, kind)) + door.query, door.body
                    )
                    said[kind] = (made.status, made.location, TOKENS.sub("", made.body))
            wrong += [f"{method} {route.key}: {kind}" for kind, one in said.items() if one != said["missing"]]
    assert wrong == []
