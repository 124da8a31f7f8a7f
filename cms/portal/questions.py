"""The intake questions that a draft has answered, for the review."""

from __future__ import annotations

from cms.entities.asking import Asked, asked
from cms.entities.models import Service

from .drafts import Draft


def answered(service: Service, draft: Draft) -> list[Asked]:
    return [row for row in asked(service, draft.answers) if row.is_shown and row.value]
