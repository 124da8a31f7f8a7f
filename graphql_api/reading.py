"""Fields that take their object and nothing else: no `Info` and no arguments are built to call them.

A report as its sender reads it has some seventy fields; what Strawberry builds for each costs more than the
field itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from strawberry.types.field import StrawberryField


class ReadField(StrawberryField):
    @property
    def is_basic_field(self) -> bool:
        """Strawberry then calls `get_result` with the object alone."""
        return not self.extensions

    @property
    def method(self) -> Callable[[Any], Any]:
        resolver: Any = self.base_resolver
        read: Callable[[Any], Any] = resolver.wrapped_func
        return read

    def get_result(self, source: Any, info: Any, args: Any, kwargs: Any) -> Any:
        return self.method(source)


def reads(method: Callable[[Any], Any] | None = None, *, description: str | None = None) -> Any:
    """In the place of `strawberry.field`, on a method that takes `self` alone."""

    def of(method: Callable[[Any], Any]) -> Any:
        field = ReadField(description=description)(method)
        resolver: Any = field.base_resolver
        if resolver.arguments or resolver.info_parameter is not None:
            raise TypeError(f"{method.__qualname__} takes more than its object")
        return field

    return of if method is None else of(method)
