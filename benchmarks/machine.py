"""The machine that something was measured on."""

import os
import platform
from pathlib import Path

import msgspec

_CPUINFO = Path("/proc/cpuinfo")


class Machine(msgspec.Struct, frozen=True):
    """``processor`` is the name that it gives itself, ``cores`` how many of its cores this process may use."""

    processor: str
    cores: int


def this_machine() -> Machine:
    """The machine that runs this."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(processor_name(), cores)


def processor_name() -> str:
    """The processor's name as Linux gives it, or what Python knows."""
    lines = _CPUINFO.read_text().splitlines() if _CPUINFO.is_file() else []
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
