"""The one way to ask Elasticsearch anything: `ask` adds whom the answer is for, to every question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from elasticsearch import ApiError, ConnectionTimeout, TransportError

from ...scope import Scope
from .. import Unavailable
from .client import PATIENCE, alias, client
from .dsl import Q, Query, Search
from .keeping import why

# How long the server keeps what a page goes on from.
KEPT = "3m"


def limits(scope: Scope) -> list[Query]:
    """The rule of `cms.reports.policies.visible_to`, clause by clause."""
    if scope.nobody:
        return [Q("match_none")]
    clauses = [*_whose(scope)]
    if not scope.confidential:
        owner = "sender_entity" if scope.sent_by else "entity"
        normal = Q("term", confidential=False)
        granted = Q("terms", **{owner: _keys(scope.confidential_at)})
        clauses.append(Q("bool", should=[normal, granted]) if scope.confidential_at else normal)
    if scope.kin:
        clauses.append(Q("bool", must_not=[Q("terms", about_entity=_keys(scope.kin))]))
    if scope.left_out:
        clauses.append(Q("bool", must_not=[Q("ids", values=[str(pk) for pk in scope.left_out])]))
    return clauses


def _whose(scope: Scope) -> list[Query]:
    if scope.public:
        return [Q("term", erased=False), Q("bool", must_not=[Q("exists", field="about_entity")])]
    if scope.sent_by:
        return [Q("terms", sender_entity=_keys(scope.sent_by)), Q("term", erased=False)]
    if scope.everywhere:
        return []
    own = Q("terms", entity=_keys(scope.entities))
    assigned = Q("terms", assigned=[f"{scope.person}:{entity}" for entity in sorted(scope.assigned_at)])
    if scope.entities and scope.assigned_at - scope.entities:
        return [Q("bool", should=[own, assigned])]
    if scope.entities:
        return [own]
    if scope.assigned_at:
        return [assigned, Q("terms", entity=_keys(scope.assigned_at))]
    return [Q("match_none")]


def _keys(ids: frozenset[int]) -> list[str]:
    return [str(pk) for pk in sorted(ids)]


def scoped(scope: Scope, search: Search) -> dict[str, Any]:
    """The body of a question with its scope in it: what it finds, counts and marks is the actor's."""
    query = search.query("bool", filter=limits(scope))
    made: dict[str, Any] = query.to_dict()
    return made


def ask(scope: Scope, search: Search, *, pit: str = "") -> Mapping[str, Any]:
    """The server's answer, of whole shards alone. Raises Unavailable."""
    body = scoped(scope, search)
    where: dict[str, Any] = {"index": alias(), "allow_partial_search_results": False}
    if pit:
        body["pit"], where = {"id": pit, "keep_alive": KEPT}, {"allow_partial_search_results": False}
    body["timeout"] = f"{int(PATIENCE * 1000)}ms"
    try:
        answer = _asked().search(body=body, **where).body
    except ConnectionTimeout as late:
        raise Unavailable("no answer in time", slow=True) from late
    except ApiError as error:
        status = error.meta.status
        raise Unavailable(
            why(error), answered=status in (400, 413), gone=bool(pit) and status == 404
        ) from error
    except TransportError as error:
        raise Unavailable(why(error)) from error
    if answer.get("timed_out"):
        raise Unavailable("no answer in time", slow=True)
    return dict(answer)


def _asked() -> Any:
    """Nobody who asks waits for longer."""
    return client().options(request_timeout=PATIENCE)


def hold_still() -> str:
    """A point in time of the index, for pages that go on from one another."""
    try:
        return str(_asked().open_point_in_time(index=alias(), keep_alive=KEPT)["id"])
    except (ApiError, TransportError) as error:
        raise Unavailable(why(error)) from error


def let_go(pit: str) -> None:
    """It would end by itself; a server that is away has forgotten it."""
    try:
        _asked().close_point_in_time(id=pit)
    except (ApiError, TransportError):
        return


def time_zone() -> str:
    return str(settings.TIME_ZONE)


def question(query: Query, *, filters: Sequence[Query] = ()) -> Search:
    """A question that nobody can send by itself: it has no connection."""
    return Search().query("bool", must=[query], filter=list(filters)).source(False)
