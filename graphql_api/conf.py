"""The limits of the API: each a setting with a default. `SAWT_GRAPHQL = {"depth": 10}` overrides one."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings

DEFAULTS: Final[dict[str, int]] = {
    # Bytes of a request's body; more is refused with 413 before it is read.
    "body_bytes": 2 * 1024 * 1024,
    # How deep objects and lists nest in the JSON of a body.
    "json_depth": 50,
    # Characters of the GraphQL document itself (its variables apart).
    "query_characters": 50_000,
    # Lexical tokens of the document.
    "tokens": 2_000,
    # How deep brackets of any kind nest in the document; checked before parsing, which is recursive.
    "nesting": 50,
    # How deep fields nest, fragments followed. An introspection query of the usual tools is 13 deep.
    "depth": 15,
    # Aliases, fragments followed.
    "aliases": 30,
    # Fields, fragments followed: validation compares fields in pairs, so this bounds it.
    "fields": 500,
    # Fields of one mutation's root.
    "mutations": 5,
    # Directives in the document.
    "directives": 30,
    # Operations and fragment definitions in the document.
    "definitions": 50,
    # What `first` may ask for, and what a connection gives where it is left out.
    "first": 100,
    "first_default": 20,
    # One for each field, times the page size of each list above it.
    "cost": 20_000,
    # How many items a list without pages is taken to have in that sum.
    "list_size": 10,
    # What a search in plain words adds to it: each compares every word with the whole catalogue.
    "search_cost": 2_000,
    # Requests of one client in a window of so many seconds.
    "requests": 240,
    "window_seconds": 60,
    # Parsed documents that are kept in the process.
    "documents_kept": 128,
}


def limit(name: str) -> int:
    """The present value of one limit. An unknown name is a mistake in the code: KeyError."""
    overrides: dict[str, Any] = getattr(settings, "SAWT_GRAPHQL", {})
    value = overrides.get(name, DEFAULTS[name])
    return int(value)


def cors_origins() -> frozenset[str]:
    """Foreign origins whose pages may call the API from a browser: `SAWT_CORS_ORIGINS`, empty by default."""
    return frozenset(getattr(settings, "SAWT_CORS_ORIGINS", ()))
