"""Fetch the page's JavaScript libraries and country outlines anew: ``python -m pipeline.report.vendor``.

Takes the pinned versions from the npm registry through ``npm pack``, verbatim as published, with their licences. The
page needs no npm: what this writes is in the repository. To move to another version change ``PACKAGES``, run this, and
run ``tests/report``.
"""

import re
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from pipeline.errors import ConflictEventsError
from pipeline.records import atomic_write

ASSETS: Final = Path(__file__).parent / "assets"

PACKAGES: Final = {
    "d3@7.9.2": {"dist/d3.min.js": "d3.min.js", "LICENSE": "d3.LICENSE"},
    "@observablehq/plot@0.6.17": {"dist/plot.umd.min.js": "plot.min.js", "LICENSE": "plot.LICENSE"},
    "topojson-client@3.1.0": {"dist/topojson-client.min.js": "topojson.min.js", "LICENSE": "topojson.LICENSE"},
    "world-atlas@2.0.2": {"countries-110m.json": "countries.json", "LICENSE": "countries.LICENSE"},
}
"""Of each package the files that the page uses, by the name under which they are kept."""

PLOT_CLASS: Final = "plot"
"""Class of every chart; ``report.js`` gives it to Plot, whose style element then has a text that is known."""

PLOT_STYLE: Final = "plot-style.css"
_STYLE_TEXT: Final = re.compile(r"text\(`(:where\(\.\$\{(\w+)\}\) \{[^`]*?--plot-background[^`]*)`\)")


def main() -> None:
    """Write every file anew."""
    for package, files in PACKAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            archive = _pack(package, Path(folder))
            with tarfile.open(archive) as packed:
                for member, name in files.items():
                    content = packed.extractfile(f"package/{member}")
                    assert content is not None
                    _write(ASSETS / name, content.read())
    _write(ASSETS / PLOT_STYLE, plot_style((ASSETS / "plot.min.js").read_text()).encode())


def plot_style(library: str) -> str:
    """The text of the style element that Plot puts into every chart, which the security policy names by its hash.

    Raises:
        ConflictEventsError: When the library holds no such text.
    """
    found = _STYLE_TEXT.search(library)
    if not found:
        raise ConflictEventsError("plot.min.js: no style text with --plot-background; see how this version has it")
    text = found[1].replace(f"${{{found[2]}}}", PLOT_CLASS)
    return text.replace("\\n", "\n")


def _pack(package: str, folder: Path) -> Path:
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), package]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1]
    return folder / name


def _write(path: Path, content: bytes) -> None:
    with atomic_write(path) as handle:
        handle.write(content)


if __name__ == "__main__":
    main()
