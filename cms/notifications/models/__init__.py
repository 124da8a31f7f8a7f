"""Texts and rules of messages, what was sent, people's inboxes, codes, and who asked for how many."""

from ..audiences import Audience
from .messages import OneTimeCode, SentMessage, SmsTemplate, Throttle
from .news import Channel, Choice, Notice, Preferences, Rule

__all__ = [
    "Audience",
    "Channel",
    "Choice",
    "Notice",
    "OneTimeCode",
    "Preferences",
    "Rule",
    "SentMessage",
    "SmsTemplate",
    "Throttle",
]
