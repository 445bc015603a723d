"""Turn pip's resolution report into ``requirements.lock``: one pinned line a package, without this project.

CUDA packages are left out: they belong to the build of torch, which is installed on its own.
"""

import json
import re
import sys
from pathlib import Path

_CUDA = re.compile(r"(nvidia-(?!ml-py)|cuda-|triton$)")


def locked(report: dict) -> list[str]:
    """The lines of the lock, sorted by name."""
    packages = [item["metadata"] for item in report["install"]]
    found = {package["name"].lower().replace("_", "-"): package["version"] for package in packages}
    return [
        f"{name}=={version.split('+')[0]}"
        for name, version in sorted(found.items())
        if name != "conflict-events" and not _CUDA.match(name)
    ]


if __name__ == "__main__":
    print("\n".join(locked(json.loads(Path(sys.argv[1]).read_text()))))
