"""Giving a file another name, in one step and in the place of an earlier one, with what each file system has for it."""

from __future__ import annotations

from typing import Any

from ..errors import StorageError

_RENAMES = {"file", "local", "sftp", "ssh"}
"""`mv` puts a file in the place of another."""
_ONTO_NOTHING = {"arrow_hdfs", "hdfs", "smb"}
"""`mv` is one step where nothing is; arrow deletes what is there before, the others refuse."""
_COPIES_OBJECTS = {"abfs", "abfss", "adl", "az", "gcs", "gs", "memory", "oci", "s3", "s3a"}
"""The server copies, and shows no partial object."""
_WEB_HDFS = {"webHDFS", "webhdfs"}


def name(system: Any, path: str, new: str, target: str, promised: bool) -> None:
    """Gives the file at `path` the name `new`. Raises StorageError about `target` where that would not be one step.

    `promised`: whoever set the store up says that `mv` is one step, and replaces.
    """
    protocols = _protocols(system)
    if promised or protocols & _RENAMES:
        system.mv(path, new)
    elif protocols & _WEB_HDFS:
        _over_web_hdfs(system, path, new, target)
    elif protocols & _ONTO_NOTHING:
        if system.exists(new):
            words = "its file system has no step that puts a file in the place of another; hint: remove that one first"
            raise StorageError("unsupported", target, words)
        system.mv(path, new)
    elif protocols & _COPIES_OBJECTS:
        system.cp_file(path, new)  # what `mv` does, which takes `*` and `[` for a pattern
        try:
            system.rm_file(path)
        except FileNotFoundError:
            return  # somebody tidied up already
    else:
        words = "its file system may show a file that is being copied"
        raise StorageError("unsupported", target, f"{words}; hint: `renames = true` if you know that it does not")


def _over_web_hdfs(system: Any, path: str, new: str, target: str) -> None:
    """`mv` of this file system replaces nothing, and does not look at the answer that says so."""
    answer = system._call("RENAME", method="put", path=path, destination=new, renameoptions="OVERWRITE")
    if answer.content.strip() and answer.json().get("boolean") is False:
        words = "the server would not rename a file to it, as HttpFS will not where another is; hint: remove that first"
        raise StorageError("unsupported", target, words)


def _protocols(system: Any) -> set[str]:
    protocol = system.protocol
    return {protocol} if isinstance(protocol, str) else set(protocol)
