"""What holds the house together: stages say what they depend on, imports point one way, the lock fits the code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from dvc.repo import Repo

from pipeline.config import Params, load_params
from tests.conftest import ROOT
from tests.stages.imports import closure, imported, module_files

STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]

LAYERS = [
    {"schema", "labels", "errors", "records", "config", "progress", "help"},
    {"text"},
    {"corpus", "inputs", "label", "weak"},
    {"encoder"},
    {"incidents"},
    {"extract"},
    {"evaluate"},
    {"bulk", "annotate", "custom"},
    {"report", "package"},
    {"stages", "cli", "__main__"},
]
"""Packages and modules from the ground up; each may import from its own layer and from those below."""


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_all_code_that_it_imports_and_on_no_other(name):
    deps = [Path(dep) for dep in STAGES[name]["deps"] if dep.startswith("pipeline")]
    reached = closure(Path(f"pipeline/stages/{name}.py"))
    needed = {path for path in reached if path.name != "__init__.py"}
    missing = {path for path in needed if not any(path == dep or dep in path.parents for dep in deps)}
    readers = {path.parent for path in reached}
    idle = {
        dep
        for dep in deps
        if not any(path == dep or dep in path.parents for path in reached)
        and not (dep.parent.name == "data" and dep.parent.parent in readers)
    }
    assert (missing, idle) == (set(), set())


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_all_params_that_it_reads(name):
    source = "".join((ROOT / path).read_text() for path in (Path(f"pipeline/stages/{name}.py"),))
    read = set(re.findall(r"params\.(\w+)", source)) | set(re.findall(r"load_params\(\)\.(\w+)", source))
    read &= set(Params.__struct_fields__)
    declared = {param.split(".")[0] for param in STAGES[name].get("params", [])}
    assert read == declared


@pytest.mark.parametrize("name", STAGES)
def test_paths_stand_in_dvc_yaml_only(name):
    source = (ROOT / f"pipeline/stages/{name}.py").read_text()
    outputs = [str(next(iter(out)) if isinstance(out, dict) else out) for out in STAGES[name].get("outs", [])]
    assert not any(f'"{path}"' in source for path in outputs)
    assert STAGES[name]["desc"]


def layer_of(path: Path) -> int | None:
    name = path.parts[1].removesuffix(".py")
    return next((index for index, layer in enumerate(LAYERS) if name in layer), None)


def test_imports_point_one_way():
    wrong = [
        (str(path), str(used))
        for path in module_files()
        for used in imported(path)
        if (layer_of(path) or 0) < (layer_of(used) or 0)
    ]
    assert wrong == []


def test_every_package_has_a_layer():
    unknown = {path for path in module_files() if layer_of(path) is None}
    assert unknown == {Path("pipeline/__init__.py")}


def test_importing_the_package_and_the_extractor_brings_no_torch():
    code = (
        "import sys, pipeline, pipeline.extract.extractor, pipeline.cli; "
        "print('torch' in sys.modules, 'sklearn' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "False"]


def test_the_lock_and_the_committed_metrics_are_those_of_the_code():
    """``dvc.lock`` names the checksum of each dependency, parameter and metric; all must be as they are here."""
    with Repo(str(ROOT)) as repo:
        status = repo.status()
    changed = [
        (stage, kind, path, state)
        for stage, entries in status.items()
        for entry in entries
        if isinstance(entry, dict)
        for kind, paths in entry.items()
        for path, state in paths.items()
        if not (state in ("deleted", "not in cache") and _is_cached(path))
    ]
    assert changed == []
    assert {stage for stage, entries in status.items() if "changed command" in entries} == set()


def _is_cached(path: str) -> bool:
    """Whether DVC keeps the path in its cache and not git: a fresh clone does not have it."""
    cached = {out for stage in STAGES.values() for out in stage.get("outs", []) if isinstance(out, str)}
    return any(path == out or path.startswith(f"{out}/") for out in cached)


def test_params_are_checked_when_they_are_read(tmp_path):
    from pipeline.errors import ParamsError

    content = (ROOT / "params.yaml").read_text()
    path = tmp_path / "params.yaml"
    for old, new, message in [
        ("epochs:", "epoch:", "epoch"),
        ("learning_rate: 2.0e-4", "learning_rate: 2e-4", r"write 5\.0e-5"),
        ("dropout: 0.1", "dropout: 1.1", "dropout"),
    ]:
        assert old in content
        path.write_text(content.replace(old, new, 1))
        with pytest.raises(ParamsError, match=message):
            load_params(path)
    with pytest.raises(ParamsError, match="run from the project's folder"):
        load_params(tmp_path / "nowhere.yaml")
