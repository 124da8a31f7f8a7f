"""Two windows of one browser: each goes on with its own draft, and what is sent is what was read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, replace

from django.http import HttpRequest, QueryDict

from cms.reports.models import Attachment, Sender

from .choosing import is_confidential
from .drafts import Draft, drafts_of

# What the review does not show, or what changes with nothing that is sent.
UNREAD = frozenset({"query", "sentence", "carried", "seen", "has_map", "code_sent_to", "gone_on"})


def begun_anew(request: HttpRequest, draft: Draft, data: QueryDict) -> Draft:
    """The draft that goes on with the service of the form: this one, or another that begins as its copy.

    Who has gone on and chooses another service may have changed their mind, or write of something else in a
    second window: nothing tells the two apart. So this draft stays as it is for the window that shows it, and
    the other has all that was typed; but nothing of a confidential one, which nobody asked to see there.
    A form that names no draft was shown before there was one: it has nothing to do with what another window
    has gone on with since.
    """
    if not (draft.gone_on or draft.is_begun):
        return draft
    if not data.get("key"):
        return Draft()
    chosen = data.get("service", draft.service)
    if not draft.service or chosen == draft.service:
        return draft
    for one in drafts_of(request):
        if (one.begun_from, one.service) == (draft.key, chosen):
            return one
    fresh = Draft()
    if is_confidential(draft.service):
        return replace(fresh, service=chosen, begun_from=draft.key)
    return replace(draft, key=fresh.key, begun_from=draft.key, gone_on=False)


def digest(draft: Draft, sender: Sender | None, uploads: Iterable[Attachment]) -> str:
    """Changes with all that the review shows; the draft's own key makes it say nothing to anybody else."""
    read = {name: value for name, value in asdict(draft).items() if name not in UNREAD}
    read["sender"] = sender.pk if sender else None
    read["files"] = [str(row.public_id) for row in uploads]
    return hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()
