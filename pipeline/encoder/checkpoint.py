"""The trained torch model on disk: weights as safetensors, and what is needed to build it again."""

from pathlib import Path
from typing import Final

import msgspec
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel

from pipeline.config import EncoderParams
from pipeline.encoder.base import check_weights, load_base
from pipeline.encoder.model import ConflictModel, ContextConfig
from pipeline.errors import InputError, ModelError
from pipeline.labels import LabelSet
from pipeline.records import read_json, write_json
from pipeline.text.transitions import Transitions

_WEIGHTS: Final = "model.safetensors"
_SPEC: Final = "conflict_model.json"


class Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shape of the model, and what its tokeniser was set to.

    ``base`` names the encoder that was fine-tuned, ``base_sha256`` is the checksum that its weights had to have;
    ``transitions`` say which tags of the roles follow one another in what it learned from.
    """

    base: str
    labels: LabelSet
    context: ContextConfig
    max_tokens: int
    overlap_tokens: int
    base_sha256: str | None = None
    transitions: Transitions = {}


def build_model(params: EncoderParams, labels: LabelSet) -> tuple[ConflictModel, Spec]:
    """A fresh model on the base encoder's weights; ``encoder.base`` may also be a folder that was trained here.

    Raises:
        ModelError: When the base cannot be loaded, or is not the one pinned.
    """
    context = ContextConfig(params.context_layers, params.context_heads, params.context_reach, params.dropout)
    if (Path(params.base) / _SPEC).is_file():
        if params.sha256 is not None:
            check_weights(Path(params.base) / _WEIGHTS, params.sha256)
        base = load_checkpoint(Path(params.base))[0].sentence_encoder.base
    else:
        base = load_base(params.base, params.sha256, params.base_dropout)
    spec = Spec(params.base, labels, context, params.max_tokens, params.overlap_tokens, params.sha256)
    return ConflictModel(base, labels, context), spec


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
    try:
        return read_json(folder / _SPEC, Spec)
    except InputError as error:
        raise ModelError(f"{error}; another version wrote it, train again with `dvc repro train`") from None
