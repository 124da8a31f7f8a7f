"""A message put into a gateway's own form, and its answer read by the gateway's rules. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

NAME = re.compile(r"\{(to|digits|text|sender|key|secret)\}")
ANY_NAME = re.compile(r"\{([A-Za-z_]+)\}")
PLACEHOLDERS = frozenset(["to", "digits", "text", "sender", "key", "secret"])
# What of a gateway's own words is kept: no sentence with somebody's number or text in it.
CODE = re.compile(r"[^A-Za-z0-9_.-]")
MISSING = object()


def unknown_in(template: str) -> list[str]:
    return sorted(set(ANY_NAME.findall(template)) - PLACEHOLDERS)


def fill(template: str, values: Mapping[str, str]) -> str:
    return NAME.sub(lambda found: values[found[1]], template)


def _filled(node: Any, values: Mapping[str, str]) -> Any:
    if isinstance(node, str):
        return fill(node, values)
    if isinstance(node, list):
        return [_filled(each, values) for each in node]
    if isinstance(node, dict):
        return {name: _filled(each, values) for name, each in node.items()}
    return node


def json_body(document: Any, values: Mapping[str, str]) -> bytes:
    """Filled in after it was read, so that no text can be more than a string in it."""
    return json.dumps(_filled(document, values), ensure_ascii=False).encode()


def form_body(fields: Sequence[tuple[str, str]], values: Mapping[str, str]) -> bytes:
    return urlencode([(name, fill(value, values)) for name, value in fields]).encode()


def pairs(lines: str, sign: str) -> list[tuple[str, str]]:
    found = (line.partition(sign) for line in lines.splitlines() if line.strip())
    return [(name.strip(), value.strip()) for name, _, value in found]


def header_values(headers: Sequence[tuple[str, str]], values: Mapping[str, str]) -> dict[str, str]:
    """A line's end in a value would begin another header."""
    return {name: re.sub(r"[\r\n]", " ", fill(value, values)) for name, value in headers}


def at_path(document: Any, path: str) -> Any:
    """What stands at `data.messages.0.id`; MISSING where nothing does."""
    for step in path.split("."):
        if isinstance(document, Mapping) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isascii() and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return MISSING
    return document


def text_at(document: Any, path: str) -> str:
    """The scalar at a path, in words; '' where there is none."""
    found = at_path(document, path) if path else MISSING
    if isinstance(found, bool):
        return "true" if found else "false"
    return str(found) if isinstance(found, str | int | float) else ""


def holds(document: Any, rules: Sequence[tuple[str, str]]) -> bool:
    return all(text_at(document, path).casefold() == wanted.casefold() for path, wanted in rules)


def code_at(document: Any, path: str) -> str:
    return CODE.sub("", text_at(document, path))[:30]


def listed(text: str) -> frozenset[str]:
    return frozenset(each.strip().casefold() for each in text.split(",") if each.strip())
