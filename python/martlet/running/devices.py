"""Which GPUs there are, and how a program is told which of them it may use."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..unchanged import Unchanged


class Vendor(NamedTuple):
    """How a vendor's libraries are told which devices a program may use."""

    variable: str
    nothing: str | None
    """The value that hides them all; None where there is none to rely on."""


VENDORS: Mapping[str, Vendor] = {
    "cuda": Vendor("CUDA_VISIBLE_DEVICES", ""),
    # HIP_VISIBLE_DEVICES counts among those that ROCR_VISIBLE_DEVICES leaves: only one of them may be set
    "rocm": Vendor("ROCR_VISIBLE_DEVICES", "-1"),
    "level-zero": Vendor("ZE_AFFINITY_MASK", None),
}


class GPUs(NamedTuple):
    """The GPUs that are shared out among tasks."""

    vendor: str
    names: tuple[str, ...]
    """As the vendor's variable takes them: numbers, or identifiers."""
    by_bus: bool = False
    """Numbers follow the PCI bus, as those of device files do; otherwise CUDA counts from the fastest device."""

    def naming(self) -> dict[str, Any]:
        """As the engine reads it (`DeviceNaming` in the runtime)."""
        vendor = VENDORS[self.vendor]
        return {
            "variable": vendor.variable,
            "names": list(self.names),
            "nothing": vendor.nothing,
            "alongside": {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"} if self.by_bus else {},
        }


def share_out(
    named: str | None, limit: float | None, environ: Mapping[str, str] | None = None, root: Path = Path("/")
) -> GPUs | None:
    """The GPUs to share out; None when nothing is known of any.

    `named`: those of the configuration; else those that the environment leaves to this process, else those whose
    devices are found under `root`. `limit`: how many of them at most; without names it numbers them. Raises
    ValueError for a vendor that is not known.
    """
    environ = os.environ if environ is None else environ
    if named:
        vendor, separator, names = named.partition(":")
        if not separator:
            vendor, names = "cuda", named
        if vendor not in VENDORS:
            raise ValueError(f"{vendor!r} is none of {', '.join(VENDORS)}")
        found: GPUs | None = GPUs(vendor, _names(names), by_bus=vendor == "cuda")
    else:
        found = left_by(environ)
        if found is None:
            found = on_board(root)
        elif not found.names:
            return None  # the user wants none to be used: then gpu is a name like any other
    if found is None:
        return None if limit is None else GPUs("cuda", tuple(map(str, range(math.ceil(limit)))))
    return found if limit is None else found._replace(names=found.names[: int(limit)])


def left_by(environ: Mapping[str, str]) -> GPUs | None:
    """The devices that the variables of the environment leave to this process; None when they say nothing."""
    for name, vendor in VENDORS.items():
        value = environ.get(vendor.variable)
        if value is not None:
            return GPUs(name, _names(value))
    return None


def on_board(root: Path) -> GPUs | None:
    """The devices whose drivers show them; no program of the vendor is started."""
    boards = os.path.join(root, "proc/driver/nvidia/gpus")
    nvidia = [_uuid(f"{boards}/{name}/information") for name in _entries(boards)]
    if nvidia and all(nvidia):
        return GPUs("cuda", tuple(nvidia))
    files = _device_files(os.path.join(root, "dev"))
    if files:
        return GPUs("cuda", tuple(map(str, range(files))), by_bus=True)
    nodes = os.path.join(root, "sys/class/kfd/kfd/topology/nodes")
    amd = [
        name
        for name in _entries(nodes)
        if re.search(r"^simd_count [1-9]", _text(f"{nodes}/{name}/properties"), re.MULTILINE)
    ]
    return GPUs("rocm", tuple(map(str, range(len(amd))))) if amd else None


def _uuid(information: str) -> str:
    """`GPU-8932f937-…`, or nothing where the driver does not tell."""
    match = re.search(r"^GPU UUID:\s*(GPU-[0-9a-f-]+)\s*$", _text(information), re.MULTILINE)
    return match[1] if match else ""


def _device_files(folder: str) -> int:
    """How many there are of NVIDIA's."""
    try:
        return _nvidia.of(folder)
    except OSError:
        return 0


_nvidia = Unchanged(lambda folder: sum(name.startswith("nvidia") and name[6:].isdigit() for name in os.listdir(folder)))


def _entries(folder: str) -> list[str]:
    """What is in a folder; nothing where there is none."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _names(value: str) -> tuple[str, ...]:
    """The devices of a variable: those up to the first that is none."""
    names = []
    for name in value.split(","):
        name = name.strip()
        if not name or name.startswith("-"):
            break
        names.append(name)
    return tuple(names)


def _text(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
