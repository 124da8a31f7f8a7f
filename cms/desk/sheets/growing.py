"""New nodes of a tree, many at once: paths as treebeard gives them, hundreds by one statement."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import F

BATCH = 200


def grow(model: Any, nodes: list[tuple[Any, Any]]) -> None:
    """Adds each (node, parent) as its parent's last child, or as the last root where the parent is None.

    A parent stands before its children. Rows of the tree are locked by whoever calls.
    """
    last: dict[str, Any] = {}
    for node in model._default_manager.only("path").order_by("path"):
        last[node.path[: -model.steplen]] = node
    older: Counter[Any] = Counter()
    for node, parent in nodes:
        above = parent.path if parent else ""
        node.depth = len(above) // model.steplen + 1
        node.numchild = 0
        node.path = last[above]._inc_path() if above in last else model._get_path(above, node.depth, 1)
        last[above] = node
        if parent is not None:
            parent.numchild += 1
            if parent.pk:
                older[parent.pk] += 1
    model._default_manager.bulk_create([node for node, _parent in nodes], batch_size=BATCH)
    for pk, count in older.items():
        model._default_manager.filter(pk=pk).update(numchild=F("numchild") + count)
