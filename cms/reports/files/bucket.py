"""The bucket of `S3_URL`: its errors as Python's own, a file read by its ranges, and no address for anybody.

Whoever reads an attachment reads it from us, after we asked whether they may: nothing here signs a link to
the bucket, and the bucket itself must be closed to the public.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, ReadTimeoutError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

# A reader of a whole file asks so often; of a range, for little more than it is.
BLOCK = 1024 * 1024
# Any of our files is one request: there as a whole or not at all, and no half of one is left in the bucket.
ONE_REQUEST = TransferConfig(multipart_threshold=64 * 1024 * 1024, use_threads=False)


def patience() -> Config:
    """A person waits for it, half a minute at most: botocore's own is five times a minute."""
    return Config(
        connect_timeout=3,
        read_timeout=15,
        retries={"total_max_attempts": 2, "mode": "standard"},
        # What came after AWS's own server is not understood by every other.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        signature_version="s3v4",
    )


@contextmanager
def as_file_errors(name: str) -> Iterator[None]:
    """FileNotFoundError, TimeoutError, or OSError for whatever else the bucket or the way to it says."""
    try:
        yield
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            raise FileNotFoundError(name) from error
        raise OSError(f"the bucket refused {name}: {error}") from error
    except (ConnectTimeoutError, ReadTimeoutError) as error:
        raise TimeoutError(f"the bucket did not answer in time for {name}") from error
    except (BotoCoreError, Boto3Error) as error:
        raise OSError(f"the bucket did not answer for {name}: {error}") from error


class _Object(io.RawIOBase):
    """An object of the bucket, fetched by ranges as it is read."""

    def __init__(self, thing: Any, name: str) -> None:
        super().__init__()
        self.thing, self.name = thing, name
        with as_file_errors(name):
            thing.load()
        self.size: int = thing.content_length
        self.at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self.at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.size}[whence])
        return self.at

    def tell(self) -> int:
        return self.at

    def readinto(self, buffer: Any, /) -> int:
        got = self._range(len(buffer))
        buffer[: len(got)] = got
        return len(got)

    def readall(self) -> bytes:
        return self._range(self.size)

    def _range(self, most: int) -> bytes:
        length = min(most, self.size - self.at)
        if length <= 0:
            return b""
        with as_file_errors(self.name):
            answer = self.thing.get(Range=f"bytes={self.at}-{self.at + length - 1}")
            got: bytes = answer["Body"].read()
        if len(got) != length:
            raise OSError(f"the bucket sent {len(got)} of {length} bytes of {self.name}")
        self.at += length
        return got


class Bucket(S3Storage):
    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, client_config=patience(), transfer_config=ONE_REQUEST)

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise ValueError("files are stored whole: save()")
        found = _Object(self.bucket.Object(self._normalize_name(name)), name)
        file: File[bytes] = File(io.BufferedReader(found, BLOCK), name)
        file.size = found.size
        return file

    def _save(self, name: str, content: Any) -> str:
        with as_file_errors(name):
            saved: str = super()._save(name, content)
            return saved

    def delete(self, name: str) -> None:
        with as_file_errors(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        with as_file_errors(name):
            found: bool = super().exists(name)
            return found

    def url(self, name: str | None, *_more: Any, **_settings: Any) -> NoReturn:
        raise ValueError("an attachment has no address but ours")
