"""Which GPUs there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from martlet.running import machine
from martlet.running.devices import GPUs, share_out


def nvidia(root: Path, *uuids: str) -> None:
    for number, uuid in enumerate(uuids):
        folder = root / f"proc/driver/nvidia/gpus/0000:{number:02d}:00.0"
        folder.mkdir(parents=True)
        (folder / "information").write_text(f"Model: \t\t NVIDIA A100\nIRQ: 17\nGPU UUID: \t {uuid}\nVideo BIOS: 92\n")


def test_the_environment_says_which_are_ours(tmp_path: Path) -> None:
    nvidia(tmp_path, "GPU-aaaa-1")
    assert share_out(None, None, {"CUDA_VISIBLE_DEVICES": "2, 0"}, tmp_path) == GPUs("cuda", ("2", "0"))
    assert share_out(None, None, {"CUDA_VISIBLE_DEVICES": "2,-1,0"}, tmp_path) == GPUs("cuda", ("2",))
    assert share_out(None, None, {"ROCR_VISIBLE_DEVICES": "1"}, tmp_path) == GPUs("rocm", ("1",))
    assert share_out(None, 1, {"ZE_AFFINITY_MASK": "0.1,1"}, tmp_path) == GPUs("level-zero", ("0.1",))


@pytest.mark.parametrize("value", ["", "-1"])
def test_hidden_ones_stay_hidden(tmp_path: Path, value: str) -> None:
    nvidia(tmp_path, "GPU-aaaa-1")
    assert share_out(None, 2, {"CUDA_VISIBLE_DEVICES": value}, tmp_path) is None


def test_drivers_show_them(tmp_path: Path) -> None:
    nvidia(tmp_path, "GPU-aaaa-1", "GPU-bbbb-2")
    assert share_out(None, None, {}, tmp_path) == GPUs("cuda", ("GPU-aaaa-1", "GPU-bbbb-2"))
    assert share_out(None, 1, {}, tmp_path) == GPUs("cuda", ("GPU-aaaa-1",))


def test_device_files_are_numbered_along_the_bus(tmp_path: Path) -> None:
    nvidia(tmp_path, "GPU-????????-????")
    (tmp_path / "dev").mkdir()
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm"):
        (tmp_path / "dev" / name).touch()
    found = share_out(None, None, {}, tmp_path)
    assert found == GPUs("cuda", ("0", "1"), by_bus=True)
    assert found.naming()["alongside"] == {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}


def test_amds_nodes(tmp_path: Path) -> None:
    for number, count in enumerate((0, 304, 304)):  # the first is the processor
        folder = tmp_path / f"sys/class/kfd/kfd/topology/nodes/{number}"
        folder.mkdir(parents=True)
        (folder / "properties").write_text(f"cpu_cores_count 1\nsimd_count {count}\n")
    assert share_out(None, None, {}, tmp_path) == GPUs("rocm", ("0", "1"))


def test_a_limit_alone_numbers_them(tmp_path: Path) -> None:
    assert share_out(None, 2, {}, tmp_path) == GPUs("cuda", ("0", "1"))
    assert share_out(None, None, {}, tmp_path) is None


def test_the_configuration_goes_first(tmp_path: Path) -> None:
    assert share_out("rocm:1,3", None, {"CUDA_VISIBLE_DEVICES": "0"}, tmp_path) == GPUs("rocm", ("1", "3"))
    with pytest.raises(ValueError, match="abacus"):
        share_out("abacus:0", None, {}, tmp_path)


def test_control_groups_limit_processors_and_memory(tmp_path: Path) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/job/step\n")
    group = tmp_path / "sys/fs/cgroup/job"
    (group / "step").mkdir(parents=True)
    (group / "step/cpu.max").write_text("max 100000\n")
    (group / "step/memory.max").write_text("max\n")
    (group / "memory.max").write_text("1048576\n")
    (group / "cpu.max").write_text("50000 100000\n")
    assert machine.processors(str(tmp_path)) == 1
    assert machine.memory(str(tmp_path)) == 1048576
