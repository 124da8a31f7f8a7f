"""What the index holds and how its texts are compared. A change here is a new `VERSION`, and a new index.

Words are compared by our own analysis: `tokens` holds what it made of the texts, as in the database itself,
so that both find the same. The server's own is asked for beginnings of words, and for words as written.
Nothing is indexed that is not written here (`dynamic: strict`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from ...analysis import CLITICS, LETTERS
from ..embedded.tokens import COLUMNS

VERSION = 3
# Given back with a hit.
TEXTS = ("title", "text", "conversation", "answers", "notes", "directives")
# Whose words stand in their order, for phrases.
IN_ORDER = ("exact", "inside", "elsewhere")


def _letters() -> list[str]:
    """One letter for its spellings, nothing for what is only put on letters, a space for what parts words."""
    rules = {chr(sign): to for sign, to in LETTERS.items()}
    for code in range(0x0600, 0x0700):
        if unicodedata.category(chr(code)) in ("Mn", "Cf"):
            rules[chr(code)] = ""
    rules.update(dict.fromkeys("._'’:,", " "))
    return [f"{_escaped(sign)}=>{_escaped(to)}" for sign, to in sorted(rules.items())]


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(sign):04x}" for sign in text)


def settings(*, shards: int = 1) -> dict[str, Any]:
    clitics = "|".join(CLITICS)
    folded = {
        "tokenizer": "standard",
        "char_filter": ["letters"],
        "filter": ["lowercase", "decimal_digit", "asciifolding", "opened"],
    }
    bare = {**folded, "filter": [*folded["filter"], "clitics"]}
    return {
        "number_of_shards": shards,
        "auto_expand_replicas": "0-1",
        # Said, so that an index that nobody has asked for a while is fresh all the same.
        "refresh_interval": "500ms",
        "max_result_window": 10_000,
        "analysis": {
            "char_filter": {"letters": {"type": "mapping", "mappings": _letters()}},
            "filter": {
                "clitics": {
                    "type": "pattern_replace",
                    "pattern": f"^(?:{clitics})(?=.{{3}})",
                    "replacement": "",
                },
                "opened": {"type": "pattern_replace", "pattern": "ة", "replacement": "ه"},
                "beginnings": {"type": "edge_ngram", "min_gram": 2, "max_gram": 12},
            },
            "analyzer": {
                "folded": folded,
                "begun": {**bare, "filter": [*bare["filter"], "beginnings"]},
                "begun_asked": bare,
            },
        },
    }


_KEY: Mapping[str, Any] = {"type": "keyword", "ignore_above": 100}
_DATE: Mapping[str, Any] = {"type": "date", "format": "strict_date_optional_time"}


def _tokens() -> dict[str, Any]:
    """Columns of stems, parted by spaces. How often and in how long a text says nothing here."""
    plain = {"type": "text", "analyzer": "whitespace", "norms": False}
    return {name: {**plain, "index_options": "positions" if name in IN_ORDER else "docs"} for name in COLUMNS}


def mappings() -> dict[str, Any]:
    begun = {"type": "text", "analyzer": "begun", "search_analyzer": "begun_asked", "norms": False}
    return {
        "dynamic": "strict",
        "_meta": {"version": VERSION},
        # Texts alone, to be marked; what else there is can be had from the database.
        "_source": {"includes": list(TEXTS)},
        "properties": {
            "id": {"type": "long"},
            "revision": {"type": "integer"},
            "stamp": {"type": "keyword", "index": False},
            "reference": {"type": "keyword"},
            "title": {"type": "text", "analyzer": "folded", "fields": {"begun": begun}},
            "text": {"type": "text", "analyzer": "folded"},
            **{name: {"type": "text", "index": False} for name in TEXTS if name not in ("title", "text")},
            "tokens": {"properties": _tokens()},
            "elsewhere_entities": dict(_KEY),
            "elsewhere_count": {"type": "integer"},
            "service": dict(_KEY),
            "categories": dict(_KEY),
            "entity": dict(_KEY),
            "entities": dict(_KEY),
            "earlier_entities": dict(_KEY),
            "about_entity": dict(_KEY),
            "sender_entity": dict(_KEY),
            "confidential": {"type": "boolean"},
            "erased": {"type": "boolean"},
            "assigned": dict(_KEY),
            "place": dict(_KEY),
            "places": dict(_KEY),
            "point": {"type": "geo_point"},
            "state": dict(_KEY),
            "open": {"type": "boolean"},
            "kind": dict(_KEY),
            "channel": dict(_KEY),
            "priority": dict(_KEY),
            "submitted_at": dict(_DATE),
            "updated_at": dict(_DATE),
            "answered_at": dict(_DATE),
            "closed_at": dict(_DATE),
            "first_reply_due_at": dict(_DATE),
            "resolution_due_at": dict(_DATE),
            "next_due_at": dict(_DATE),
            "missed": dict(_KEY),
            "rating": {"type": "byte"},
            "reopened": {"type": "short"},
        },
    }
