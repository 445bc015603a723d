"""The model folder: all that a decision needs, in one place.

``model.json`` (labels in the order of the outputs, temperatures, thresholds, transitions, window length),
``tokenizer.json``, the two graphs ``encoder.onnx`` and ``context.onnx``, and for layers that count runs of words
``ngrams.npz``.
"""

import hashlib
from pathlib import Path
from typing import Final

import msgspec

from pipeline.errors import InputError, ModelError
from pipeline.extract.decide import Temperatures, Thresholds
from pipeline.labels import LabelSet
from pipeline.records import read_json
from pipeline.text.transitions import Transitions

CARD: Final = "model.json"
TOKENIZER: Final = "tokenizer.json"
ENCODER: Final = "encoder.onnx"
CONTEXT: Final = "context.onnx"
GRAPHS: Final = "onnx"
"""Where the stage ``package`` puts a model folder within its own."""

FORMAT: Final = 4


class ModelCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model folder says of itself.

    ``base`` names the encoder that was fine-tuned; ``ngrams`` the layers that count runs of words besides.
    """

    format: int
    base: str
    labels: LabelSet
    temperatures: Temperatures
    thresholds: Thresholds
    max_tokens: int
    overlap_tokens: int
    package_version: str
    transitions: Transitions = {}
    ngrams: tuple[str, ...] = ()


def read_card(folder: Path) -> ModelCard:
    """Read ``model.json`` and check that it fits the folder.

    Raises:
        ModelError: When the folder is missing, incomplete, of another format, or its thresholds lack a key.
    """
    if not folder.is_dir():
        raise ModelError(f"no model at {folder}; train one with `make repro`, or name its folder with --model")
    try:
        card = read_json(folder / CARD, ModelCard)
    except InputError as error:
        raise ModelError(f"{folder} is no model folder: {error}") from error
    if card.format != FORMAT:
        raise ModelError(f"{folder / CARD}: format {card.format}, this version reads {FORMAT}; export the model again")
    for layer in card.labels.layers:
        if layer.name not in card.temperatures:
            raise ModelError(f"{folder / CARD}: no temperature for {layer.name}; export the model again")
        missing = set(layer.keys) - set(card.thresholds.get(layer.name, {})) if layer.choice == "any" else set()
        if missing:
            raise ModelError(
                f"{folder / CARD}: no {layer.name} threshold for {sorted(missing)}; export the model again"
            )
    return card


def graphs_folder(folder: Path) -> Path:
    """The folder itself, or the one within it if it is one of the stage ``package``."""
    within = folder / GRAPHS
    return within if (within / CARD).is_file() and not (folder / CARD).is_file() else folder


def folder_sha256(folder: Path) -> str:
    """One checksum over the names and bytes of all files of a model folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
