"""The trained torch model on disk: weights as safetensors, and what is needed to build it again."""

from pathlib import Path
from typing import Final

import msgspec
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel

from pipeline.encoder.model import ConflictModel, ContextConfig
from pipeline.errors import ModelError
from pipeline.labels import LabelSet
from pipeline.records import read_json, write_json

_WEIGHTS: Final = "model.safetensors"
_SPEC: Final = "conflict_model.json"


class Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shape of the model, and what its tokeniser was set to.

    ``base`` names the encoder that was fine-tuned, ``base_sha256`` is the checksum that its weights had to have.
    """

    base: str
    labels: LabelSet
    context: ContextConfig
    max_tokens: int
    overlap_tokens: int
    base_sha256: str | None = None


def save_checkpoint(folder: Path, model: ConflictModel, spec: Spec) -> None:
    """Write the model's weights, the base's configuration and the spec into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    model.sentence_encoder.base.config.save_pretrained(folder)
    save_file({name: weight.contiguous() for name, weight in model.state_dict().items()}, folder / _WEIGHTS)
    write_json(folder / _SPEC, spec)


def load_checkpoint(folder: Path) -> tuple[ConflictModel, Spec]:
    """Build the model again, in evaluation mode.

    Raises:
        ModelError: When the folder holds no model or its weights do not fit.
    """
    spec = read_spec(folder)
    model = ConflictModel(AutoModel.from_config(AutoConfig.from_pretrained(folder)), spec.labels, spec.context)
    try:
        model.load_state_dict(load_file(folder / _WEIGHTS))
    except (OSError, RuntimeError) as error:
        raise ModelError(f"{folder / _WEIGHTS} does not fit the model that {_SPEC} describes: {error}") from error
    return model.eval(), spec


def read_spec(folder: Path) -> Spec:
    """What a trained model is.

    Raises:
        ModelError: When the folder holds no model.
    """
    if not (folder / _SPEC).is_file():
        raise ModelError(f"{folder} holds no trained model ({_SPEC} is missing); run `dvc repro train`")
    return read_json(folder / _SPEC, Spec)
