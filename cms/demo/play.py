"""Carrying out plans: every step is the real action, with the clock passed in and real people acting."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from cms.entities.models import EntityUserObjectPermission, Membership
from cms.entities.routing import route
from cms.entities.snapshot import catalogue
from cms.notifications.subscribers import recording_the_past
from cms.reports import actions, escalating, tasks
from cms.reports.actors import Actor, EntitySender, SenderActor, StaffActor
from cms.reports.models import Directive, Report
from cms.reports.splitting import BESIDE
from cms.reports.workflow import OPEN, State
from permissions import policy
from permissions.models import User
from search import changes

from . import photos
from .models import LoadedReport
from .plans import COORDINATOR, EMIRATE, LEADER, SENDER, SPECIALIST, SYSTEM, Part, Plan, Step
from .source import read

CHUNK = 60
# Entered by the contact centre on the caller's behalf.
TAKEN_BY_AGENT = ("phone", "counter")


@dataclass
class Crew:
    """The people of one entity by role, each list in the staff file's order."""

    leaders: list[User] = field(default_factory=list)
    coordinators: list[User] = field(default_factory=list)
    specialists: list[User] = field(default_factory=list)


class Staff:
    """Who acts: found once, by entity, so that the load asks the database for nobody."""

    def __init__(self) -> None:
        self.crews: dict[int, Crew] = defaultdict(Crew)
        self.region: dict[str, list[User]] = defaultdict(list)
        self.grantees = set(
            EntityUserObjectPermission.objects.filter(permission__codename="view_confidential").values_list(
                "user_id", flat=True
            )
        )
        for membership in Membership.objects.valid().select_related("person").order_by("pk"):
            if membership.entity_id is None:
                self.region[membership.role].append(membership.person)
            elif membership.role == "leader":
                self.crews[membership.entity_id].leaders.append(membership.person)
            elif membership.role == "coordinator":
                self.crews[membership.entity_id].coordinators.append(membership.person)
            elif membership.role == "specialist":
                self.crews[membership.entity_id].specialists.append(membership.person)

    def _of(self, people: list[User], report: Report, number: int) -> User:
        if report.is_confidential:
            people = [person for person in people if person.pk in self.grantees]
        return people[number % len(people)]

    def coordinator(self, report: Report) -> User:
        return self._of(self.crews[report.entity_id or 0].coordinators, report, 0)

    def specialist(self, report: Report, number: int) -> User:
        return self._of(self.crews[report.entity_id or 0].specialists, report, number)

    def supervisor(self, report: Report, number: int) -> User:
        people = self.region["triage-confidential" if report.is_confidential else "supervisor"]
        return people[number % len(people)]

    def leader(self, code: str) -> User:
        """The leader of the entity of this code, or of the emirate."""
        if code == EMIRATE:
            return self.region[EMIRATE][0]
        entity = catalogue().entity(code)
        if entity is None:
            raise LookupError(f"no entity {code}")
        return self.crews[entity.pk].leaders[0]

    def of_entity(self, code: str) -> EntitySender:
        """Who writes in the name of the entity of this code: its coordinator."""
        entity = catalogue().entity(code)
        if entity is None:
            raise LookupError(f"no entity {code}")
        return EntitySender(self.crews[entity.pk].coordinators[0])

    def agent(self) -> User:
        return self.region["agent"][0]


def play_all(plans: Iterable[Plan], now: datetime) -> int:
    """Carry out the plans, some dozens to a transaction; how many. What time ends before `now` is ended."""
    staff = Staff()
    done = 0
    with remembered_scopes():
        for chunk in _chunks(plans):
            with transaction.atomic(), recording_the_past(until=now), changes.later() as changed:
                played = [pair for group in chunk for pair in play_together(group, staff).items()]
                let_time_pass([report.pk for _code, report in played], now)
                LoadedReport.objects.bulk_create(
                    LoadedReport(code=code, report=report) for code, report in played
                )
                changes.ask_for(sorted(changed), at=now)
            done += len(played)
    return done


def _chunks(plans: Iterable[Plan]) -> Iterator[list[list[Plan]]]:
    """Groups of plans that are played together, some dozens of plans in all."""
    chunk: list[list[Plan]] = []
    for group in _groups(plans):
        chunk.append(group)
        if sum(map(len, chunk)) >= CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _groups(plans: Iterable[Plan]) -> list[list[Plan]]:
    """A report and those that are merged with it are one group; each other one is alone."""
    groups: dict[str, list[Plan]] = {}
    for plan in plans:
        groups.setdefault(plan.primary or plan.code, []).append(plan)
    return list(groups.values())


@contextmanager
def remembered_scopes() -> Iterator[None]:
    """Ask once for what each person holds: nobody's memberships change while the history is loaded."""
    resolver = policy._resolver
    if resolver is None:
        raise RuntimeError("cms.entities has not registered its grants")
    kept: dict[int, list[tuple[str, int | None]]] = {}

    def remembering(user_id: int, at: Any) -> list[tuple[str, int | None]]:
        if user_id not in kept:
            kept[user_id] = resolver(user_id, at)
        return kept[user_id]

    policy.register_resolver(remembering)
    try:
        yield
    finally:
        policy.register_resolver(resolver)


def play_together(plans: Sequence[Plan], staff: Staff) -> dict[str, Report]:
    """Submit the reports and take every step of their plans, in the order of time. By the plans' codes."""
    reports: dict[str, Report] = {}
    moments: list[tuple[datetime, int, Plan, Step | None]] = [(plan.at, 0, plan, None) for plan in plans]
    for plan in plans:
        moments += [(step.at, number, plan, step) for number, step in enumerate(plan.steps, start=1)]
    for _at, _number, plan, step in sorted(moments, key=lambda moment: moment[:2]):
        if step is None:
            reports[plan.code] = submit(plan, staff)
            continue
        code = f"{plan.code}.{step.part}" if step.part else plan.code
        if may_be_late(reports[code], step.at):
            escalating.remember([reports[code].pk], step.at)
        # Which of the entity's specialists works on it.
        number = 0 if plan.first_specialist else random.Random(plan.code).randrange(6)  # noqa: S311 (invention)
        primary = reports[step.primary].reference if step.primary else ""
        reports[code] = perform(reports[code], step, staff, number, primary)
        if step.parts:
            made = reports[code].children.select_related(*BESIDE).order_by("pk")
            reports |= {f"{plan.code}.{order}": part for order, part in enumerate(made, start=1)}
    return reports


def may_be_late(report: Report, at: datetime) -> bool:
    """As far as the report itself says, so that few are asked."""
    due = [moment for moment in (report.next_due_at, report.first_reply_due_at) if moment is not None]
    return report.state in OPEN and (report.state == State.RECEIVED or any(moment <= at for moment in due))


def let_time_pass(reports: Sequence[int], now: datetime) -> None:
    """End what the sweep would find due, parts of a split too, at the moment at which it was.

    Else the sweep of the running platform would do it, and tell people today of what ended long ago.
    """
    for action, until, due in tasks.due(now):
        for report_id, since in due.filter(pk__in=reports).order_by(until).values_list("pk", until):
            # The sweep runs every minute.
            seconds = random.Random(f"clock {report_id}").randrange(1, 60)  # noqa: S311 (invention, not secrecy)
            action(report_id, at=min(since + timedelta(seconds=seconds), now))
    escalating.remember(reports, now)


def submit(plan: Plan, staff: Staff) -> Report:
    row, person = plan.row, plan.person
    location = row["location"] or {}
    contact = None
    if person is not None:
        contact = actions.Contact(
            name=person.name, phone=person.phone, category=person.category, national_id=person.national_id
        )
    sender_id = person.row.pk if person is not None and person.row is not None else None
    given = actions.SubmitInput(
        service=row["service"],
        place=row["place"],
        title=row["title"],
        text=row["text"],
        answers={code: str(value) for code, value in row["answers"].items()},
        latitude=location.get("lat"),
        longitude=location.get("lon"),
        address_text=row.get("address_text", ""),
        channel=row["kind_of_channel"],
        language=plan.language,
        sender_id=sender_id,
        contact=contact,
        contact_preference=read("loader")["contact_preferences"].get(row["id"], ""),
        idempotency_key=f"demonstration-report-{plan.code}",
        client="demonstration",
        letter=actions.Letter(**row["letter"]) if "letter" in row else None,
        files=photos.of_sender(plan),
    )
    actor: Actor = SenderActor(sender_id=sender_id)
    if given.letter is not None:
        actor = staff.of_entity(given.letter.sender)
    elif row["kind_of_channel"] in TAKEN_BY_AGENT:
        actor = StaffActor(staff.agent())
    report: Report = actions.submit(given, actor=actor, at=plan.at).report
    return report


def perform(report: Report, step: Step, staff: Staff, number: int, primary: str = "") -> Report:
    """One step, by the person whose turn it is at the entity that has the report now."""
    arguments: dict[str, Any] = {"at": step.at}
    if step.by == SENDER:
        sender = report.sender_entity
        arguments["actor"] = staff.of_entity(sender.code) if sender else SenderActor(report_id=report.pk)
    elif step.by != SYSTEM:
        if step.by == COORDINATOR:
            user = staff.coordinator(report)
        elif step.by == SPECIALIST:
            user = staff.specialist(report, number)
        elif step.by in (LEADER, EMIRATE):
            user = staff.leader(step.entity)
        else:
            user = staff.supervisor(report, number)
        arguments |= {"actor": StaffActor(user), "version": report.version}
    if step.action == "assign":
        responsible = staff.specialist(report, number).pk
        arguments |= {"people": [responsible], "responsible": responsible}
    if step.action in ("accept", "rate"):
        arguments |= {"score": step.score, "comment": step.text}
    elif step.text:
        arguments["text"] = step.text
    if primary:
        arguments["primary"] = primary
    if step.parts:
        arguments["parts"] = [_part(part, report) for part in step.parts]
    if step.picture:
        arguments["files"] = photos.taken((step.picture,), "ar", step.at, owner=f"staff:{report.pk}")
    if step.due_on is not None:
        arguments["due_on"] = step.due_on
    elif step.entity:
        arguments["entity"] = step.entity
    if step.action in ("directive_done", "directive_decline"):
        arguments["directive"] = report.directives.get(outcome=Directive.Outcome.OPEN).pk
    if step.reason:
        arguments["reason_code" if step.action == "reopen" else "reason"] = step.reason
    done: Report = actions.BY_NAME[step.action](report.pk, **arguments)
    return done


def _part(part: Part, report: Report) -> actions.Part:
    """At the entity that the rules give for its service there."""
    known = catalogue()
    service = known.service(part.service)
    routed = route(service, report.place, known).entity if service is not None else None
    return actions.Part(title=part.title, service=part.service, entity=routed.code if routed else "")
