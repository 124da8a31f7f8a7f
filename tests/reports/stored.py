"""What tests of attachments ask: which files lie there, and how something was refused."""

from pathlib import Path
from typing import Any

import pytest

from cms.reports.errors import DomainError


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def refused(action: Any, *args: Any, **kwargs: Any) -> DomainError:
    with pytest.raises(DomainError) as found:
        action(*args, **kwargs)
    return found.value
