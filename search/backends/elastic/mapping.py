"""What the index holds and how its texts are compared. A change here is a new `VERSION`, and a new index.

The chain of filters does what `search.analysis` does, from the same tables: `tests/search/test_parity.py`
asks both. Nothing is indexed that is not written here (`dynamic: strict`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from ...analysis import CLITICS, LETTERS, STOP_WORDS

VERSION = 1
# Weighed when it is asked; see `.asking`.
TEXTS = ("title", "text", "conversation", "answers", "notes", "directives", "elsewhere")
WORDS = ("about", "where", "whom")


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


def settings(synonyms: Iterable[str] = (), *, shards: int = 1) -> dict[str, Any]:
    """`synonyms`: rules in Solr's form, applied when something is asked: a new list is a new index."""
    clitics = "|".join(CLITICS)
    stemming = ["stop_words", "clitics", "english", "arabic", "closed", "opened"]
    letters = ["water", "letters"]
    folding = ["lowercase", "decimal_digit", "asciifolding"]
    asked = [*folding, *stemming]
    rules = [rule for rule in synonyms if rule.strip()]
    analysis: dict[str, Any] = {
        "char_filter": {
            "letters": {"type": "mapping", "mappings": _letters()},
            # Folded, water would be the word for “not”.
            "water": {
                "type": "pattern_replace",
                "pattern": r"(?<!\p{L})(و?(?:ال|بال|كال|لل|ب)?)ماء(?!\p{L})",
                "replacement": "$1مياه",
            },
        },
        "filter": {
            "stop_words": {"type": "stop", "stopwords": sorted(STOP_WORDS)},
            "clitics": {"type": "pattern_replace", "pattern": f"^(?:{clitics})(?=.{{3}})", "replacement": ""},
            "english": {"type": "snowball", "language": "English"},
            "arabic": {"type": "snowball", "language": "Arabic"},
            "closed": {"type": "pattern_replace", "pattern": "^(.{3,})[ةه]$", "replacement": "$1"},
            "opened": {"type": "pattern_replace", "pattern": "ة", "replacement": "ه"},
            "beginnings": {"type": "edge_ngram", "min_gram": 2, "max_gram": 12},
        },
        "analyzer": {
            "stemmed": {"tokenizer": "standard", "char_filter": letters, "filter": [*folding, *stemming]},
            "stemmed_asked": {"tokenizer": "standard", "char_filter": letters, "filter": asked},
            "folded": {"tokenizer": "standard", "char_filter": letters, "filter": [*folding, "opened"]},
            "begun": {
                "tokenizer": "standard",
                "char_filter": letters,
                "filter": [*folding, "opened", "clitics", "beginnings"],
            },
            "begun_asked": {
                "tokenizer": "standard",
                "char_filter": letters,
                "filter": [*folding, "opened", "clitics"],
            },
        },
    }
    if rules:
        analysis["filter"]["synonyms"] = {"type": "synonym_graph", "synonyms": rules, "lenient": True}
        analysis["analyzer"]["stemmed_asked"]["filter"] = [*asked, "synonyms"]
    return {
        "number_of_shards": shards,
        "auto_expand_replicas": "0-1",
        # Said, so that an index that nobody has asked for a while is fresh all the same.
        "refresh_interval": "500ms",
        "max_result_window": 10_000,
        "analysis": analysis,
    }


def _text(**beside: Any) -> dict[str, Any]:
    """Stems, and what was written as it was: true matches come first."""
    return {
        "type": "text",
        "analyzer": "stemmed",
        "search_analyzer": "stemmed_asked",
        "fields": {"exact": {"type": "text", "analyzer": "folded"}, **beside},
    }


_KEY: Mapping[str, Any] = {"type": "keyword", "ignore_above": 100}
_DATE: Mapping[str, Any] = {"type": "date", "format": "strict_date_optional_time"}


def mappings(*, synonyms: str = "") -> dict[str, Any]:
    """`synonyms`: the stamp of the rules that the index was made with."""
    begun = {"begun": {"type": "text", "analyzer": "begun", "search_analyzer": "begun_asked", "norms": False}}
    plain = {"type": "text", "analyzer": "stemmed", "search_analyzer": "stemmed_asked"}
    return {
        "dynamic": "strict",
        "_meta": {"version": VERSION, "synonyms": synonyms},
        # Texts alone, for highlights; what else there is can be had from the database.
        "_source": {"includes": list(TEXTS)},
        "properties": {
            "id": {"type": "long"},
            "revision": {"type": "integer"},
            "stamp": {"type": "keyword", "index": False},
            "reference": {"type": "keyword"},
            "title": _text(**begun),
            **{name: _text() for name in TEXTS if name != "title"},
            "elsewhere_entities": dict(_KEY),
            "elsewhere_count": {"type": "integer"},
            **{name: dict(plain, fields={"exact": {"type": "text", "analyzer": "folded"}}) for name in WORDS},
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
