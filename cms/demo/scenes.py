"""The scenes of scenes.json that happen on the way: transfers, returns, splits, directives, appeals."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from .moments import between, in_order
from .plans import (
    COORDINATOR,
    EMIRATE,
    LEADER,
    SENDER,
    SPECIALIST,
    SUPERVISOR,
    SYSTEM,
    Part,
    Plan,
    Step,
    World,
)
from .source import by_code, read

# A directive that was declined, was so within so many days.
DECLINED_WITHIN = timedelta(days=2)


class Scenes:
    """Adds the steps of the scenes to the plans of their reports."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.loader = read("loader")
        scenes = read("scenes")
        self.transfers = by_code(scenes["transfers"], "report")
        self.returns = by_code(scenes["returns"], "report")
        self.splits = by_code(scenes["splits"], "report")
        self.appeals = by_code(scenes["appeals"], "report")
        self.directives: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for scene in scenes["directives"]:
            self.directives[scene["report"]].append(scene)

    def on_the_way(self, plan: Plan, end: datetime) -> None:
        """Where it went before it was worked on, and into what it was split; all of it before `end`."""
        steps: list[Step] = []
        if transfer := self.transfers.get(plan.code):
            steps.append(
                Step(
                    "transfer",
                    SUPERVISOR,
                    self.world.shift(transfer["at"]),
                    transfer["text"],
                    transfer["reason"],
                    entity=transfer["to"],
                )
            )
        if given := self.returns.get(plan.code):
            back, on = self.world.shift(given["at"]), self.world.shift(given["routed_at"])
            steps += [
                Step("return", COORDINATOR, back, given["text"], given["reason"]),
                Step("route", SUPERVISOR, on, given["text"], entity=given["routed_to"]),
            ]
        if split := self.splits.get(plan.code):
            steps += self._split(plan, split, end)
        if transfer or given:
            # The rules sent it to the right one; somebody thought otherwise first.
            wrong = (transfer or {}).get("from") or given["by"]  # type: ignore[index]
            start = plan.steps[-1].at if plan.steps else plan.at
            first = min(step.at for step in steps)
            at = in_order(start, [start + 0.4 * (first - start)], first)[0]
            steps.append(Step("transfer", SUPERVISOR, at, "", "wrong_routing", entity=wrong))
        plan.steps += sorted(steps, key=lambda step: step.at)

    def _split(self, plan: Plan, scene: dict[str, Any], end: datetime) -> list[Step]:
        start = plan.steps[-1].at if plan.steps else plan.at
        at = in_order(start, [self.world.shift(scene["at"])], end)[0]
        parts = tuple(Part(part["title"], part["service"]) for part in scene["parts"])
        why = self.loader["split_notes"].get(plan.code, "")
        replies = self.loader["part_replies"].get(plan.code, [])
        rng = random.Random(f"parts {plan.code}")  # noqa: S311 (invention, not secrecy)
        # An open report's parts are open too.
        moments = between(at, end, len(replies), self.world.calendar(None), rng)
        return [
            Step("split", SUPERVISOR, at, why, scene["reason"], parts=parts),
            *(
                Step("answer", COORDINATOR, moment, reply, part=number)
                for number, (reply, moment) in enumerate(zip(replies, moments, strict=True), start=1)
            ),
        ]

    def direct(self, plan: Plan) -> None:
        """The directives on a report whose other steps are all known."""
        for scene in self.directives[plan.code]:
            at = self.world.shift(scene["at"])
            due = date.fromisoformat(self.world.shift.date(scene["due"]))
            by = EMIRATE if scene["by"] == EMIRATE else LEADER
            steps = [Step("direct", by, at, scene["text"], entity=scene["by"], due_on=due)]
            ending = [step.at for step in plan.steps if step.action in ("accept", "auto_close")]
            if scene["outcome"] == "done":
                # Before the report ends, which would overtake it.
                limit = min([*ending, self.world.latest])
                done = in_order(at, [self.world.shift(scene["done_at"])], limit)[0]
                steps.append(Step("directive_done", COORDINATOR, done, scene["outcome_text"]))
            elif scene["outcome"] == "declined":
                limit = min([*ending, self.world.latest])
                said = in_order(at, [min(at + DECLINED_WITHIN, limit)], limit)[0]
                text, reason = scene["outcome_text"], scene["decline_reason"]
                steps.append(Step("directive_decline", COORDINATOR, said, text, reason))
            plan.steps = sorted([*plan.steps, *steps], key=lambda step: step.at)

    def appeal(self, plan: Plan, rng: random.Random) -> None:
        """Against a rejection: upheld, or overturned, and then the report is worked on after all."""
        scene = self.appeals.get(plan.code)
        if scene is None:
            return
        decided = self.world.shift(scene["decided_at"])
        plan.steps.append(Step("appeal", SENDER, self.world.shift(scene["at"]), scene["text"]))
        if scene["decision"] == "upheld":
            reason = plan.row["course"]["rejection_reason"]
            plan.steps.append(Step("reject", SUPERVISOR, decided, scene["decision_text"], reason))
            return
        entity = str(plan.row["expected_entity"])
        told = decided + timedelta(minutes=2)
        answered = decided + timedelta(days=rng.randint(3, 6), minutes=35)
        work = [("assign", COORDINATOR), ("start", SPECIALIST)]
        moments = between(told, answered, len(work), self.world.calendar(entity), rng)
        plan.steps += [
            Step("route", SUPERVISOR, decided, scene["decision_text"], entity=entity),
            Step("update_sender", SUPERVISOR, told, scene["decision_text"]),
            *(Step(action, by, at) for (action, by), at in zip(work, moments, strict=True)),
            Step("answer", COORDINATOR, answered, self.loader["appeal_replies"][plan.code]),
        ]
        window = timedelta(days=self.world.service(plan)["reopen_window_days"])
        closed = answered + window + timedelta(seconds=rng.randrange(1, 60))
        if closed < self.world.latest:
            plan.steps.append(Step("auto_close", SYSTEM, closed))
