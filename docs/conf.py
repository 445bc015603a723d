"""How the documentation is built: ``make docs``, which needs no network and fails on any warning."""

import re
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

sys.path.insert(0, str(Path(__file__).parent))

from tables import DocsError, fill

from pipeline import __version__

project = "conflict-events"
author = "the conflict-events authors"
copyright = f"2026 {author}, Apache License 2.0"
version = release = __version__

extensions = ["myst_parser"]
myst_heading_anchors = 3
highlight_language = "none"

html_theme = "furo"
html_title = "conflict-events"
html_static_path = ["_static"]
html_css_files = ["docs.css"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False
html_theme_options = {"footer_icons": [], "top_of_page_buttons": []}

_OUTSIDE = re.compile(r"\]\((\.\./[^)#]+)(?:#[^)]*)?\)")


def _prepare(app: Sphinx, page: str, source: list[str]) -> None:
    """Fill in the tables, and offer files that lie outside of the documentation for download."""
    try:
        source[0] = _OUTSIDE.sub(r"](path:\1)", fill(source[0]))
    except DocsError as error:
        raise ExtensionError(f"docs/{page}.md: {error}") from error


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _prepare)
