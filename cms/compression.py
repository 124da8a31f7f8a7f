"""Compression for who stands behind no proxy that compresses: of texts, never of people's files."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/", "application/json", "application/javascript", "application/xml", "image/svg+xml")
MORE_TEXTS = ("application/graphql-response+json",)


class CompressionMiddleware(GZipMiddleware):
    def process_response(self, request: HttpRequest, response: Any) -> HttpResponseBase:
        """A photo grows no smaller, and a range of its compressed bytes is another one than was asked for.
        What is told live would wait in the compressor until there is much of it.
        """
        if response.headers.get("Content-Type", "").startswith("text/event-stream"):
            return response  # type: ignore[no-any-return]
        if not response.headers.get("Content-Type", "").startswith(TEXTS + MORE_TEXTS):
            return response  # type: ignore[no-any-return]
        return super().process_response(request, response)
