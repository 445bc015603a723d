"""The page itself: contents in, one self-contained HTML file out.

What articles say reaches the page in two ways only: through Jinja2 with autoescape, and as JSON in which no character
can end the element around it. A content security policy in the file lets nothing run but the scripts written here,
each named by its hash, and lets nothing be fetched.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.report.contents import Contents
from pipeline.report.vendor import ASSETS, PLOT_STYLE

_SCRIPTS: Final = ("d3.min.js", "plot.min.js", "topojson.min.js", "report.js")
_STYLE: Final = "report.css"
_OUTLINES: Final = "countries.json"
_UNSAFE_IN_HTML: Final = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<\u2028\u2029"}


def render(contents: Contents) -> Iterable[str]:
    """The page in parts, in their order."""
    environment = Environment(
        loader=PackageLoader("pipeline.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    scripts = [_asset(name) for name in _SCRIPTS]
    style = _asset(_STYLE)
    return environment.get_template("page.html.jinja").generate(
        contents=contents,
        policy=_policy(scripts, [style, _asset(PLOT_STYLE)]),
        style=Markup(style),
        scripts=[Markup(script) for script in scripts],
        data=embedded_json(contents.data()),
        outlines=embedded_json(msgspec.json.decode(_asset(_OUTLINES))),
    )


def embedded_json(value: Any) -> Markup:
    """JSON that can stand in a ``script`` element: no letter of it can end the element or begin another."""
    return Markup(msgspec.json.encode(value).decode().translate(_UNSAFE_IN_HTML))


def _policy(scripts: Iterable[str], styles: Iterable[str]) -> str:
    """Nothing is fetched, nothing runs and nothing styles but what has one of these hashes."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(map(_hash, scripts))}",
            f"style-src {' '.join(map(_hash, styles))}",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types parts",
        ]
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return Path(ASSETS / name).read_text(encoding="utf-8")
