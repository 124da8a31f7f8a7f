"""What is given to a person from a moment on until another; some of it by two people."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self, TypeVar

from django.db import models
from django.utils import timezone

Row = TypeVar("Row", bound=models.Model, covariant=True)


class GivenQuerySet(models.QuerySet[Row]):
    # Rows that hold nothing before a second person has confirmed them.
    by_two: models.Q

    def valid(self, at: Any = None) -> Self:
        at = at or timezone.now()
        return self.filter(
            models.Q(valid_until=None) | models.Q(valid_until__gt=at),
            models.Q(confirmed_at__lte=at) | ~self.by_two,
            valid_from__lte=at,
        )

    def awaiting_confirmation(self, at: Any = None) -> Self:
        """Proposed, not ended, and without effect until a second person confirms them."""
        ends_later = models.Q(valid_until=None) | models.Q(valid_until__gt=at or timezone.now())
        return self.filter(ends_later, self.by_two, confirmed_at=None)


class Given:
    """Of a row with `valid_until` and `confirmed_at`."""

    valid_until: datetime | None
    confirmed_at: datetime | None

    needs_confirmation: Any

    @property
    def is_pending(self) -> bool:
        return bool(self.needs_confirmation) and self.confirmed_at is None and not self.is_ended

    @property
    def is_ended(self) -> bool:
        return self.valid_until is not None and self.valid_until <= timezone.now()
