"""The floor: the same rows by one hand-written statement through psycopg, as JSON, and nothing else.

Serialised by orjson where it is installed (no part of the product needs it), by Python's json elsewhere.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

try:
    from orjson import dumps
except ImportError:

    def dumps(given: Any) -> bytes:
        return json.dumps(given, default=str, ensure_ascii=False).encode()


QUEUE = """
SELECT r.public_id, r.reference, r.kind, r.state, r.priority, r.title, left(r.text, 110), r.entity_id,
       r.place_id, r.submitted_at, r.next_due_at, r.returned_count, r.reopened_count, r.version, s.name_ar,
       u.name_ar, d.value, d.unit, d.starts_at, d.due_at, d.pauses, d.paused_since, d.outcome, e.code
FROM (SELECT * FROM reports_report WHERE privacy = 'normal' {where}
      ORDER BY next_due_at NULLS LAST, id DESC LIMIT 51) r
JOIN entities_service s ON s.id = r.service_id
LEFT JOIN permissions_user u ON u.id = r.responsible_id
LEFT JOIN reports_deadline d ON d.report_id = r.id AND d.promise = 'resolution' AND d.round = r.round
LEFT JOIN reports_event e ON e.report_id = r.id AND e.sequence = r.event_count
ORDER BY r.next_due_at NULLS LAST, r.id DESC
"""
REPORT = """
SELECT r.reference, r.kind, r.state, r.title, r.text, r.priority, r.submitted_at, r.next_due_at, r.latitude,
       r.longitude, s.name_ar, p.name_ar, n.name_ar, u.name_ar, c.name, c.phone,
       (SELECT json_agg(json_build_array(e.sequence, e.code, e.at, e.actor_kind, a.name_ar, t.text)
                        ORDER BY e.sequence)
        FROM reports_event e LEFT JOIN permissions_user a ON a.id = e.actor_id
        LEFT JOIN reports_eventtext t ON t.event_id = e.id WHERE e.report_id = r.id),
       (SELECT json_agg(json_build_array(d.promise, d.due_at, d.outcome))
        FROM reports_deadline d WHERE d.report_id = r.id)
FROM reports_report r
JOIN entities_service s ON s.id = r.service_id
JOIN entities_place p ON p.id = r.place_id
LEFT JOIN entities_entity n ON n.id = r.entity_id
LEFT JOIN permissions_user u ON u.id = r.responsible_id
LEFT JOIN reports_sender c ON c.id = r.sender_id
WHERE r.public_id = %s
"""


def queue_page(
    connection: psycopg.Connection[Any],
    *,
    entities: list[int] | None,
    service: int | None,
    states: list[str] | None,
    since: datetime | None = None,
    after: tuple[Any, int] | None = None,
) -> bytes:
    conditions, values = "", []
    for condition, value in (
        (" AND entity_id = ANY(%s)", entities),
        (" AND service_id = %s", service),
        (" AND state = ANY(%s)", states),
        (" AND submitted_at >= %s", since),
    ):
        if value is not None:
            conditions += condition
            values.append(value)
    if after is not None:
        due, pk = after
        if due is None:
            conditions, values = conditions + " AND next_due_at IS NULL AND id < %s", [*values, pk]
        else:
            conditions += " AND next_due_at >= %s AND (next_due_at > %s OR id < %s)"
            values += [due, due, pk]
    rows = connection.execute(QUEUE.format(where=conditions).encode(), values).fetchall()
    return dumps(rows)


def report_page(connection: psycopg.Connection[Any], public_id: UUID) -> bytes:
    return dumps(connection.execute(REPORT, [public_id]).fetchone())
