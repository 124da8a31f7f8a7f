"""Plans of the reports that are open now: the loader chooses their states, and which of them are late.

About one in seven is late. Which would be depends on the day of the load, so the others that time has
overtaken were asked something: a question stops the clock of the resolution.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from .moments import between, in_order
from .plans import COORDINATOR, JUST_NOW, RIYADH, SENDER, SPECIALIST, SUPERVISOR, Plan, Step, World
from .scenes import Scenes
from .source import by_code, read

LATE_ONE_IN = 7
# A state and its weight, by age.
YOUNG = {"with_entity": 40, "assigned": 24, "in_progress": 20, "awaiting_sender": 8, "reply_drafted": 8}
OLDER = {"with_entity": 10, "assigned": 20, "in_progress": 36, "awaiting_sender": 14, "reply_drafted": 20}
AGED = timedelta(days=3)
# A question does not lapse (after sender_wait_days) in the first days of the demonstration.
STILL_WAITS = timedelta(days=3)

_WAY = {
    "with_entity": [],
    "assigned": [("assign", COORDINATOR)],
    "in_progress": [("assign", COORDINATOR), ("start", SPECIALIST)],
    "awaiting_sender": [("assign", COORDINATOR), ("start", SPECIALIST), ("ask_sender", SPECIALIST)],
    "reply_drafted": [("assign", COORDINATOR), ("start", SPECIALIST), ("draft_reply", SPECIALIST)],
}


@dataclass(frozen=True)
class Pause:
    """A question and its reply, that keep a report from being late."""

    asked: datetime
    replied: datetime


class OpenReports:
    """Adds the steps of open reports to their plans; all of them are planned together, for the quota."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.loader = read("loader")
        self.scenes = Scenes(world)
        self.returned = by_code(self.loader["returned"], "report")
        rerouted = self.loader["rerouted"]
        self.rerouted = by_code(rerouted["reports"], "report")
        self.target: str = rerouted["to"]
        self.reopened = by_code(self.loader["reopened_lately"], "report")

    def entity(self, plan: Plan) -> str | None:
        return self.target if plan.code in self.rerouted else plan.row["expected_entity"]

    def fill(self, plans: list[Plan]) -> None:
        late = self.late(plans)
        for plan in plans:
            rng = random.Random(f"open {plan.code}")  # noqa: S311 (invention, not secrecy)
            self._fill(plan, rng, late=plan.code in late)
            self.scenes.direct(plan)

    def late(self, plans: list[Plan]) -> set[str]:
        """Those that may stay late: whoever cannot be asked first, then those that are late the longest."""
        quota = round((len(plans) + len(self.reopened)) / LATE_ONE_IN)
        overdue = [
            (plan.reachable, due, plan.code)
            for plan in plans
            if (due := self.world.due(plan, self.entity(plan))) is not None
            and due < self.world.now
            and self.loader["states"].get(plan.code) != "awaiting_sender"
        ]
        return {code for _, _, code in sorted(overdue)[:quota]}

    def _fill(self, plan: Plan, rng: random.Random, *, late: bool) -> None:
        now = self.world.latest
        start = plan.at
        plan.first_specialist = self.entity(plan) == self.target and not plan.row["anonymous"]
        if plan.row["expected_entity"] is None:
            # It waits for a supervisor.
            return
        if plan.code in self.returned:
            given = self.returned[plan.code]
            # Lately, so that the supervisors still have time: four working hours.
            calendar = self.world.calendar(None)
            lately = calendar.worked(calendar.minute(now)) - rng.randint(40, 200)
            at = in_order(start, [calendar.moment(calendar.reached(lately))], now)[0]
            plan.steps.append(Step("return", COORDINATOR, at, given["text"], given["reason"]))
            return
        if plan.code in self.rerouted:
            start = self._reroute(plan, now, rng)
        self.scenes.on_the_way(plan, now)
        start = plan.steps[-1].at if plan.steps else start
        entity = self.entity(plan) or ""
        if plan.code not in self.rerouted and (reply := self.world.first_reply(plan, entity, now, rng)):
            plan.steps.append(reply)
            start = reply.at
        pause = None if late else self._pause(plan, start, rng)
        state = self.loader["states"].get(plan.code) or self._state(plan, pause, rng, late=late)
        self._walk(plan, state, pause, start, now, rng)

    def _reroute(self, plan: Plan, now: datetime, rng: random.Random) -> datetime:
        given = self.rerouted[plan.code]
        calendar = self.world.calendar(plan.row["expected_entity"])
        returned = between(plan.at, plan.at + (now - plan.at) / 3, 1, calendar, rng)[0]
        decided = calendar.worked(calendar.minute(returned)) + rng.randint(20, 150)
        # Where the next working day is still to come, a supervisor did it from home.
        wanted = min(calendar.moment(calendar.reached(decided)), returned + 0.4 * (now - returned))
        routed = in_order(returned, [wanted], now)[0]
        plan.steps += [
            Step("return", COORDINATOR, returned, given["text"], given["reason"]),
            Step("route", SUPERVISOR, routed, given["text"], entity=self.target),
        ]
        return routed

    def _pause(self, plan: Plan, start: datetime, rng: random.Random) -> Pause | None:
        """Where the promise has passed: a question before that, and a reply that came late enough."""
        entity = self.entity(plan)
        due = self.world.due(plan, entity)
        if due is None or due >= self.world.now or start >= due or not plan.reachable:
            return None
        calendar = self.world.calendar(entity)
        first, last = calendar.worked(calendar.minute(start)), calendar.worked(calendar.minute(due))
        passed = calendar.worked(calendar.minute(self.world.now)) - last
        room = last - first
        asked = first + int(room * rng.uniform(0.15, 0.4))
        # What is left of the promise when the reply comes, beyond the time until now.
        spare = int((last - asked) * rng.uniform(0.45, 0.8))
        replied = asked + passed + spare
        end = self.world.latest - JUST_NOW
        return Pause(
            calendar.moment(calendar.reached(asked)),
            min(calendar.moment(calendar.reached(replied)), end),
        )

    def _state(self, plan: Plan, pause: Pause | None, rng: random.Random, *, late: bool) -> str:
        weights = dict(OLDER if self.world.now - plan.at > AGED else YOUNG)
        if late or not plan.reachable:
            weights.pop("awaiting_sender")
        if pause:
            # Somebody worked on it, or the question would not have been asked.
            for state in ("with_entity", "awaiting_sender"):
                weights.pop(state, None)
        return rng.choices(list(weights), list(weights.values()))[0]

    def _walk(
        self,
        plan: Plan,
        state: str,
        pause: Pause | None,
        start: datetime,
        now: datetime,
        rng: random.Random,
    ) -> None:
        way = list(_WAY[state])
        wait = timedelta(days=self.world.service(plan)["sender_wait_days"]) - STILL_WAITS
        if pause and pause.asked > start:
            before = [step for step in way if step[0] in ("assign", "start")]
            self._steps(plan, before, start, pause.asked, rng)
            by = SPECIALIST if before else COORDINATOR
            plan.steps.append(Step("ask_sender", by, pause.asked, self._say(plan, "questions", rng)))
            if state == "awaiting_sender" and pause.asked > now - wait:
                return
            plan.steps.append(
                Step("sender_reply", SENDER, pause.replied, self._say(plan, "sender_replies", rng))
            )
            start = pause.replied
            way = [step for step in way if step[0] == "draft_reply"]
        if way and way[-1][0] == "ask_sender":
            asked = in_order(start, [max(start + 0.6 * (now - start), now - wait)], now)[0]
            self._steps(plan, way[:-1], start, asked, rng)
            plan.steps.append(Step("ask_sender", SPECIALIST, asked, self._say(plan, "questions", rng)))
            return
        self._steps(plan, way, start, now, rng)
        if state == "in_progress" and not rng.randrange(3):
            at = in_order(plan.steps[-1].at, [now - 0.3 * (now - plan.steps[-1].at)], now)[0]
            plan.steps.append(Step("note", SPECIALIST, at, rng.choice(self.loader["notes"])))

    def _steps(
        self,
        plan: Plan,
        way: list[tuple[str, str]],
        start: datetime,
        end: datetime,
        rng: random.Random,
    ) -> None:
        moments = between(start, end, len(way), self.world.calendar(self.entity(plan)), rng)
        for (action, by), at in zip(way, moments, strict=True):
            text = self._say(plan, "drafts", rng) if action == "draft_reply" else ""
            plan.steps.append(Step(action, by, at, text))

    def _say(self, plan: Plan, kind: str, rng: random.Random) -> str:
        return self.world.say(plan, self.loader[kind], rng)

    def reopen_lately(self, plan: Plan) -> None:
        """A report of the branch whose people sign in, opened again a few days ago."""
        given = self.reopened.get(plan.code)
        if given is None:
            return
        rng = random.Random(f"reopened {plan.code}")  # noqa: S311 (invention, not secrecy)
        now = self.world.latest
        answered = next(step.at for step in reversed(plan.steps) if step.action == "answer")
        window = timedelta(days=self.world.service(plan)["reopen_window_days"])
        at = (self.world.now - timedelta(days=given["days_ago"])).astimezone(RIYADH)
        at = at.replace(hour=rng.randint(8, 13), minute=rng.randrange(60))
        by = SUPERVISOR
        if given["by"] == "sender":
            by, at = SENDER, min(at, answered + window - timedelta(hours=2))
        at = max(at, plan.steps[-1].at + timedelta(hours=1))
        plan.steps.append(Step("reopen", by, at, given["text"], given["reason"]))
        plan.first_specialist = True
        self._walk(plan, given["state"], None, at, now, rng)
