"""Loading the texts and rules that the product comes with, where a database was made without its migrations'
data, or is filled anew."""

from __future__ import annotations

from . import defaults
from .models import Rule, SmsTemplate


def load_templates() -> int:
    """How many texts are new. Those that exist already, perhaps edited, stay."""
    before = SmsTemplate.objects.count()
    defaults.fill(SmsTemplate, Rule)
    return SmsTemplate.objects.count() - before
