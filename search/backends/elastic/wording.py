"""What was typed, as the index is asked for it: by the words, ways and weights of the database itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import log
from typing import Any

from ...analysis import bare
from ...scope import Scope
from ..embedded.weighing import (
    BESIDE,
    ENOUGH,
    EXACT,
    FRESH,
    FRESH_DAYS,
    LEAST,
    LIGHT,
    MISTYPED,
    OPEN,
    PHRASE,
    WEIGHTS,
)
from ..embedded.wording import Sentence, Sought, Way, ways_of
from .dsl import SF, Q, Query

# A word whose end was not typed yet, where nobody says it as it stands.
BEGUN, SHORTEST = 0.4, 3
HAIR = 1e-4


@dataclass(frozen=True)
class Saying:
    """A question's words; how rare each is; the part of them all that a report must have."""

    sentence: Sentence
    rarity: tuple[float, ...]
    least: float = ENOUGH
    # Of the last word only its beginning was typed.
    begun: bool = False
    # Typed words in whose place others were found that are nearly the same.
    meant: tuple[str, ...] = ()

    @property
    def less(self) -> Saying:
        return replace(self, least=LEAST)

    def told(self) -> dict[str, Any]:
        """For the page after this one."""
        near = {str(one.number): one.stems for one in self.sentence.sought if one.corrected}
        return {"rare": self.rarity, "least": self.least, "begun": self.begun, "near": near}


def plainly(sentence: Sentence) -> Saying:
    """Before anything was counted: each word is worth the same."""
    return Saying(sentence, tuple(1.0 for _ in sentence.sought))


def again(sentence: Sentence, told: Mapping[str, Any]) -> Saying:
    """As it was asked for the page before."""
    sought = tuple(
        replace(one, stems=tuple(told["near"][str(one.number)]), corrected=True)
        if str(one.number) in told["near"]
        else one
        for one in sentence.sought
    )
    rare = tuple(float(each) for each in told["rare"])
    return Saying(replace(sentence, sought=sought), rare, float(told["least"]), bool(told["begun"]))


def counted(sentence: Sentence, counts: Mapping[str, int], total: int) -> Saying:
    """`counts` as `counting` asked for them; `total` of reports that have any of the words."""
    begun = _last_is_begun(sentence, counts)
    last = sentence.wanted[-1].number if sentence.wanted else -1
    rarity = []
    for one in sentence.sought:
        count = counts["begun"] if begun and one.number == last else counts[str(one.number)]
        rarity.append(log(1 + (total + 1) / (0.5 + count)) * (LIGHT if one.light else 1.0))
    return Saying(sentence, tuple(rarity), begun=begun)


def _last_is_begun(sentence: Sentence, counts: Mapping[str, int]) -> bool:
    last = sentence.wanted[-1] if sentence.wanted else None
    return bool(last and not counts[str(last.number)] and counts.get("begun"))


def counting(scope: Scope, sentence: Sentence) -> dict[str, Query]:
    """Of each word who has it, by its number; and of the last, who has one that begins so."""
    asked = {str(one.number): _has(scope, one, sentence) for one in sentence.sought}
    if sentence.wanted and (begun := _begun(sentence.wanted[-1])) is not None:
        asked["begun"] = begun
    return asked


def any_of(asked: Mapping[str, Query]) -> Query:
    return Q("bool", should=list(asked.values()), minimum_should_match=1)


def _begun(one: Sought) -> Query | None:
    if one.phrase or one.corrected or len(bare(one.said[0])) < SHORTEST:
        return None
    return Q("match", **{"title.begun": {"query": one.said[0], "operator": "and"}})


def _way(scope: Scope, way: Way) -> Query:
    if way.side_by_side:
        said: Query = Q("match_phrase", **{f"tokens.{way.columns[0]}": " ".join(way.words)})
    else:
        each = [Q("terms", **{f"tokens.{column}": list(way.words)}) for column in way.columns]
        said = each[0] if len(each) == 1 else Q("bool", should=each, minimum_should_match=1)
    if way.name != "elsewhere" or scope.reads_all_notes:
        return said
    # What other entities wrote among themselves, for whoever may read what each of them wrote.
    mine = [str(pk) for pk in sorted(scope.notes_of)]
    all_mine = Q(
        "terms_set", elsewhere_entities={"terms": mine, "minimum_should_match_field": "elsewhere_count"}
    )
    return Q("bool", filter=[said, all_mine])


def _has(scope: Scope, one: Sought, sentence: Sentence, *, begun: bool = False) -> Query:
    ways = [_way(scope, way) for way in ways_of(one, sentence.columns)]
    if begun and (beginning := _begun(one)) is not None:
        ways.append(beginning)
    return Q("bool", should=ways, minimum_should_match=1)


def _strength(scope: Scope, one: Sought, sentence: Sentence, worth: float, *, begun: bool) -> Query:
    """The best way in which a report has the word, a little of the others, and more where it is as typed."""
    where, as_typed = [], []
    for way in ways_of(one, sentence.columns):
        said = _way(scope, way)
        if way.name == "exact":
            as_typed.append(Q("constant_score", filter=said, boost=worth * EXACT))
        else:
            where.append(Q("constant_score", filter=said, boost=worth * WEIGHTS[way.name]))
    if begun and (beginning := _begun(one)) is not None:
        where.append(Q("constant_score", filter=beginning, boost=worth * BEGUN))
    return Q("bool", should=[Q("dis_max", queries=where, tie_breaker=BESIDE), *as_typed])


def query(scope: Scope, saying: Saying) -> Query:
    """Reports that answer, with what they weigh."""
    sentence = saying.sentence
    without = [_has(scope, one, sentence) for one in sentence.sought if one.without]
    wanted = sentence.wanted
    if not wanted:
        return Q("bool", must=[Q("match_all")], must_not=without) if without else Q("match_all")
    last = wanted[-1].number
    must, should, held = [], [], []
    for one in wanted:
        rare, begun = saying.rarity[one.number], saying.begun and one.number == last
        has = _has(scope, one, sentence, begun=begun)
        held.append((has, rare))
        if one.phrase:
            must.append(Q("constant_score", filter=has, boost=rare * PHRASE))
        else:
            worth = rare * (MISTYPED if one.corrected else 1.0)
            should.append(_strength(scope, one, sentence, worth, begun=begun))
    return Q("bool", must=must, should=should, filter=[_enough(held, saying.least)], must_not=without)


def _enough(held: Sequence[tuple[Query, float]], least: float) -> Query:
    """Whoever has so much of what was said, each word by how rare it is."""
    any_one = Q("bool", should=[has for has, _ in held], minimum_should_match=1)
    if len(held) == 1:
        return any_one
    whole = sum(rare for _, rare in held)
    return Q(
        "function_score",
        query=any_one,
        functions=[SF("boost_factor", filter=has, weight=rare) for has, rare in held],
        score_mode="sum",
        boost_mode="replace",
        min_score=least * whole - HAIR,
    )


def weighed(query: Query, at: datetime) -> Query:
    """Recent ones and open ones a little more."""
    half = {"origin": at.isoformat(), "scale": f"{FRESH_DAYS // 2}d", "decay": 0.5}
    return Q(
        "function_score",
        query=query,
        functions=[
            SF({"weight": 1.0}),
            SF({"weight": OPEN - 1, "filter": {"term": {"open": True}}}),
            SF({"weight": FRESH, "linear": {"submitted_at": half}}),
        ],
        score_mode="sum",
        boost_mode="multiply",
    )
