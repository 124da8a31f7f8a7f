"""Filling in the texts of messages: `{name}` and nothing else, so that a template cannot reach further."""

from __future__ import annotations

import re
from collections.abc import Mapping

NAME = re.compile(r"\{([^{}]*)\}")
# What whoever reads the outbox must not see.
HIDDEN = {"code": "••••••", "link": "…/t/••••••••••"}


def placeholders_of(text: str) -> set[str]:
    return set(NAME.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; one without a value is a KeyError."""
    return NAME.sub(lambda match: values[match[1]], text)


def filled_for_screen(text: str, values: Mapping[str, str]) -> str:
    """The same with codes and links hidden."""
    return fill(text, {name: HIDDEN.get(name, value) for name, value in values.items()})
