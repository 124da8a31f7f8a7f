"""How long apart a message is tried again."""

from datetime import timedelta

from cms.outbox.handlers import Pauses

MESSAGES = Pauses(timedelta(minutes=1), timedelta(hours=6), 8)
# Of no use to anybody five minutes later.
CODES = Pauses(timedelta(seconds=10), timedelta(minutes=1), 8)
