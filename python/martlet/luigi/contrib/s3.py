"""luigi.contrib.s3: files and directories in Amazon's S3, or what speaks its protocol, over boto3.

The section [s3] of luigi's configuration holds credentials (aws_access_key_id, aws_secret_access_key,
aws_session_token, or aws_role_arn and aws_role_session_name) and whatever else `boto3.resource` takes; without
credentials boto3 looks for some.
"""

# The names are luigi's. boto3 is imported when it is needed: that takes a quarter of a second.

from __future__ import annotations

import io
import logging
import os
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from configparser import NoSectionError
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar
from urllib.parse import urlsplit

from ...formats import get_default_format
from ...parameters import Parameter
from ..configuration import get_config
from ..target import (
    AtomicLocalFile,
    FileAlreadyExists,
    FileSystem,
    FileSystemException,
    FileSystemTarget,
    MissingParentDirectory,
)
from ..task import ExternalTask

_logger = logging.getLogger("luigi-interface")
_CREDENTIALS = (
    "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_role_arn", "aws_role_session_name",
)  # fmt: skip
_DELETED_AT_ONCE = 1000
"""Objects that one request may delete."""
# A directory exists when something is below it, or an object marks it.
S3_DIRECTORY_MARKER_SUFFIX_0 = "_$folder$"
S3_DIRECTORY_MARKER_SUFFIX_1 = "/"


class InvalidDeleteException(FileSystemException):
    """A bucket, or a directory without `recursive`, was to be deleted."""


class FileNotFoundException(FileSystemException):
    """There is no such object."""


class DeprecatedBotoClientException(Exception):
    """An argument of boto 2 was given."""


def _slashed(key: str) -> str:
    return key if key.endswith("/") or not key else f"{key}/"


class S3Client(FileSystem):
    """What a set of credentials sees of S3. Paths are `s3://bucket/key`.

    Errors other than "not there" are botocore's: what cannot be looked at is not absent.
    """

    DEFAULT_PART_SIZE: ClassVar[int] = 8 << 20
    """Bytes; larger files are sent in parts of this size."""
    DEFAULT_THREADS: ClassVar[int] = 100

    def __init__(
        self,
        aws_access_key_id: str | None = None,
        aws_secret_access_key: str | None = None,
        aws_session_token: str | None = None,
        **kwargs: Any,
    ) -> None:
        """`kwargs`: as of `boto3.resource`, e.g. endpoint_url. What is not given comes from the configuration."""
        given = {
            "aws_access_key_id": aws_access_key_id,
            "aws_secret_access_key": aws_secret_access_key,
            "aws_session_token": aws_session_token,
        }
        self._options = {**self._get_s3_config(), **kwargs, **{name: text for name, text in given.items() if text}}
        self._s3: Any = None
        self._process: int | None = None

    @property
    def s3(self) -> Any:
        """boto3's resource. A forked process makes its own: connections cannot be shared."""
        if self._s3 is None or self._process not in (None, os.getpid()):
            self._s3 = self._connected()
            self._process = os.getpid()
        return self._s3

    @s3.setter
    def s3(self, value: Any) -> None:
        self._s3, self._process = value, None

    def __getstate__(self) -> dict[str, Any]:
        """Without the connection."""
        return {**self.__dict__, "_s3": None, "_process": None}

    def _connected(self) -> Any:
        import boto3

        options = {name: value for name, value in self._options.items() if name not in _CREDENTIALS}
        key, secret, token, role, session = [self._options.get(name) for name in _CREDENTIALS]
        if role and session:
            answer = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName=session)["Credentials"]
            key, secret, token = answer.get("AccessKeyId"), answer.get("SecretAccessKey"), answer.get("SessionToken")
        credentials = {"aws_access_key_id": key, "aws_secret_access_key": secret, "aws_session_token": token}
        try:
            return boto3.resource("s3", **credentials, **options)
        except TypeError as error:
            if "unexpected keyword argument" not in str(error):
                raise
            text = f"boto3 does not know this argument, which may be one of boto 2: {error}"
            raise DeprecatedBotoClientException(text) from None

    @property
    def _client(self) -> Any:
        return self.s3.meta.client

    # What is there

    def exists(self, path: str) -> bool:
        bucket, key = self._path_to_bucket_and_key(path)
        return self._is_root(key) or self._exists(bucket, key) or self.isdir(path)

    def _exists(self, bucket: str, key: str) -> bool:
        from botocore.exceptions import ClientError

        try:
            self.s3.Object(bucket, key).load()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return False
            raise
        return True

    def isdir(self, path: str) -> bool:
        bucket, key = self._path_to_bucket_and_key(path)
        if self._is_root(key):
            return True
        # that key/ itself is there counts as well
        below = self.s3.Bucket(bucket).objects.filter(Prefix=_slashed(key))
        return any(True for _ in islice(below, 1)) or self._exists(bucket, key + S3_DIRECTORY_MARKER_SUFFIX_0)

    is_dir = isdir

    def get_key(self, path: str) -> Any:
        """boto3's summary of an object; None if there is none."""
        bucket, key = self._path_to_bucket_and_key(path)
        return self.s3.ObjectSummary(bucket, key) if self._exists(bucket, key) else None

    def listdir(
        self, path: str, start_time: datetime | None = None, end_time: datetime | None = None, return_key: bool = False
    ) -> Iterator[Any]:
        """Paths of all objects below a directory; boto3's summaries if `return_key`.

        Only those changed after `start_time` and before `end_time` (with their time zones), where given.
        """
        bucket, key = self._path_to_bucket_and_key(path)
        prefix = _slashed(key)
        for item in self.s3.Bucket(bucket).objects.filter(Prefix=prefix):
            changed = item.last_modified
            if (start_time and changed <= start_time) or (end_time and changed >= end_time):
                continue
            yield item if return_key else _slashed(path) + item.key[len(prefix) :]

    def list(
        self, path: str, start_time: datetime | None = None, end_time: datetime | None = None, return_key: bool = False
    ) -> Iterator[Any]:
        """As listdir(), with paths that begin below the directory."""
        skipped = 0 if return_key else len(_slashed(path))
        for item in self.listdir(path, start_time, end_time, return_key):
            yield item if return_key else item[skipped:]

    # Changes

    def mkdir(self, path: str, parents: bool = True, raise_if_exists: bool = False) -> None:
        """Makes an object that marks a directory."""
        if raise_if_exists and self.isdir(path):
            raise FileAlreadyExists(f"Destination exists: {path}")
        _, key = self._path_to_bucket_and_key(path)
        if self._is_root(key):
            return
        if not parents and not self.isdir(os.path.dirname(path.rstrip("/"))):
            raise MissingParentDirectory(f"the directory above {path} is missing")
        self.put_string("", _slashed(path))

    def remove(self, path: str, recursive: bool = True) -> Any:
        """Removes an object, or a directory; False if there is none."""
        bucket, key = self._path_to_bucket_and_key(path)
        if self._is_root(key):
            raise InvalidDeleteException(f"Cannot delete root of bucket at path {path}")
        if self._exists(bucket, key):
            self._client.delete_object(Bucket=bucket, Key=key)
            return True
        if not self.isdir(path):
            return False
        if not recursive:
            raise InvalidDeleteException(f"Path {path} is a directory. Must use recursive delete")
        keys = [item.key for item in self.s3.Bucket(bucket).objects.filter(Prefix=_slashed(key))]
        marker = key + S3_DIRECTORY_MARKER_SUFFIX_0
        if self._exists(bucket, marker):
            keys.append(marker)
        for start in range(0, len(keys), _DELETED_AT_ONCE):
            objects = [{"Key": one} for one in keys[start : start + _DELETED_AT_ONCE]]
            answer = self._client.delete_objects(Bucket=bucket, Delete={"Objects": objects})
            if answer.get("Errors"):
                first = answer["Errors"][0]
                raise FileSystemException(f"s3://{bucket}/{first['Key']} could not be deleted: {first['Message']}")
        return True

    def move(self, source_path: str, destination_path: str, **kwargs: Any) -> None:  # type: ignore[override]
        """Copies and removes; `kwargs` as of copy()."""
        self.copy(source_path, destination_path, **kwargs)
        self.remove(source_path)

    def copy(  # type: ignore[override]
        self,
        source_path: str,
        destination_path: str,
        threads: int = DEFAULT_THREADS,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        part_size: int = DEFAULT_PART_SIZE,
        **kwargs: Any,
    ) -> tuple[int, int]:
        """Copies an object, or a directory with all that is below it; gives the number of objects and of bytes.

        :param threads: how many are copied at a time, at least 3.
        :param start_time: of a directory only objects changed after it; `end_time`: before it.
        :param kwargs: what S3 is told of the new objects, as `ExtraArgs` of boto3.
        """
        from boto3.s3.transfer import TransferConfig

        threads = max(threads, 3)
        bucket, key = self._path_to_bucket_and_key(source_path)
        to_bucket, to_key = self._path_to_bucket_and_key(destination_path)
        client = self._client
        if not self.isdir(source_path):
            config = TransferConfig(max_concurrency=threads, multipart_chunksize=part_size)
            client.copy({"Bucket": bucket, "Key": key}, to_bucket, to_key, Config=config, ExtraArgs=kwargs)
            return 1, self.s3.ObjectSummary(bucket, key).size
        prefix, to_prefix = _slashed(key), _slashed(to_key)
        items = [item for item in self.list(source_path, start_time, end_time, return_key=True)
                 if item.key[len(prefix):] not in ("", "/")]  # fmt: skip
        config = TransferConfig(use_threads=False, multipart_chunksize=part_size)

        def copy_one(item: Any) -> None:
            source = {"Bucket": bucket, "Key": item.key}
            client.copy(source, to_bucket, to_prefix + item.key[len(prefix) :], Config=config, ExtraArgs=kwargs)

        with ThreadPoolExecutor(max(min(threads, len(items)), 1)) as pool:
            for _ in pool.map(copy_one, items):
                pass
        return len(items), sum(item.size for item in items)

    # Contents

    def put(self, local_path: str, destination_s3_path: str, **kwargs: Any) -> None:
        """Sends a local file; `kwargs` as of put_multipart()."""
        self.put_multipart(local_path, destination_s3_path, **kwargs)

    def put_string(self, content: str | bytes, destination_s3_path: str, **kwargs: Any) -> None:
        """Makes an object; `kwargs` as of boto3's `put_object`."""
        self._check_deprecated_argument(**kwargs)
        bucket, key = self._path_to_bucket_and_key(destination_s3_path)
        self._client.put_object(Key=key, Bucket=bucket, Body=content, **kwargs)

    def put_multipart(
        self, local_path: str, destination_s3_path: str, part_size: int = DEFAULT_PART_SIZE, **kwargs: Any
    ) -> None:
        """Sends a local file, in parts if it is larger than `part_size`; `kwargs`: `ExtraArgs` of boto3's upload."""
        self._check_deprecated_argument(**kwargs)
        from boto3.s3.transfer import TransferConfig

        bucket, key = self._path_to_bucket_and_key(destination_s3_path)
        with open(local_path, "rb") as file:
            in_parts = os.fstat(file.fileno()).st_size > part_size
            config = TransferConfig(multipart_threshold=part_size, multipart_chunksize=part_size, use_threads=in_parts)
            self._client.upload_fileobj(Fileobj=file, Bucket=bucket, Key=key, Config=config, ExtraArgs=kwargs)

    def get(self, s3_path: str, destination_local_path: str) -> None:
        """Fetches an object into a local file."""
        bucket, key = self._path_to_bucket_and_key(s3_path)
        self._client.download_file(bucket, key, destination_local_path)

    def get_as_bytes(self, s3_path: str) -> bytes:
        """The content of an object."""
        bucket, key = self._path_to_bucket_and_key(s3_path)
        content: bytes = self.s3.Object(bucket, key).get()["Body"].read()
        return content

    def get_as_string(self, s3_path: str, encoding: str = "utf-8") -> str:
        """The content of an object as text."""
        return self.get_as_bytes(s3_path).decode(encoding)

    # Names and settings

    @staticmethod
    def _get_s3_config(key: str | None = None) -> Any:
        """The section [s3], or one option of it; what looks like a whole number is one."""
        config = get_config()
        try:
            options = dict(config.items("s3")) if hasattr(config, "items") else dict(config["s3"])
        except (NoSectionError, KeyError):
            return {}
        everywhere = config.defaults() if hasattr(config, "defaults") else {}
        own = {name: value for name, value in options.items() if everywhere.get(name) != value}
        own = {name: int(value) if str(value).isdecimal() else value for name, value in own.items()}
        return own if key is None else own.get(key)

    @staticmethod
    def _path_to_bucket_and_key(path: str) -> tuple[str, str]:
        # a key may have a question mark or a hash in it
        parts = urlsplit(path, allow_fragments=False)
        return parts.netloc, parts.path[1:] + (f"?{parts.query}" if parts.query else "")

    @staticmethod
    def _is_root(key: str) -> bool:
        return key in ("", "/")

    _add_path_delimiter = staticmethod(_slashed)

    @staticmethod
    def _check_deprecated_argument(**kwargs: Any) -> None:
        for name, instead in (("encrypt_key", "ServerSideEncryption"), ("host", "region_name of the client")):
            if name in kwargs:
                raise DeprecatedBotoClientException(f"{name} is an argument of boto 2; boto3 has {instead} for it")


class AtomicS3File(AtomicLocalFile):
    """A file that is written here and sent when it is closed."""

    def __init__(self, path: str, s3_client: S3Client, **kwargs: Any) -> None:
        """`kwargs`: as of S3Client.put_multipart()."""
        self.s3_client = s3_client
        self.s3_options = kwargs
        super().__init__(path)

    def move_to_final_destination(self) -> None:
        self.s3_client.put_multipart(self.tmp_path, self.path, **self.s3_options)


class _Body(io.RawIOBase):
    """What comes of an object, as Python's files have it."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._body.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._body.close()
        super().close()


class ReadableS3File(io.BufferedReader):
    """An object that is read from its beginning to its end. A connection that breaks is an error, not an end."""

    def __init__(self, s3_key: Any) -> None:
        """`s3_key`: boto3's object, or its summary."""
        super().__init__(_Body(s3_key.get()["Body"]), 1 << 17)


class S3Target(FileSystemTarget):
    """An object of S3, there when all of it is."""

    fs: Any = None

    def __init__(self, path: str, format: Any = None, client: S3Client | None = None, **kwargs: Any) -> None:
        """`client`: None for one with the credentials of the configuration; `kwargs`: as of AtomicS3File."""
        super().__init__(path)
        self.format = get_default_format() if format is None else format
        self.fs = client or S3Client()
        self.s3_options = kwargs

    def open(self, mode: str = "r") -> Any:
        if mode == "w":
            return self.format.pipe_writer(AtomicS3File(self.path, self.fs, **self.s3_options))
        if mode != "r":
            raise ValueError(f"Unsupported open mode '{mode}'")
        key = self.fs.get_key(self.path)
        if key is None:
            raise FileNotFoundException(f"Could not find file at {self.path}")
        return self.format.pipe_reader(ReadableS3File(key))


class S3FlagTarget(S3Target):
    """A directory that is there when a file in it says so."""

    def __init__(
        self, path: str, format: Any = None, client: S3Client | None = None, flag: str | None = "_SUCCESS"
    ) -> None:
        """`path` ends with a slash; `flag` is the name of the file, `_SUCCESS` if None."""
        if not path.endswith("/"):
            raise ValueError(f"S3FlagTarget is a directory: its path must end with a slash, which {path!r} does not")
        super().__init__(path, format, client)
        self.flag = flag or "_SUCCESS"

    def exists(self) -> bool:
        return bool(self.fs.exists(self.path + self.flag))


class S3EmrTarget(S3FlagTarget):
    """Deprecated name of S3FlagTarget."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn("S3EmrTarget is deprecated. Please use S3FlagTarget", DeprecationWarning, stacklevel=2)
        super().__init__(*args, **kwargs)


class S3PathTask(ExternalTask):
    """An object that somebody else makes."""

    path = Parameter()

    def output(self) -> S3Target:
        return S3Target(self.path)


class S3EmrTask(ExternalTask):
    """A directory with a file `_SUCCESS` that somebody else makes."""

    path = Parameter()

    def output(self) -> S3FlagTarget:
        return S3EmrTarget(self.path)


class S3FlagTask(ExternalTask):
    """A directory with a file that says that it is complete, made by somebody else."""

    path = Parameter()
    flag: Any = Parameter(default="_SUCCESS")

    def output(self) -> S3FlagTarget:
        return S3FlagTarget(self.path, flag=self.flag)


__all__ = [
    "AtomicS3File",
    "DeprecatedBotoClientException",
    "FileNotFoundException",
    "InvalidDeleteException",
    "ReadableS3File",
    "S3Client",
    "S3EmrTarget",
    "S3EmrTask",
    "S3FlagTarget",
    "S3FlagTask",
    "S3PathTask",
    "S3Target",
]
