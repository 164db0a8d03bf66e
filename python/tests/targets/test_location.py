from __future__ import annotations

import pytest

from martlet.targets import location

URLS = ["root://host//eos/a", "https://h:443/a b/é#?x", "s3://bucket/key", "dropbox:///Apps/x", "rclone://remote/p"]


def test_schemes() -> None:
    assert [location.scheme(url) for url in URLS] == ["root", "https", "s3", "dropbox", "rclone"]
    assert location.scheme("FSSPEC+Memory://a") == "fsspec+memory"
    assert [location.scheme(path) for path in ("/a/b", "a", "", "a b://c", "://x", "é://x")] == [""] * 6
    assert [location.is_remote(place) for place in (*URLS, "/a", "file:///a", "FILE:///a")] == [True] * 5 + [False] * 3
    assert location.without_file("file:///a/b") == "/a/b"
    assert location.without_file("root://a") == "root://a"


@pytest.mark.parametrize(
    ("place", "parent", "name"),
    [
        ("/a/b", "/a", "b"), ("/a", "/", "a"), ("/", "/", ""), ("a", ".", "a"), ("a/b/", "a", "b"),
        ("root://h//eos/a", "root://h//eos", "a"), ("root://h//eos", "root://h", "eos"), ("root://h", "root://h", ""),
        ("https://h/a#b/c?d e", "https://h/a#b", "c?d e"), ("s3://bucket/key", "s3://bucket", "key"),
        ("dropbox:///x", "dropbox://", "x"),
    ],
)  # fmt: skip
def test_parents_and_names(place: str, parent: str, name: str) -> None:
    assert location.parent(place) == parent
    assert location.name(place) == name


def test_joining() -> None:
    assert location.join("/a", "b", "c/d") == "/a/b/c/d"
    assert location.join("/", "b") == "/b"
    assert location.join("/a/", "./b//c/") == "/a/b/c"
    assert location.join("root://h/", "/".join("xy")) == "root://h/x/y"
    assert location.join("root://h//eos/", "x") == "root://h//eos/x"
    assert location.join("s3://bucket", "50% µ#?&.root") == "s3://bucket/50% µ#?&.root"
    assert location.join("/a", 13) == "/a/13"
    assert location.join("/a") == "/a"


@pytest.mark.parametrize("name", ["..", "../b", "b/../../c", "/etc/passwd", "", ".", "//", "a\0b"])
def test_nothing_leads_out(name: str) -> None:
    for place in ("/a", "s3://bucket/x"):
        with pytest.raises(ValueError, match="names nothing within"):
            location.join(place, name)


def test_lines_do_not_end_within_urls() -> None:
    assert location.join("/a", "b\nc") == "/a/b\nc"
    with pytest.raises(ValueError, match="end of line"):
        location.join("s3://a", "b\nc")


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("https://doe:hunter2@host/a", "https://host/a"),
        ("https://host/a?X-Amz-Signature=hunter2&x=1", "https://host/a?…"),
        ("https://t@k:hunter2@host/a", "https://host/a"),
        ("https://host/what? now", "https://host/what? now"),
        ("s3://bucket/a@b", "s3://bucket/a@b"),
        ("/plain/a@b?c=d", "/plain/a@b?c=d"),
    ],
)
def test_secrets_are_not_shown(place: str, shown: str) -> None:
    assert location.shown(place) == shown
