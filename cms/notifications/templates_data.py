"""Loading the texts of messages from templates.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .models import SmsTemplate


def load_templates(data: Mapping[str, Any]) -> int:
    """The `sms` of templates.json, without those that nothing sends yet; how many are new.

    Texts that exist already, perhaps edited, stay.
    """
    not_yet = set(data["not_yet"])
    before = SmsTemplate.objects.count()
    SmsTemplate.objects.bulk_create(
        [
            SmsTemplate(
                event=row["event"],
                audience=row["audience"],
                privacy=row["privacy"],
                optional=row["optional"],
                ignores_sending_hours=row["ignores_sending_hours"],
                text_ar=row["text_ar"],
                text_en=row["text_en"],
            )
            for row in data["sms"]
            if f"{row['event']}/{row['audience']}" not in not_yet
        ],
        ignore_conflicts=True,
    )
    return SmsTemplate.objects.count() - before
