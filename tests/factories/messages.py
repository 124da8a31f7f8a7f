"""Texts and rules of messages to staff."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from cms.notifications.models import Rule, SmsTemplate

TEMPLATES = Path(__file__).parents[2] / "cms" / "demo" / "data" / "templates.json"


@cache
def _texts() -> dict[tuple[str, str], dict[str, Any]]:
    rows = json.loads(TEMPLATES.read_text(encoding="utf-8"))["sms"]
    return {(row["event"], row["audience"]): row for row in rows}


def staff_text(event: str, audience: str, **words: str) -> SmsTemplate:
    """The demonstration's text of this event and audience, or one in these words."""
    row = words or {name: _texts()[event, audience][name] for name in ("text_ar", "text_en", "privacy")}
    return SmsTemplate.objects.update_or_create(event=event, audience=audience, defaults=row)[0]


def rule(event: str, audience: str, channel: str, **kwargs: Any) -> Rule:
    """A row of the table of rules, with the text of its event and audience."""
    text = SmsTemplate.objects.get(event=event, audience=audience)
    return Rule.objects.update_or_create(
        event=event, audience=audience, channel=channel, defaults={"template": text, **kwargs}
    )[0]
