"""Plans of what entities wrote to each other: those of scenes.json, and one that waits for its sender now."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

from .moments import between, in_order
from .plans import COORDINATOR, RIYADH, SENDER, SPECIALIST, Plan, Step, World
from .source import read

# A reply is accepted within a day or two, as offices do.
ACCEPTED_AFTER = timedelta(days=1, hours=2)
# A letter that stays open was begun with within so long.
BEGUN_WITHIN = timedelta(days=2)
# Working minutes before the load: two days and a bit, and some hours.
SENT_BEFORE, ASKED_BEFORE = 1000, 200


class Letters:
    """What scenes.json does not say of a letter (service, place, answers) is the loader's: `loader.json`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.about: dict[str, dict[str, Any]] = read("loader")["letters"]

    def plans(self) -> list[Plan]:
        scenes = read("scenes")["entity_reports"]
        return [*(self.plan(scene) for scene in scenes), self.waiting(read("loader")["letter_lately"])]

    def plan(self, scene: dict[str, Any]) -> Plan:
        at, day = self.world.shift(scene["submitted_at"]), self.world.shift.date(scene["letter_date"])
        plan = self._plan(scene, at, date.fromisoformat(day))
        rng = random.Random(f"letter {plan.code}")  # noqa: S311 (invention, not secrecy)
        if scene["course"] is None:
            plan.steps += self._begun(plan, scene["to"], rng)
        else:
            plan.steps += self._answered(plan, scene, rng)
        return plan

    def waiting(self, scene: dict[str, Any]) -> Plan:
        """Sent some days ago; the entity has asked something and waits."""
        region = self.world.calendar(None)
        worked = region.worked(region.minute(self.world.latest))
        at, asked = (region.moment(region.reached(worked - before)) for before in (SENT_BEFORE, ASKED_BEFORE))
        plan = self._plan(scene, at, at.astimezone(RIYADH).date())
        rng = random.Random(f"letter {plan.code}")  # noqa: S311 (invention, not secrecy)
        work = self._work(plan, scene["to"], [("assign", COORDINATOR), ("start", SPECIALIST)], asked, rng)
        plan.steps += [*work, Step("ask_sender", SPECIALIST, asked, scene["question"])]
        return plan

    def _plan(self, scene: dict[str, Any], at: datetime, day: date) -> Plan:
        about = self.about[scene["code"]]
        row = {
            "id": scene["code"],
            "language": "ar",
            "sensitive": False,
            "kind_of_channel": "letter",
            "service": about["service"],
            "place": about["place"],
            "address_text": about.get("address", ""),
            "answers": about.get("answers", {}),
            "location": None,
            "title": scene["subject"],
            "text": scene["text"],
            "expected_entity": scene["to"],
            "course": scene.get("course"),
            "letter": {
                "sender": scene["from"],
                "to": scene["to"],
                "number": scene["letter_number"],
                "date": day,
            },
        }
        return Plan(row, None, at)

    def _work(
        self, plan: Plan, entity: str, work: list[tuple[str, str]], end: datetime, rng: random.Random
    ) -> list[Step]:
        moments = between(plan.at, end, len(work), self.world.calendar(entity), rng)
        return [Step(action, by, at) for (action, by), at in zip(work, moments, strict=True)]

    def _answered(self, plan: Plan, scene: dict[str, Any], rng: random.Random) -> list[Step]:
        course = scene["course"]
        answered = self.world.shift(course["answered_at"])
        work = self._work(
            plan,
            scene["to"],
            [("assign", COORDINATOR), ("start", SPECIALIST), ("draft_reply", SPECIALIST)],
            answered,
            rng,
        )
        reply = course["official_reply"]
        work[-1] = Step("draft_reply", SPECIALIST, work[-1].at, reply)
        accepted = in_order(answered, [answered + ACCEPTED_AFTER], self.world.latest)[0]
        return [
            *work,
            Step("answer", COORDINATOR, answered, reply),
            Step("accept", SENDER, accepted, self.about[plan.code].get("thanks", ""), score=5),
        ]

    def _begun(self, plan: Plan, entity: str, rng: random.Random) -> list[Step]:
        """The younger one still waits for its coordinator."""
        if plan.at + 2 * BEGUN_WITHIN > self.world.now - timedelta(days=14):
            return []
        end = plan.at + BEGUN_WITHIN
        return self._work(plan, entity, [("assign", COORDINATOR), ("start", SPECIALIST)], end, rng)
