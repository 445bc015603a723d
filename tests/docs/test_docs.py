"""The documentation: it builds without a warning or a network, and what it says of files is what the code says."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
import typing

import msgspec
import pytest

from pipeline.bulk.run import RunSummary
from pipeline.corpus.format import Head
from pipeline.evaluate.compare import Comparison
from pipeline.extract.folder import ModelCard
from pipeline.inputs.article import Row
from pipeline.label.soft import SoftDocument
from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, ROLES, SOURCES
from pipeline.schema import Document, DocumentResult, Failure, MergedIncident
from pipeline.weak.library import DATA, load_library
from tests.conftest import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
WRITTEN = (
    Row,
    DocumentResult,
    MergedIncident,
    Failure,
    RunSummary,
    Document,
    SoftDocument,
    Head,
    ModelCard,
    Comparison,
)
"""What the rows and files on the page of formats are made of."""

_LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed|object)\b[^>]*?\b(?:src|data|srcset)=["']?\s*(?:https?:)?//"""
    r"""|<link\b(?=[^>]*\brel=["']?(?:stylesheet|preload|icon|modulepreload|preconnect))[^>]*\bhref=["']?\s*(?:https?:)?//""",
    re.IGNORECASE,
)
_STYLE_LOADS = re.compile(r"""(?:@import|url\()\s*["']?\s*(?:url\(\s*["']?)?(?:https?:)?//""", re.IGNORECASE)
_MACHINE = re.compile(
    r"""(?<![\w.])/(?:home|root|tmp|work|opt|mnt|Users|var|usr)/|[\w.-]*(?:pypi|artifactory|nexus|npmjs)[\w.-]*\.\w+"""
    r"""|localhost|\b(?:\d{1,3}\.){3}\d{1,3}\b""",
)
_UNNAMED = {"per_label", "per_role", "per_key", "functions", "slots", "slot_records", "ci95", "coverage"} | {
    "styles",
    "megabytes",
}
"""Parts of the metrics whose keys are labels, fields, files or figures that are told of elsewhere."""


@pytest.fixture(scope="module")
def tables():
    spec = importlib.util.spec_from_file_location("docs_tables", DOCS / "tables.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-b", "html", "--fail-on-warning", "--keep-going", "--fresh-env", "-q"]
    found = subprocess.run(
        [*command, "-d", str(folder / "trees"), str(DOCS), str(folder / "html")],
        cwd=ROOT,
        env={
            "PATH": "",
            "PYTHONPATH": str(ROOT),
            "http_proxy": "http://127.0.0.1:9",
            "https_proxy": "http://127.0.0.1:9",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    return folder / "html"


def records(kind, seen=None):
    """A record and all those that its fields hold."""
    seen = {} if seen is None else seen
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind.__name__ not in seen:
            seen[kind.__name__] = kind
            for hint in typing.get_type_hints(kind).values():
                records(hint, seen)
    else:
        for part in typing.get_args(kind):
            records(part, seen)
    return seen


def test_the_site_has_every_page_and_loads_nothing_from_elsewhere(site):
    assert {page.stem for page in PAGES} == {page.stem for page in site.glob("*.html")} - {"search"}
    loads = [path.name for path in site.rglob("*.html") if _LOADED.search(path.read_text(encoding="utf-8"))]
    styles = [path.name for path in site.rglob("*.css") if _STYLE_LOADS.search(path.read_text(encoding="utf-8"))]
    assert (loads, styles) == ([], [])


@pytest.mark.parametrize(
    ("text", "loads"),
    [
        ('<script defer src="https://a.example/b.js"></script>', True),
        ('<link rel="stylesheet" href="//a.example/b.css">', True),
        ('<img alt="" src=https://a.example/b.png>', True),
        ('<a href="https://a.example">read</a><img src="_static/b.png">', False),
        ('<link rel="canonical" href="https://a.example/">', False),
    ],
)
def test_what_loads_from_elsewhere_is_seen(text, loads):
    assert bool(_LOADED.search(text)) is loads


def test_every_field_of_every_row_is_on_the_page_of_formats(site):
    page = (site / "formats.html").read_text(encoding="utf-8")
    sections = dict(re.findall(r'<section id="(\w+)">\s*<h3>(.*?)</section>', page, re.DOTALL))
    wanted = {name: kind for written in WRITTEN for name, kind in records(written).items()}
    missing = [
        (name, field)
        for name, kind in wanted.items()
        for field in kind.__struct_fields__
        if f'<span class="pre">{field}</span>' not in sections.get(name.lower(), "")
    ]
    assert missing == []
    assert len(wanted) >= 20


def test_a_field_without_a_meaning_and_a_meaning_without_a_field_stop_the_build(tables):
    told = tables.meanings()["Span"]
    tables.meanings()["Span"] = {"role": "A role.", "begin": "No such field."}
    with pytest.raises(tables.DocsError, match=r"Span: missing \['end', 'start'\], no such field \['begin'\]"):
        tables.fill("<!-- fields: pipeline.schema.Span -->")
    tables.meanings()["Span"] = told
    assert "| `start` | whole number |" in tables.fill("<!-- fields: pipeline.schema.Span -->")


def test_an_unknown_table_stops_the_build(tables):
    with pytest.raises(tables.DocsError, match="no table 'weather'"):
        tables.fill("# Title\n\n<!-- table: weather -->\n")


def test_every_key_of_the_label_set_has_a_row_with_an_example(site):
    page = (site / "labels.html").read_text(encoding="utf-8")
    for layer in (EVENT_TYPES, RESPONSIBILITY, SOURCES, ROLES):
        rows = {
            key: re.findall(rf'<tr[^>]*><td><p><code[^>]*><span class="pre">{key}</span>.*?</tr>', page, re.DOTALL)
            for key in layer
        }
        assert [key for key, found in rows.items() if not any(row.count("<td>") >= 3 for row in found)] == []


def named(figures):
    """The keys of a metrics file that a reader has to be told of."""
    for key, value in figures.items():
        yield key
        if isinstance(value, dict) and key not in _UNNAMED:
            yield from named(value)


@pytest.mark.parametrize("path", sorted((ROOT / "metrics").glob("*.json")), ids=lambda path: path.stem)
def test_every_figure_is_on_the_page_of_metrics(path):
    page = (DOCS / "metrics.md").read_text(encoding="utf-8")
    told = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", page))))
    told |= {*EVENT_TYPES, *RESPONSIBILITY, *SOURCES, *ROLES}
    figures = json.loads(path.read_text())
    if path.stem == "slices":
        figures = {name: dict.fromkeys(part) for name, part in figures.items()}
    assert f"{path.name}" in page
    assert set(named(figures)) - told == set()


def test_the_labelling_function_of_the_recipe_works_as_it_is_written(tmp_path):
    recipe = (DOCS / "extend.md").read_text(encoding="utf-8")
    lists, function = re.findall(r"^   ```yaml\n(.*?)^   ```$", recipe, re.DOTALL | re.MULTILINE)
    shutil.copytree(DATA, tmp_path / "data")
    for name, block in (("lexicons.yaml", lists), ("events.yaml", function)):
        with (tmp_path / "data" / name).open("a", encoding="utf-8") as file:
            file.write("\n" + "".join(line.removeprefix("   ") for line in block.splitlines(keepends=True)))
    library = load_library(tmp_path / "data")
    (added,) = {each.name for each in library.functions} - {each.name for each in load_library().functions}
    column = next(index for index, each in enumerate(library.functions) if each.name == added)
    new = library.functions[column]
    assert library.fires([new.example])[0, column]
    assert not library.fires(new.passes)[:, column].any()
    assert new.passes


def links(path):
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"\]\(([^)\s]+)\)", text)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_links_to_files_lead_somewhere(page):
    local = [link.partition("#")[0] for link in links(page) if not re.match(r"https?://|#", link)]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("path", [*PAGES, *DOCS.glob("*.yaml"), *DOCS.glob("*.py")], ids=lambda path: path.name)
def test_no_page_names_a_registry_or_a_path_of_a_machine(path):
    assert _MACHINE.findall(path.read_text(encoding="utf-8")) == []


def test_a_registry_or_a_path_of_a_machine_is_seen():
    seen = ("in /home/me/x", "from pypi.example.org", "at localhost:80", "http://10.1.2.3/simple")
    assert all(_MACHINE.search(text) for text in seen)
    assert not any(_MACHINE.search(text) for text in ("data/gold/x", "s3://BUCKET/x", "version 1.2.3"))
