"""Reports made to catch leaks: a word in each that is nowhere else, and what only some may read of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from cms.desk.access import sees_reports
from cms.entities.snapshot import catalogue as read_catalogue
from cms.reports import actions
from cms.reports.actors import SYSTEM, Actor, EntitySender, StaffActor
from cms.reports.models import Event, Report
from cms.reports.timeline import staff_reads
from cms.reports.workflow import OPEN
from permissions.policy import scope_of
from permissions.roles import ROLES
from search import searching
from search.asking import Asked
from search.queries import parse
from search.scope import pending_access
from tests import factories

# In the text of every one of them, and in those of a few that not everybody sees.
COMMON, RARE = "qvkzmwp", "xgjbwdk"
TEXT = "سور الحديقة مائل أمام المدرسة ويكاد يسقط"


def word_of(name: str) -> str:
    """Like no other, however much is forgiven to who mistypes; and no ending of it is one."""
    digest = hashlib.sha256(name.encode()).digest()
    return "".join("bdfgjkmpqvwxz"[byte % 13] for byte in digest[:12])


@dataclass
class World:
    """`words`: word → the reports that have it, and the event it stands in if it is an internal text."""

    actors: dict[str, Actor]
    reports: dict[str, int] = field(default_factory=dict)
    words: dict[str, tuple[set[int], Event | None]] = field(default_factory=dict)

    def sees(self, actor: Actor) -> set[int]:
        return set(Report.objects.visible_to(actor).values_list("pk", flat=True))

    def finds(self, actor: Actor) -> set[int]:
        """What the rule shows, less what has changed hands and is not indexed: that is nobody's so long."""
        return self.sees(actor) - {payload["report"] for payload in _payloads()}

    def finds_by(self, word: str, actor: Actor) -> set[int]:
        those, event = self.words[word]
        found = those & self.finds(actor)
        if event is None or actor == SYSTEM:
            return found
        if not isinstance(actor, StaffActor):
            return set()
        scope = scope_of(actor.user)
        return {one.pk for one in Report.objects.filter(pk__in=found) if staff_reads(event, scope, one)}

    def having(self, word: str) -> set[int]:
        """By their texts."""
        return set(Report.objects.filter(text__contains=word).values_list("pk", flat=True))


def _payloads() -> Any:
    return pending_access().values_list("payload", flat=True)


def actors_of(people: factories.People, catalogue: factories.SmallCatalogue) -> dict[str, Actor]:
    """Every role there is, and whoever is seen by another rule than their role's."""
    found: dict[str, Actor] = {code: StaffActor(people.by_role[code]) for code in ROLES}
    others = ("specialist_b", "coordinator2", "specialist2", "leader2", "coordinator3", "grantee", "grantee2")
    found |= {name: StaffActor(getattr(people, name)) for name in others}
    ended = timezone.now() - timedelta(minutes=1)
    left = factories.UserFactory()
    factories.MembershipFactory(person=left, entity=catalogue.north, role="coordinator", valid_until=ended)
    works_at_two = factories.UserFactory()
    for entity in (catalogue.north, catalogue.water):
        factories.MembershipFactory(person=works_at_two, entity=entity, role="specialist")
    found |= {
        "who has left": StaffActor(left),
        "superuser": StaffActor(factories.UserFactory(is_superuser=True)),
        "works at two": StaffActor(works_at_two),
        "sends for water": EntitySender(people.coordinator2),
        "sends for water, granted": EntitySender(people.grantee),
        "sends for north": EntitySender(people.leader),
        "sends for nobody": EntitySender(people.specialist),
        "system": SYSTEM,
    }
    return found


def before(world: World, people: factories.People, catalogue: factories.SmallCatalogue) -> None:
    """What is then indexed."""
    coordinator, specialist = StaffActor(people.coordinator), StaffActor(people.specialist)
    made = _Made(world, people)

    # What rises does so against what was before, which must be enough to say anything.
    for number in range(10):
        made.report(f"old {number}", "with_entity", at=timezone.now() - timedelta(days=60))
        del world.words[word_of(f"old {number}")]
    for name in ("moves", "hides", "passes"):
        made.report(name, "in_progress")
    noted = made.report("noted", "in_progress")
    made.inside("note of north", actions.note(noted, actor=specialist, text=word_of("note of north")))
    today = timezone.localdate()
    directed = actions.direct(
        noted, actor=StaffActor(people.leader), text=word_of("directive"), due_on=today + timedelta(days=3)
    )
    made.inside("directive", directed)
    actions.update_sender(noted, actor=specialist, text=f"خبر: {word_of('told')}")
    world.words[word_of("told")] = ({noted}, None)

    made.report("waits", "with_entity", place="town")
    made.report("answered", "answered")
    made.report("in triage", "received")
    made.report("at water", "with_entity", rare=True, service="leak", answers={})
    for name in ("confidential", "confidential too", "confidential as well"):
        pk = made.report(name, "with_entity", rare=True, service="abuse", answers={})
        assert Report.objects.get(pk=pk).privacy == "confidential"
    # Who is granted what is confidential works on one of them, with a note.
    report = Report.objects.get(pk=world.reports["confidential"])
    actions.assign(
        report.pk,
        actor=StaffActor(people.grantee),
        version=report.version,
        people=[people.grantee2.pk],
        responsible=people.grantee2.pk,
    )
    note = actions.note(report.pk, actor=StaffActor(people.grantee2), text=word_of("secret note"))
    made.inside("secret note", note)

    about = made.report("about north", "with_entity", service="leak", answers={})
    Report.objects.filter(pk=about).update(about_entity=catalogue.north)
    about = made.report("about the municipality", "with_entity")
    Report.objects.filter(pk=about).update(about_entity=catalogue.municipality)

    member = Report.objects.get(pk=made.report("merged", "with_entity"))
    primary = Report.objects.get(pk=world.reports["waits"])
    actions.merge(member.pk, actor=coordinator, version=member.version, primary=primary.reference)
    whole = Report.objects.get(pk=made.report("split", "with_entity"))
    for part in factories.split_report(whole, people.supervisor, catalogue.north.code, "water"):
        # What is said of it all is said of each part.
        world.reports[f"part {part.pk}"] = part.pk
        world.words[word_of("split")][0].add(part.pk)

    factories.ReasonFactory(used_for="transfer", code="other_jurisdiction")
    moved = made.report("moved", "in_progress")
    made.inside("note before", actions.note(moved, actor=specialist, text=word_of("note before")))
    _transfer(moved, people)
    # Who works on it now may read what was written before, being of the earlier entity as well.
    works_at_two = world.actors["works at two"]
    assert isinstance(works_at_two, StaffActor)
    person, version = works_at_two.user.pk, Report.objects.get(pk=moved).version
    actions.assign(
        moved,
        actor=StaffActor(people.coordinator2),
        version=version,
        people=[person],
        responsible=person,
    )

    letters = {name: made.letter(name) for name in ("letter", "secret letter", "erased letter")}
    Report.objects.filter(pk=letters["secret letter"]).update(privacy="confidential")
    Report.objects.filter(pk=letters["erased letter"]).update(erased_at=timezone.now())


def after(world: World, people: factories.People) -> None:
    """What no index knows yet: one goes to another entity, one to another person, one is now secret."""
    _transfer(world.reports["moves"], people)
    factories.ReasonFactory(used_for="set_privacy", code="sensitive")
    given: dict[str, Any] = {"privacy": "confidential", "reason": "sensitive", "text": "كذا وكذا"}
    report = Report.objects.get(pk=world.reports["hides"])
    actions.set_privacy(report.pk, actor=StaffActor(people.supervisor), version=report.version, **given)
    report = Report.objects.get(pk=world.reports["passes"])
    actions.reassign(
        report.pk,
        actor=StaffActor(people.coordinator),
        version=report.version,
        people=[people.specialist_b.pk],
        responsible=people.specialist_b.pk,
    )
    assert {payload["report"] for payload in _payloads()} == {
        world.reports[name] for name in ("moves", "hides", "passes")
    }


def _transfer(pk: int, people: factories.People) -> None:
    report = Report.objects.get(pk=pk)
    given = {"entity": "water", "reason": "other_jurisdiction", "text": "من شبكة المياه."}
    actions.transfer(pk, actor=StaffActor(people.supervisor), version=report.version, **given)


class _Made:
    def __init__(self, world: World, people: factories.People) -> None:
        self.world, self.people = world, people

    def _named(self, name: str, report: Report) -> int:
        self.world.reports[name] = report.pk
        self.world.words[word_of(name)] = ({report.pk}, None)
        return report.pk

    def _text(self, name: str, *, rare: bool = False) -> str:
        return f"{TEXT} {COMMON} {word_of(name)}{f' {RARE}' if rare else ''}"

    def report(self, name: str, state: str, *, rare: bool = False, **given: Any) -> int:
        made = factories.report_in(
            state,
            coordinator=self.people.coordinator,
            specialist=self.people.specialist,
            text=self._text(name, rare=rare),
            **given,
        )
        return self._named(name, made)

    def letter(self, name: str) -> int:
        return self._named(name, factories.letter(self.people.coordinator2, text=self._text(name)))

    def inside(self, name: str, report: Report) -> None:
        event = report.events.order_by("-sequence").first()
        assert event is not None
        assert event.body.text == word_of(name)
        self.world.words[word_of(name)] = ({report.pk}, event)


def counted(pks: set[int], name: str) -> Iterator[str]:
    """The key of each of these reports in the facet of this name; "" where it is in no bucket."""
    cat, now = read_catalogue(), timezone.now()
    for report in Report.objects.filter(pk__in=pks).select_related("service", "entity", "place"):
        match name:
            case "services":
                yield report.service.code
            case "entities":
                yield report.entity.code if report.entity else ""
            case "places":
                place = cat.place_by_id(report.place_id)
                assert place is not None
                line = [one for one in (*cat.ancestors(place), place) if one.kind != "region"]
                yield (line[0] if line else place).code
            case "late":
                if report.state in OPEN:
                    yield "late" if report.next_due_at and report.next_due_at < now else "on_time"
                elif report.deadlines.filter(promise="resolution", outcome="missed").exists():
                    yield "ended_late"
            case _:
                columns = {
                    "states": "state",
                    "kinds": "kind",
                    "channels": "channel",
                    "priorities": "priority",
                }
                yield getattr(report, columns[name])


def wrong(world: World, given: Callable[[Actor], Any], right: Callable[[Actor], Any], **only: Any) -> Any:
    """Who is given something else than they should be, with both."""
    found = {}
    for name, actor in world.actors.items():
        if only.get("staff") and not is_staff(actor):
            continue
        one, other = given(actor), right(actor)
        if one != other:
            found[name] = (one, other)
    return found


def is_staff(actor: Actor) -> bool:
    """Whoever may open the search's page."""
    return isinstance(actor, StaffActor) and sees_reports(scope_of(actor.user))


def ask(actor: Actor, typed: str = "", **more: Any) -> Any:
    asked = Asked(query=parse(typed), size=100, highlights=False, **more)
    found = searching.search(actor, asked, at=timezone.now())
    assert not found.degraded
    return found


def pks(hits: Any) -> set[int]:
    return {hit.report.pk for hit in hits}
