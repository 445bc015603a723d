"""All backends decide the same; the inference install needs none of the training packages."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

from pipeline.config import load_params
from pipeline.corpus.format import read_report
from pipeline.encoder.checkpoint import Spec, save_checkpoint
from pipeline.encoder.model import ContextConfig
from pipeline.encoder.onnx import export_context, export_encoder
from pipeline.extract.extractor import Extractor
from pipeline.extract.folder import CARD, CONTEXT, ENCODER, TOKENIZER
from pipeline.extract.from_torch import export_fp32, load_torch
from pipeline.labels import LABELS
from pipeline.records import write_json
from pipeline.schema import DocumentResult
from tests.conftest import CARD_OF_TINY, ROOT, tiny_model

PARAMS = load_params(ROOT / "params.yaml").export
TRAINED, EXPORTED = ROOT / "models/encoder", ROOT / "models/onnx"
TRAINING_ONLY = ("torch", "transformers", "datasets", "sklearn", "pandas", "dvc", "dvclive", "onnx", "joblib")


def reports(count):
    paths = sorted((ROOT / "data/corpus/dev").rglob("*.txt"))
    found = [read_report(path)[0] for path in paths[:: len(paths) // count][:count]]
    return [report.document for report in found if report is not None]


@pytest.fixture
def tiny(tmp_path, tokenizer):
    """A tiny checkpoint and the model folders made from it, by name."""
    folders = {name: tmp_path / name for name in ("torch", "int8", "fp32")}
    model = tiny_model()
    save_checkpoint(folders["torch"], model, Spec("tiny", LABELS, ContextConfig(1, 2, 4, 0.0), 24, 6))
    tokenizer.save(folders["torch"] / TOKENIZER)
    folders["int8"].mkdir()
    shutil.copyfile(folders["torch"] / TOKENIZER, folders["int8"] / TOKENIZER)
    ids = np.arange(4, 52).reshape(4, 12)
    export_encoder(model, folders["int8"] / ENCODER, PARAMS, [(ids, np.ones_like(ids))])
    export_context(model, folders["int8"] / CONTEXT, PARAMS)
    write_json(folders["int8"] / CARD, CARD_OF_TINY)
    export_fp32(folders["torch"], folders["int8"], folders["fp32"], PARAMS)
    return folders


def scores(result: DocumentResult):
    return np.array(
        [
            [*s.event_scores.values(), *s.responsibility_scores.values(), *s.attribution_source_scores.values()]
            for s in result.sentences
        ]
    )


def decisions(result: DocumentResult):
    return [
        (s.events, s.responsibility, s.attribution_source, [(p.role, p.start, p.end) for p in s.spans])
        for s in result.sentences
    ]


def test_backends_give_the_same_scores_for_real_reports(tiny):
    extractors = {
        "torch": load_torch(tiny["torch"], tiny["int8"]),
        "bf16": load_torch(tiny["torch"], tiny["int8"], "bf16"),
        "fp32": Extractor.from_pretrained(tiny["fp32"], threads=1),
        "int8": Extractor.from_pretrained(tiny["int8"], threads=1),
    }
    for document in reports(3):
        found = {name: scores(extractor.extract(document)) for name, extractor in extractors.items()}
        assert found["torch"].std(axis=0).max() > 1e-3  # sentences differ, so that equality says something
        np.testing.assert_allclose(found["fp32"], found["torch"], atol=2e-4)
        np.testing.assert_allclose(found["bf16"], found["torch"], atol=0.02)
        np.testing.assert_allclose(found["int8"], found["torch"], atol=0.02)


def test_a_checkpoint_without_a_model_folder_decides_at_one_half(tiny):
    with_folder, alone = load_torch(tiny["torch"], tiny["int8"]), load_torch(tiny["torch"])
    assert with_folder.card == alone.card


@pytest.mark.skipif(not (TRAINED.is_dir() and EXPORTED.is_dir()), reason="no trained model; `dvc repro` makes one")
def test_the_trained_model_decides_the_same_on_every_backend(tmp_path):
    export_fp32(TRAINED, EXPORTED, tmp_path, PARAMS)
    extractors = [
        load_torch(TRAINED, EXPORTED),
        Extractor.from_pretrained(tmp_path, threads=1),
        Extractor.from_pretrained(EXPORTED, threads=1),
    ]
    exact, fp32, int8 = (
        [row for document in reports(4) for row in decisions(extractor.extract(document))] for extractor in extractors
    )
    assert len(exact) > 40
    assert fp32 == exact
    differing = sum(a[:3] != b[:3] for a, b in zip(int8, exact, strict=True))
    assert differing <= 0.05 * len(exact)


BLOCKED = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in BLOCKED:
            raise ImportError(f"{name} is not part of the inference install")

sys.meta_path.insert(0, Refuse())
before = set(sys.modules)
import pipeline
assert set(sys.modules) - before == {"pipeline"}, set(sys.modules) - before

import pipeline.cli
from pipeline.extract.extractor import Extractor
from pipeline.schema import Document, DocumentResult

text = "Two rockets hit the barracks in Bria on Tuesday, killing three. Nobody claimed the attack."
result = next(Extractor.from_pretrained(sys.argv[1])([Document(id="a", text=text, published="2019-06-12")]))
assert isinstance(result, DocumentResult), result
print(len(result.sentences))
"""


def test_extraction_runs_without_the_training_packages(tiny):
    code = f"BLOCKED = {TRAINING_ONLY!r}\n{BLOCKED}"
    found = subprocess.run(
        [sys.executable, "-c", code, str(tiny["int8"])], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout.strip()) == (0, "2"), found.stderr


def test_a_blocked_package_is_refused(tiny):
    """The test above would fail if extraction wanted one of these packages."""
    code = f"BLOCKED = {TRAINING_ONLY!r}\n{BLOCKED}".replace("import pipeline.cli", "import pipeline.encoder.model")
    found = subprocess.run(
        [sys.executable, "-c", code, str(tiny["int8"])], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 1
    assert "is not part of the inference install" in found.stderr
