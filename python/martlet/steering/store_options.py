"""What can be said of a store in the configuration: one line each, from which checks and documentation derive."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

_SIZES = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


class Option(NamedTuple):
    """Something that can be said of a store: its name, its type and its meaning."""

    name: str
    kind: str
    """text, path (both also with "or false"), whole, count, amount, flag, size, table, or words with | between them."""
    help: str
    secret: bool = False
    """No listing and no message shows it."""

    @property
    def expected(self) -> str:
        """What a value looks like, in words."""
        words = {
            "text": "a text",
            "path": "the path of a file or directory",
            "text or false": "a text, or false",
            "path or false": "the path of a file, or false",
            "whole": "a whole number, at least 1",
            "count": "a whole number, at least 0",
            "amount": "a number of seconds, more than 0",
            "flag": "true or false",
            "size": "a number of bytes, or one with its unit: 20 GB",
            "table": "a table of names and values",
        }
        return words.get(self.kind) or f"one of {', '.join(self.kind.split('|'))}"


OPTIONS: tuple[Option, ...] = (
    Option("url", "text", "Where the store lies: a URL, or a path of this machine; relative ones count from this file"),
    Option("complete_by", "targets|reports|both", "What says that tasks are complete whose outputs lie in it"),
    Option("token_file", "path", "File with a bearer token (or Dropbox's), read again when it changes"),
    Option("token_env", "text", "Environment variable with the token"),
    Option("token", "text or false", "The token itself: better in a file; false: none is looked for", secret=True),
    Option("user", "text", "Name of the user, for stores that want a password"),
    Option("password_file", "path", "File with the password, or the password of an application"),
    Option("password_env", "text", "Environment variable with the password"),
    Option("password", "text", "The password itself: better in a file", secret=True),
    Option("proxy", "path or false", "File with an X.509 proxy (or certificate and key); false: none is looked for"),
    Option("ca", "path", "File or directory of the certificate authorities to trust"),
    Option("allow_http", "flag", "Send tokens and passwords over plain http too, which others can read"),
    Option("plain_redirects", "flag", "Let a server send requests on from https to http"),
    Option("key_file", "path", "S3: file with the access key and the secret key, as ~/.aws/credentials"),
    Option("profile", "text", "S3: section of that file"),
    Option("endpoint", "text", "S3: URL of the service where it is not Amazon's"),
    Option("region", "text", "S3: region"),
    Option("path_style", "flag", "S3: the bucket is part of the path, not of the host; the default with an endpoint"),
    Option("anonymous", "flag", "S3: nothing is signed"),
    Option("part_size", "size", "S3: the size of the parts that large files are sent in"),
    Option("app_key", "text", "Dropbox: key of the application that the refresh token is for"),
    Option("app_secret_file", "path", "Dropbox: file with its secret, for applications that have one"),
    Option("refresh_token_file", "path", "Dropbox: file with a refresh token"),
    Option("parallel", "whole", "Requests and transfers at a time"),
    Option("timeout", "amount", "Seconds of silence until a request has failed"),
    Option("connect_timeout", "amount", "Seconds until a connection has failed"),
    Option("retries", "count", "How often a request is tried again that met trouble which may pass"),
    Option("checksum", "auto|none|adler32|md5|sha256", "Checksum to compare after a transfer"),
    Option("cache", "path", "Directory that keeps copies of what was read"),
    Option("cache_limit", "size", "What the cache may hold; what was not used longest goes first"),
    Option("cache_check", "size|mtime|checksum", "How a copy in the cache is compared with the store"),
    Option("mirror", "path", "Directory with a copy of the store: read where it is current, written along"),
    Option("mount", "path", "Directory where the store is mounted: read where it is current, never written"),
    Option("backend", "text", "Back end for a URL that others could serve too: fsspec, rclone, or one of your own"),
    Option("config", "path", "rclone: its configuration file"),
    Option("renames", "flag", "fsspec: the store renames in one step, though that is not known of it"),
    Option("options", "table", "Further settings, handed to the back end as they are"),
)
"""A new option is one line here."""

BY_NAME: Mapping[str, Option] = {option.name: option for option in OPTIONS}


def checked(option: Option, value: object, base: Path) -> Any:
    """A value of a TOML file, or a text, as the option's type; relative paths count from `base`.

    Raises ValueError, without the value, which may be a secret.
    """
    kind = option.kind
    if kind.endswith(" or false"):
        if value is False:
            return False
        kind = kind.removesuffix(" or false")
    if kind == "size":
        return _bytes(option, value)
    if kind == "path" and isinstance(value, str) and value:
        return str(base / Path(value).expanduser())
    fits = {
        "text": isinstance(value, str) and value != "",
        "whole": isinstance(value, int) and not isinstance(value, bool) and value >= 1,
        "count": isinstance(value, int) and not isinstance(value, bool) and value >= 0,
        "amount": isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0,
        "flag": isinstance(value, bool),
        "table": isinstance(value, dict),
    }
    if not fits.get(kind, value in kind.split("|")):
        raise ValueError(option.expected)
    return value


def _bytes(option: Option, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if isinstance(value, str):
        number = value.strip().rstrip("BKMGTbkmgt").strip()
        unit = _SIZES.get(value.strip()[len(number) :].strip().upper())
        try:
            size = float(number) * (unit or 0)
        except ValueError:
            size = 0.0
        if size >= 1:
            return int(size)
    raise ValueError(option.expected)
