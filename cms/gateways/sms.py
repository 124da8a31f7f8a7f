"""One SMS out of the house: by the first gateway that takes it, under the same key at each.

What one refused for now goes to the next at once. Where nobody knows whether one took it, it is not given to
another in the same breath: it comes again after its pause, and the gateway knows its key.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from cms.outbox.handlers import Hold, Permanent, Retry
from permissions import rates

from . import circuits, filling, reaching
from .configured import Config, gateways, known

# Seconds for the whole exchange; far below the outbox's lease.
SECONDS = 20.0
# What says something about the gateway's account, and nothing about this message.
ACCOUNT = frozenset({401, 402, 403, 404, 405})
MINUTE = 60
RESTING, BUSY = "gateway_rests", "gateway_busy"


@dataclass(frozen=True)
class OutgoingSms:
    """`key` is the same for every attempt: a gateway that knows it sends once. `entity_id`: about whose
    report it is, for the sender's name. `again`: one of the gateways may have taken it already."""

    to: str
    text: str
    key: str
    entity_id: int | None = None
    again: bool = False


@dataclass(frozen=True)
class Sent:
    """The gateway's own number of the message, and the gateway's key."""

    id: str
    via: str


class NotTaken(Retry):
    """It certainly did not go out there: another gateway may be asked at once."""

    account = False


class OfAccount(NotTaken):
    account = True


def hold_while_none(at: datetime) -> None:
    """Hold where every gateway rests: before anything is made for a message that cannot go."""
    free = [circuits.free_at(config.key, at) for config in gateways()]
    if free and all(free):
        raise Hold(min(when for when in free if when is not None), RESTING)


def send(message: OutgoingSms, *, at: datetime) -> Sent:
    """Raises Retry, Permanent, or Hold where no gateway may be asked before a time."""
    failure: Retry | None = None
    later: list[tuple[datetime, str]] = []
    configured = gateways()
    # A message is spent on one trial, and then on none while another gateway is well.
    spared = message.again and any(circuits.is_well(config.key) for config in configured)
    for config in configured:
        if spared and not circuits.is_well(config.key):
            continue
        when = circuits.free_at(config.key, at)
        if when is None and not circuits.take(config.key, at):
            when = at + circuits.SOON
        if when is not None:
            later.append((when, RESTING))
            continue
        if wait := _wait_for_room(config):
            later.append((at + wait, BUSY))
            continue
        try:
            number = call(config, message)
        except NotTaken as error:
            circuits.failed(config.key, str(error), at, rest=error.after)
            failure = error
        except Retry as error:
            circuits.failed(config.key, str(error), at)
            raise
        except Permanent:
            circuits.refused(config.key, at)
            raise
        else:
            circuits.succeeded(config.key, at)
            return Sent(number, config.key)
    if isinstance(failure, OfAccount) and not later:
        raise Permanent(str(failure), via=failure.via) from failure
    if failure is not None:
        raise failure
    if later:
        raise Hold(*min(later))
    raise Retry("no gateway")


def _wait_for_room(config: Config) -> timedelta | None:
    if not config.per_minute:
        return None
    left = rates.count("sms", config.key, limit=config.per_minute, window=MINUTE)
    return timedelta(seconds=left.seconds) if left.is_used_up else None


def call(config: Config, message: OutgoingSms) -> str:
    """Ask this one gateway; its number of the message. Raises NotTaken, Retry or Permanent."""
    values = {
        "to": message.to,
        "digits": message.to.lstrip("+"),
        "text": message.text,
        "sender": known().names.get(message.entity_id or 0) or config.sender,
        "key": message.key,
        "secret": config.secret,
    }
    if config.form is not None:
        body, kind = filling.form_body(config.form, values), "application/x-www-form-urlencoded"
    else:
        body, kind = filling.json_body(config.document, values), "application/json"
    headers = {"Content-Type": kind, "Accept": "application/json"}
    headers |= filling.header_values(config.headers, values)
    if config.idempotency_header:
        headers[config.idempotency_header] = message.key
    try:
        answer = reaching.post(
            config.url, body=body, headers=headers, private=config.private, seconds=SECONDS
        )
    except reaching.Forbidden as error:
        raise Permanent(f"gateway: {error}", via=config.key) from error
    except reaching.NotReached as error:
        raise NotTaken(f"gateway: {error}", via=config.key) from error
    except reaching.NoAnswer as error:
        raise Retry(f"gateway: {error}", via=config.key) from error
    return outcome(config, answer)


def outcome(config: Config, answer: reaching.Answer) -> str:
    """What an answer means, by HTTP and then by the gateway's own rules."""
    status, document = answer.status, _json(answer.body)
    own = filling.code_at(document, config.error_path)
    said = f"gateway answered {status}" + (f" ({own})" if own else "")
    if status in (408, 429) or status >= 500:
        raise NotTaken(said, after=asked_pause(answer.headers.get("Retry-After", "")), via=config.key)
    if status in ACCOUNT:
        raise OfAccount(said, via=config.key)
    if not 200 <= status < 300:
        # A redirect is refused too: the message and its secret are for the configured address alone.
        raise Permanent(said, via=config.key)
    if config.success and document is None:
        raise Retry(f"gateway answered {status}, and not in JSON", via=config.key)
    if not filling.holds(document, config.success):
        if own.casefold() in config.passing:
            raise NotTaken(said, via=config.key)
        raise Permanent(f"gateway refused{f' ({own})' if own else ''}", via=config.key)
    return filling.text_at(document, config.id_path)[:120]


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def asked_pause(header: str, now: datetime | None = None) -> timedelta | None:
    """Retry-After, in seconds or as a date; never longer than the longest of our own pauses."""
    text = header.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(timedelta(seconds=int(text)), circuits.LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
        wait = until - (now or datetime.now(until.tzinfo))
    except (ValueError, TypeError):
        return None
    return min(max(wait, timedelta()), circuits.LONGEST_WAIT)
