"""Requests per client and window."""

from __future__ import annotations

from permissions import rates

from .conf import limit


def count(client: str) -> rates.Allowance:
    """Count one request of this client."""
    return rates.count("client", client, limit=limit("requests"), window=limit("window_seconds"))
