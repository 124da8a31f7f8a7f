"""What is stored of the models that a workbook names by their codes, with what the file adds to it."""

from __future__ import annotations

from typing import Any

from cms.entities.models import Category, Entity, IntakeQuestion, Place, Service

TREES = (Entity, Place)
# What a row of each model is read with.
WITH: dict[Any, tuple[str, ...]] = {Entity: ("jurisdiction",)}
ORDERS: dict[Any, tuple[str, ...]] = {
    Category: ("order", "pk"),
    Entity: ("path",),
    Place: ("path",),
    Service: ("category__order", "category_id", "pk"),
    IntakeQuestion: ("service__category__order", "service__category_id", "service_id", "order", "pk"),
}


class Stored:
    """One reading; `locked` holds the rows until the transaction ends."""

    def __init__(self, *, locked: bool = False) -> None:
        self.locked = locked
        self._rows: dict[Any, list[Any]] = {}
        self._by_code: dict[Any, dict[str, Any]] = {}
        self._by_pk: dict[Any, dict[Any, Any]] = {}
        self._by_path: dict[Any, dict[str, Any]] = {}

    def rows(self, model: Any) -> list[Any]:
        """Every row, in the order in which a list shows them."""
        if model not in self._rows:
            rows = model._default_manager.order_by(*ORDERS.get(model, ("pk",)))
            if self.locked:
                # By key, so that two who save never wait for each other.
                list(model._default_manager.order_by("pk").select_for_update().values_list("pk"))
            self._rows[model] = list(rows.prefetch_related(*WITH.get(model, ())))
            if model is Category:
                # One instance for each, so that a change of one is seen from the other.
                by_pk = {row.pk: row for row in self._rows[model]}
                for row in self._rows[model]:
                    row.parent = by_pk.get(row.parent_id)
        return self._rows[model]

    def by_code(self, model: Any) -> dict[str, Any]:
        """Code → row, or an instance that is not saved yet where the file adds it."""
        if model not in self._by_code:
            self._by_code[model] = {row.code: row for row in self.rows(model)}
        return self._by_code[model]

    def code_of(self, model: Any, pk: Any) -> str:
        if model not in self._by_pk:
            self._by_pk[model] = {row.pk: row.code for row in self.rows(model)}
        return self._by_pk[model].get(pk, "")

    def parent_of(self, node: Any) -> Any:
        """The node above a stored one, or None."""
        model = type(node)
        if model not in self._by_path:
            self._by_path[model] = {row.path: row for row in self.rows(model)}
        return self._by_path[model].get(node.path[: -model.steplen]) if node.path else None
