"""One draft in two windows: each keeps the service that it shows, and what is sent is what was read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict

from django.http import QueryDict

from cms.entities.snapshot import catalogue
from cms.reports.models import Attachment, Sender

from .drafts import Draft

# What the review does not show, or what changes with nothing that is sent.
UNREAD = frozenset({"query", "sentence", "carried", "seen", "has_map", "code_sent_to"})


def take_service(draft: Draft, data: QueryDict) -> None:
    """The form's own service: another window may have chosen another one since this page was made."""
    shown = data.get("for", "")[:60]
    if shown and shown != draft.service and catalogue().service(shown) is not None:
        draft.service = shown


def digest(draft: Draft, sender: Sender | None, uploads: Iterable[Attachment]) -> str:
    """Changes with all that the review shows; the draft's own key makes it say nothing to anybody else."""
    read = {name: value for name, value in asdict(draft).items() if name not in UNREAD}
    read["sender"] = sender.pk if sender else None
    read["files"] = [str(row.public_id) for row in uploads]
    return hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()
