"""Whose requests are counted together: the client's address, behind as many proxies as are ours."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac


def client_address(request: Any) -> str:
    """The address that limits, axes and the audit trail know a client by.

    With no trusted proxy it is who connects; what `X-Forwarded-For` says is then of the client's own making.
    Each of our proxies appends whom it heard from, so with n of them the n-th entry from the right is the
    last that one of ours wrote. Where it is missing or no address, who connects is the client.
    """
    connected = str(request.META.get("REMOTE_ADDR", "") or "")
    proxies = settings.SAWT_TRUSTED_PROXIES
    if proxies < 1:
        return connected
    entries = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    if len(entries) < proxies:
        return connected
    return _address(entries[-proxies]) or connected


def client_key(client: str) -> str:
    """A keyed hash (64 signs) in the place of an address, for what is kept."""
    safe = client.encode("utf-8", "replace").decode()
    return salted_hmac("sawt.client", safe, algorithm="sha256").hexdigest()


def _address(entry: str) -> str:
    """An entry as an address: some proxies append the port, IPv6 then in brackets; '' for what is none."""
    text = entry.strip()[:60]
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
