"""Plans of the reports whose end is known: answered, rejected, withdrawn, merged."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from .moments import between, in_order
from .plans import COORDINATOR, SENDER, SPECIALIST, SUPERVISOR, SYSTEM, Plan, Step, World
from .scenes import Scenes
from .source import by_code, read

# One reply in so many was sent back once before it was sent.
SENT_BACK_ONE_IN = 25
UPDATED_ONE_IN = 9


class Courses:
    """Adds the steps of a report's course to its plan."""

    def __init__(self, world: World, rows: list[dict[str, Any]]) -> None:
        self.world = world
        self.rows = by_code(rows, "id")
        scenes = read("scenes")
        self.reopenings = by_code(scenes["reopenings"], "report")
        self.withdrawals = by_code(scenes["withdrawals"], "report")
        self.merges = {code: scene for scene in scenes["merges"] for code in scene["merged"]}
        self.loader = read("loader")
        self.scenes = Scenes(world)

    def fill(self, plan: Plan) -> None:
        course = plan.row["course"]
        rng = random.Random(f"course {plan.code}")  # noqa: S311 (invention, not secrecy)
        match course["outcome"]:
            case "answered":
                self.answered(plan, course, self.world.shift(course["answered_at"]), rng)
                self.scenes.direct(plan)
            case "rejected":
                self.rejected(plan, course, rng)
                self.scenes.appeal(plan, rng)
            case "withdrawn":
                self.withdrawn(plan, rng)
            case "merged":
                self.merged(plan, rng)

    def entity(self, plan: Plan) -> str:
        return str(plan.row["expected_entity"] or plan.row["course"]["answered_by"])

    def _route(self, plan: Plan, rng: random.Random) -> None:
        """A supervisor's decision first, where no rule decides: an hour or two after it came in."""
        if plan.row["expected_entity"] is None:
            region = self.world.calendar(None)
            start = region.opening(region.minute(plan.at))
            at = region.moment(region.reached(region.worked(start) + rng.randint(20, 200)))
            plan.steps.append(Step("route", SUPERVISOR, at, entity=self.entity(plan)))

    def answered(self, plan: Plan, course: dict[str, Any], at: datetime, rng: random.Random) -> None:
        thanks = self.world.service(plan)["kind"] == "thanks"
        if thanks and course["closed"] == "auto":
            # Thanks that nobody rated were read and closed; the others were answered in words.
            self._route(plan, rng)
            plan.steps.append(Step("acknowledge", COORDINATOR, at, course["official_reply"]))
            return
        self._route(plan, rng)
        self.scenes.on_the_way(plan, at)
        self._reply_first(plan, course, at, rng)
        self._before(plan, self._work(plan, course, rng), at, rng)
        plan.steps.append(Step("answer", COORDINATOR, at, course["official_reply"]))
        if course["reopened_reason"]:
            self._reopened(plan, course, at, rng)
        else:
            self._ended(plan, course, at, rng)

    def _reply_first(self, plan: Plan, course: dict[str, Any], before: datetime, rng: random.Random) -> None:
        step = self.world.first_reply(plan, self.entity(plan), before, rng)
        if step and not course["question_to_sender"]:
            plan.steps.append(step)

    def _work(
        self, plan: Plan, course: dict[str, Any], rng: random.Random
    ) -> list[tuple[str, str, str, str]]:
        """What was done between arrival and the answer, as (action, by, text, reason)."""
        reply = course["official_reply"]
        kind = self.world.service(plan)["kind"]
        work = [("assign", COORDINATOR, "", "")]
        if kind in ("inquiry", "thanks") and rng.random() < 0.7 and not course["question_to_sender"]:
            work.append(("draft_reply", SPECIALIST, reply, ""))
            return work
        work.append(("start", SPECIALIST, "", ""))
        if course["internal_note"]:
            work.append(("note", SPECIALIST, course["internal_note"], ""))
        if course["question_to_sender"]:
            work.append(("ask_sender", SPECIALIST, course["question_to_sender"], ""))
            work.append(("sender_reply", SENDER, course["sender_reply"], ""))
        elif (course["late"] and not rng.randrange(2)) or not rng.randrange(UPDATED_ONE_IN):
            update = self.world.say(plan, self.loader["updates"], rng)
            work.append(("update_sender", SPECIALIST, update, ""))
        work.append(("draft_reply", SPECIALIST, reply, ""))
        if not rng.randrange(SENT_BACK_ONE_IN):
            back = self.loader["drafts_sent_back"]
            work.append(("send_back", COORDINATOR, back["text"], back["reason"]))
            work.append(("draft_reply", SPECIALIST, reply, ""))
        return work

    def _before(
        self, plan: Plan, work: list[tuple[str, str, str, str]], end: datetime, rng: random.Random
    ) -> None:
        start = plan.steps[-1].at if plan.steps else plan.at
        moments = between(start, end, len(work), self.world.calendar(self.entity(plan)), rng)
        for (action, by, text, reason), at in zip(work, moments, strict=True):
            plan.steps.append(Step(action, by, at, text, reason))

    def _ended(self, plan: Plan, course: dict[str, Any], at: datetime, rng: random.Random) -> None:
        """Accepted and rated, or closed by itself when the window has passed; else still open to both."""
        window = timedelta(days=self.world.service(plan)["reopen_window_days"])
        if course["closed"] == "accepted":
            latest = min(at + window, self.world.latest) - timedelta(minutes=5)
            wanted = at + timedelta(minutes=20 + rng.betavariate(1, 4) * 9 * 24 * 60)
            moment = in_order(at, [wanted], max(latest, at + timedelta(minutes=1)))[0]
            plan.steps.append(
                Step(
                    "accept",
                    SENDER,
                    moment,
                    course["satisfaction_comment"] or "",
                    score=course["satisfaction"],
                )
            )
        else:
            self._closed_by_itself(plan, at + window, rng)

    def _closed_by_itself(self, plan: Plan, until: datetime, rng: random.Random) -> None:
        # The sweep runs every minute.
        moment = until + timedelta(seconds=rng.randrange(1, 60))
        if moment < self.world.latest:
            plan.steps.append(Step("auto_close", SYSTEM, moment))

    def _reopened(self, plan: Plan, course: dict[str, Any], at: datetime, rng: random.Random) -> None:
        scene = self.reopenings.get(plan.code)
        shift = self.world.shift
        reopened = shift(scene["at"]) if scene else at + timedelta(days=rng.randint(3, 9), minutes=90)
        if course["satisfaction"]:
            rated = in_order(at, [at + 0.6 * (reopened - at)], reopened)[0]
            comment = course["satisfaction_comment"] or ""
            plan.steps.append(Step("rate", SENDER, rated, comment, score=course["satisfaction"]))
        reason = scene["reason"] if scene else "came_back"
        plan.steps.append(Step("reopen", SENDER, reopened, course["reopened_reason"], reason))
        reply = scene["second_reply"] if scene else self.loader["second_replies"][plan.code]
        answered = (
            shift(scene["second_answered_at"])
            if scene
            else reopened + timedelta(days=rng.randint(2, 5), minutes=45)
        )
        again = [
            ("assign", COORDINATOR, "", ""),
            ("start", SPECIALIST, "", ""),
            ("draft_reply", SPECIALIST, reply, ""),
        ]
        self._before(plan, again, answered, rng)
        plan.steps.append(Step("answer", COORDINATOR, answered, reply))
        window = timedelta(days=self.world.service(plan)["reopen_window_days"])
        self._closed_by_itself(plan, answered + window, rng)

    def rejected(self, plan: Plan, course: dict[str, Any], rng: random.Random) -> None:
        at = self.world.shift(course["answered_at"])
        self._route(plan, rng)
        if course["internal_note"]:
            self._before(plan, [("note", COORDINATOR, course["internal_note"], "")], at, rng)
        plan.steps.append(
            Step("reject", COORDINATOR, at, course["official_reply"], course["rejection_reason"])
        )

    def withdrawn(self, plan: Plan, rng: random.Random) -> None:
        scene = self.withdrawals[plan.code]
        at = self.world.shift(scene["at"])
        self._before(plan, [("assign", COORDINATOR, "", "")], at, rng)
        plan.steps.append(Step("withdraw", SENDER, at, scene["text"]))

    def merged(self, plan: Plan, rng: random.Random) -> None:
        scene = self.merges[plan.code]
        at = self.world.shift(scene["at"])
        self._before(plan, [("assign", COORDINATOR, "", "")], at, rng)
        by = COORDINATOR if scene["by_role"] == "coordinator" else SUPERVISOR
        plan.steps.append(Step("merge", by, at, self.loader["merged_note"], primary=scene["primary"]))
