"""What a form may send as files, bounded while it arrives: a larger one never fills the disk.

A file that is cut off is missing from `request.FILES`; `refused_files` tells the view what to say of it.
"""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from cms.reports.files.kinds import MOST_BYTES, MOST_FILES

# Wagtail's documents are the editors', who are few and known.
EDITORS = ("/admin/documents/", "/admin/images/")
EDITORS_BYTES = 100 * 1024 * 1024


class BoundedUploadHandler(FileUploadHandler):
    """Stands before Django's own handlers; lets chunks through until a file, or their number, is too much."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        path = getattr(request, "path_info", "")
        self.most = EDITORS_BYTES if path.startswith(EDITORS) else MOST_BYTES
        self.files = 0
        self.bytes = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.files += 1
        self.bytes = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.bytes += len(raw_data)
        if self.files > MOST_FILES + 1:
            self._refuse("too_many_files")
        if self.bytes > self.most:
            self._refuse("file_too_large")
        return raw_data

    def _refuse(self, code: str) -> None:
        if self.request is not None:
            refused_files(self.request).append((code, self.file_name or ""))
        raise SkipFile

    def file_complete(self, file_size: int) -> None:
        return None


def refused_files(request: Any) -> list[tuple[str, str]]:
    """(error code, name as sent) of the files that were cut off while they arrived."""
    if not hasattr(request, "_refused_files"):
        request._refused_files = []
    found: list[tuple[str, str]] = request._refused_files
    return found
