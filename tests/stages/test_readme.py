"""What the README says is so: every command in it is known and runs, every link leads somewhere."""

import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest
from typer.main import get_command

from pipeline.cli import app
from pipeline.corpus.format import read_report
from tests.conftest import ROOT
from tests.stages.readme import ELSEWHERE, QUICK, README, TRAINED, blocks, commands, inline_commands, run

TRAINED_MODEL = ROOT / "models/onnx"
MODEL_FILES = ("model.json", "encoder.onnx", "context.onnx", "tokenizer.json")
FEW = 3
"""Articles, and reports, that the copy has: those of one family."""

FAMILIES = {"ansongo": "afr-f1", "atrato": "b22-f1", "nekemte": "b30-f1", "riau": "b14-f1"}
"""What the families of the training corpus are called in ``examples/articles``."""


def test_every_command_is_run_by_some_test():
    unknown = [command for command in commands() if not (QUICK.match(command) or TRAINED.match(command))]
    assert unknown == []
    assert {block.language for block in blocks()} <= {"bash", "python", "sql", "text"}
    assert len(commands()) > 20


def test_every_command_in_the_text_is_one_that_is_run():
    known = {" ".join(command.split()[:2]) for command in commands()} | {"conflict-events export", "dvc metrics"}
    for command in inline_commands():
        test = next((test for start, test in ELSEWHERE.items() if command.startswith(start)), None)
        if test is not None:
            file, _, name = test.partition("::")
            assert f"def {name}" in (ROOT / file).read_text()
        elif " ".join(command.split()[:2]) in known:
            run_options_exist(command)
        else:
            pytest.fail(f"`{command}` is in the README, and no test knows it")


def run_options_exist(command):
    """The options that a command in the text names are options of that command."""
    words = command.split()
    if words[0] != "conflict-events":
        return
    found = get_command(app)
    for word in words[1:]:
        if word.startswith("--"):
            assert word in {name for option in found.params for name in option.opts}, command
        else:
            found = getattr(found, "commands", {}).get(word, found)


@pytest.fixture
def folder(tmp_path, request):
    """A small copy of the project, with the trained model if it is here and else with a tiny one of random weights."""
    trained = all((TRAINED_MODEL / name).is_file() for name in MODEL_FILES)
    model = TRAINED_MODEL if trained else request.getfixturevalue("model_folder")
    (tmp_path / "project/models").mkdir(parents=True)
    folder = tmp_path / "project"
    (folder / "models/onnx").symlink_to(model)
    for name in ("Makefile", "requirements.lock", "pyproject.toml", "params.yaml"):
        shutil.copy(ROOT / name, folder)
    for name, pattern in (
        ("examples", "*.py"),
        ("examples/articles", "ansongo-*"),
        ("examples/own-labels", "*"),
        ("data/corpus/train", "afr-f1-*"),
    ):
        (folder / name).mkdir(parents=True)
        for path in (ROOT / name).glob(pattern):
            shutil.copy(path, folder / name)
    shutil.copy(ROOT / "tests/annotate/label_studio_export.json", folder / "export.json")
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/activate").write_text("")
    return folder


def as_run(command: str, folder: Path) -> str:
    """The command with what a test cannot take as it stands.

    ``make`` is asked what it would do: the environment that it builds is the one that runs this test, and the
    commands at its end are run by ``test_repro.py`` and by whoever runs this test. The incident is one that the model
    at hand finds; ``merge`` is given a folder of runs.
    """
    if command.startswith("make "):
        return command.replace("make ", "make --dry-run ", 1)
    if "m:ansongo-a#1" in command:
        first = json.loads((folder / "out/incidents.jsonl").read_text().splitlines()[0])
        return command.replace("m:ansongo-a#1", f"'{first['id']}'")
    if command == "conflict-events merge runs/":
        shutil.copytree(folder / "out", folder / "runs/one")
    return command


@pytest.mark.slow
def test_the_commands_that_do_not_train_run_from_top_to_bottom(folder):
    said = {}
    for command in filter(QUICK.match, commands()):
        said[command] = run(as_run(command, folder), folder, PYTHONPATH=str(ROOT))
    assert said["make repro"].rstrip().endswith("dvc repro")
    assert said["make test"].rstrip().endswith("python -m pytest")
    assert f"{FEW} of {FEW} documents" in said["conflict-events extract examples/articles/ --output out/"]
    assert "<!doctype html>" in (folder / "report.html").read_text().lower()
    assert (folder / "out-ray/documents.jsonl").read_bytes() == (folder / "out/documents.jsonl").read_bytes()
    topics = [json.loads(line) for line in (folder / "topics/classified.jsonl").read_text().splitlines()]
    assert [set(row["scores"]["topic"]) for row in topics] == [{"land", "water", "wages"}] * FEW
    for name in ("attribution.png", "killed.png"):
        assert (folder / "tables" / name).read_bytes().startswith(b"\x89PNG")
    assert len(list((folder / "data/corpus/train").glob("*.txt"))) > FEW
    for block in blocks():
        if block.language == "python":
            (folder / "block.py").write_text(block.text)
            assert "shelling_missile" in block.text
            run("python block.py", folder, PYTHONPATH=str(ROOT))
        elif block.language == "sql":
            query = block.text.replace("'tables/", f"'{folder}/tables/")
            assert duckdb.execute(query).description[0][0] == "country"


def test_the_examples_are_texts_of_the_training_corpus():
    """So that nobody takes them for news, and no split but ``train`` is shown around."""
    paths = sorted((ROOT / "examples/articles").iterdir())
    assert len(paths) == 15
    for path in paths:
        name, letter = path.stem.rsplit("-")
        report, _ = read_report(ROOT / "data/corpus/train" / f"{FAMILIES[name]}-{letter}.txt")
        date = f"date {report.document.published}\n\n" if report.document.published else ""
        assert path.read_text() == f"{date}{report.document.text}\n"


def test_every_link_leads_to_a_file():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert [link for link in links if not link.startswith("https://") and not (ROOT / link).exists()] == []


def leaves(command, name=("conflict-events",)):
    children = getattr(command, "commands", {})
    if not children:
        yield name, command
    for child, found in children.items():
        yield from leaves(found, (*name, child))


@pytest.mark.parametrize(("name", "command"), list(leaves(get_command(app))), ids=lambda value: str(value)[:40])
def test_every_command_has_help_with_examples_that_parse(name, command, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert command.help
    title, *examples = command.epilog.split("\n\n")
    assert title == "Examples:"
    for example in examples:
        assert len(example) <= 78
        words = re.sub(r"\s+# .*", "", example).split("| ")[-1].split()
        assert tuple(words[: len(name)]) == name
        command.make_context(" ".join(name), words[len(name) :])
