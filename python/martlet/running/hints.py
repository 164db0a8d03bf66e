"""The way out of what the operating system refused a task."""

from __future__ import annotations

import errno

_HINTS = {
    errno.ENOENT: "{file} is not there; if it is to be written, its folder cannot be made: choose another",
    errno.EACCES: "make {file} accessible to you, or choose another folder for it",
    errno.EPERM: "make {file} accessible to you, or choose another folder for it",
    errno.EROFS: "{file} lies on a file system that is mounted read-only: choose another folder",
    errno.ENOSPC: "free some space where {file} lies, and run again: what is complete is kept",
    errno.EDQUOT: "your quota is used up where {file} lies: free some of it, and run again",
    errno.ENOTDIR: "a part of the path {file} is a file, not a folder: move it away, or choose another folder",
    errno.EISDIR: "{file} is a folder where a file is wanted",
    errno.ENAMETOOLONG: "shorten the parameters that make up the name",
    errno.EMFILE: "the task keeps too many files open: close them, or raise `ulimit -n`",
    errno.ESTALE: "the file system has lost {file} from sight: run again",
}


def hint(error: BaseException) -> str:
    """A line for the user, or nothing where we know no better than the exception itself."""
    if type(error).__name__ == "BdbQuit":
        return "a debugger needs the terminal: run with --workers 1"
    if way_out := getattr(error, "way_out", ""):
        return str(way_out)
    if not isinstance(error, OSError) or error.errno is None:
        return ""
    wording = _HINTS.get(error.errno, "")
    return wording.format(file=error.filename or "the output")
