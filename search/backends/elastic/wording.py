"""What was typed, as the index is asked for it: each word in any field, true matches and phrases first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from ...analysis import STOP_WORDS, words
from ...queries import Term
from ...scope import Scope
from .dsl import SF, Q, Query

# What a word weighs in each field.
WEIGHTS = {
    "title": 3.0,
    "text": 2.0,
    "answers": 1.0,
    "conversation": 0.8,
    "about": 1.2,
    "where": 1.2,
    "whom": 0.8,
}
INTERNAL = {"notes": 0.8, "directives": 0.8}
ELSEWHERE = 0.5
NEARLY = ("title", "text", "about", "where")
# As it was written, on top of what its stem weighs.
EXACT = 0.6
BEGUN = 0.4
PHRASE = 1.5
# Of a query that nothing answers, words that are nearly these.
MOST_TERMS = 24
TIE = 0.25
# Of so many words this many must be there; where nothing is found so, one is enough.
ENOUGH = "2<-1 4<-2 7<60%"
OPEN_COUNTS = 1.1
FRESH_FOR = "400d"


def readable(scope: Scope) -> dict[str, float]:
    """The fields that may be asked, with their weights; not those of other entities (`_elsewhere`)."""
    fields = dict(WEIGHTS)
    if scope.reads_notes:
        fields |= INTERNAL
    if scope.reads_all_notes:
        fields["elsewhere"] = ELSEWHERE
    return fields


def telling(terms: Iterable[Term]) -> list[Term]:
    """Less what says nothing, unless there is nothing else; no more than anybody types."""
    plain = [term for term in terms if words(term.text)]
    kept = [term for term in plain if term.phrase or any(word not in STOP_WORDS for word in words(term.text))]
    return list(dict.fromkeys(kept or plain))[:MOST_TERMS]


def sentence(scope: Scope, terms: Sequence[Term], *, loosely: bool = False, marking: bool = False) -> Query:
    """`loosely`: one word is enough, and may be mistyped. `marking`: without what only weighs."""
    said = telling(term for term in terms if not term.without)
    plain = [term for term in said if not term.phrase]
    must: list[Query] = [_phrase(scope, term.text) for term in said if term.phrase]
    should: list[Query] = []
    if plain:
        last = plain[-1]
        each = [_word(scope, term.text, begun=term is last, loosely=loosely) for term in plain]
        must.append(Q("bool", should=each, minimum_should_match=1 if loosely else ENOUGH))
    if plain and not marking:
        typed = " ".join(term.text for term in plain)
        fields = [f"{name}.exact^{weight * EXACT}" for name, weight in readable(scope).items()]
        should.append(Q("multi_match", query=typed, fields=fields, type="best_fields", tie_breaker=TIE))
        if len(plain) > 1:
            near = [f"{name}^{weight * PHRASE}" for name, weight in WEIGHTS.items()]
            should.append(Q("multi_match", query=typed, fields=near, type="phrase", slop=2))
    without = [_any(scope, term) for term in telling(term for term in terms if term.without)]
    if not must and not without:
        return Q("match_all")
    return Q("bool", must=must or [Q("match_all")], should=should, must_not=without)


def _word(scope: Scope, text: str, *, begun: bool, loosely: bool) -> Query:
    how: dict[str, Any] = {"query": text, "operator": "and"}
    if loosely:
        how |= {"fuzziness": "AUTO:4,8", "prefix_length": 1, "max_expansions": 20}
    fields = readable(scope)
    if loosely:
        # What nearly looks like a word is looked up in each field: in those that say what it is about.
        fields = {name: weight for name, weight in fields.items() if name in NEARLY}
    ways = [Q("match", **{name: {**how, "boost": weight}}) for name, weight in fields.items()]
    if begun and len(text) >= 2:
        ways.append(Q("match", **{"title.begun": {"query": text, "operator": "and", "boost": BEGUN}}))
    if not loosely:
        ways += _elsewhere(scope, Q("match", elsewhere={**how, "boost": ELSEWHERE}))
    return Q("dis_max", queries=ways, tie_breaker=TIE)


def _phrase(scope: Scope, text: str) -> Query:
    fields = [f"{name}.exact^{weight}" for name, weight in readable(scope).items()]
    ways = [Q("multi_match", query=text, fields=fields, type="phrase")]
    ways += _elsewhere(scope, Q("match_phrase", **{"elsewhere.exact": {"query": text, "boost": ELSEWHERE}}))
    return Q("dis_max", queries=ways)


def _any(scope: Scope, term: Term) -> Query:
    """For what must not be there."""
    if term.phrase:
        return _phrase(scope, term.text)
    return Q("multi_match", query=term.text, fields=list(readable(scope)), type="best_fields", operator="and")


def _elsewhere(scope: Scope, query: Query) -> list[Query]:
    """What other entities wrote among themselves, for whoever may read what each of them wrote."""
    mine = [str(pk) for pk in sorted(scope.entities)]
    if not scope.reads_notes or scope.reads_all_notes or not mine:
        return []
    all_mine = Q(
        "terms_set", elsewhere_entities={"terms": mine, "minimum_should_match_field": "elsewhere_count"}
    )
    return [Q("bool", must=[query], filter=[all_mine])]


def weighed(query: Query, at: datetime) -> Query:
    """Recent ones and open ones a little more."""
    fresh = {"submitted_at": {"origin": at.isoformat(), "scale": FRESH_FOR, "decay": 0.8}}
    return Q(
        "function_score",
        query=query,
        functions=[SF({"weight": OPEN_COUNTS, "filter": {"term": {"open": True}}}), SF({"exp": fresh})],
        score_mode="multiply",
        boost_mode="multiply",
    )
