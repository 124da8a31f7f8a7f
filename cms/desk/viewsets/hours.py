"""Clock times as they are typed, and as minutes of the day; past midnight where the end is not after."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from cms.reports.deadlines import DAY

CLOCK = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
WRONG_CLOCK = _("Write the time with 24 hours, as in 07:30.")


def minute_of(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def span_of(begins: str | None, ends: str | None) -> list[int]:
    begin, end = minute_of(begins or "00:00"), minute_of(ends or "24:00")
    return [begin, end if end > begin else end + DAY]


def text_of(span: Sequence[int]) -> tuple[str, str]:
    begin, end = span
    return _clock(begin), _clock(end - DAY if end > DAY else end)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
