"""Messages by a clock of the test's own, as `tests/notifications` has them."""

from tests.notifications.conftest import relayed, texts

__all__ = ["relayed", "texts"]
