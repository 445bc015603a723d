"""The base encoder: where its weights come from, and the refusal of weights that are not the ones pinned."""

import hashlib
import importlib.util
from pathlib import Path
from typing import Final

from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedModel
from transformers.utils import cached_file

from pipeline.errors import ModelError

_PACKAGE: Final = "package:"
_PACKAGE_MODEL: Final = "model"
_WEIGHTS: Final = "model.safetensors"


def locate(base: str) -> str:
    """Turn ``encoder.base`` into what Hugging Face loads: a folder, or a model name.

    ``package:NAME`` stands for the folder ``model`` inside the installed package NAME, which is not imported.

    Raises:
        ModelError: When the package is not installed or holds no such folder.
    """
    if not base.startswith(_PACKAGE):
        return base
    name = base.removeprefix(_PACKAGE)
    found = importlib.util.find_spec(name)
    folders = list(found.submodule_search_locations or []) if found else []
    for folder in folders:
        if (Path(folder) / _PACKAGE_MODEL / _WEIGHTS).is_file():
            return str(Path(folder) / _PACKAGE_MODEL)
    raise ModelError(
        f"encoder.base {base!r}: no installed package {name!r} with {_PACKAGE_MODEL}/{_WEIGHTS}; install it"
    )


def load_base(base: str, sha256: str | None, dropout: float) -> PreTrainedModel:
    """Load the base encoder's weights.

    Args:
        base: See ``locate``.
        sha256: Checksum that ``model.safetensors`` must have; None takes any.
        dropout: Of the hidden layers; attention weights get none, which costs time on a CPU and bought nothing.

    Raises:
        ModelError: When the weights cannot be loaded or have another checksum.
    """
    source = locate(base)
    if sha256 is not None:
        check_weights(_weights_file(source), sha256)
    try:
        config = AutoConfig.from_pretrained(source)
        for name, value in (("hidden_dropout_prob", dropout), ("attention_probs_dropout_prob", 0.0)):
            if hasattr(config, name):
                setattr(config, name, value)
        return AutoModel.from_pretrained(source, config=config, use_safetensors=True)
    except (OSError, ValueError) as error:
        raise ModelError(f"encoder.base {base!r} cannot be loaded: {error}") from error


def check_weights(path: Path, sha256: str) -> None:
    """Refuse a weights file that is not the one pinned.

    Raises:
        ModelError: With both checksums.
    """
    with path.open("rb") as handle:
        found = hashlib.file_digest(handle, "sha256").hexdigest()
    if found != sha256:
        raise ModelError(
            f"{path}: sha256 is {found}, `encoder.sha256` expects {sha256}; install the pinned package again, or "
            "set `encoder.sha256` to the checksum of the weights that you mean"
        )


def save_tokenizer(base: str, folder: Path) -> Path:
    """Write the base encoder's ``tokenizer.json`` into ``folder`` and return its path.

    Raises:
        ModelError: When the base has no fast tokenizer.
    """
    tokenizer = AutoTokenizer.from_pretrained(locate(base))
    if not tokenizer.is_fast:
        raise ModelError(f"encoder.base {base!r} has no fast tokenizer (tokenizer.json); choose another")
    path = folder / "tokenizer.json"
    tokenizer.backend_tokenizer.save(str(path))
    return path


def _weights_file(source: str) -> Path:
    path = Path(source) / _WEIGHTS if Path(source).is_dir() else Path(cached_file(source, _WEIGHTS) or "")
    if not path.is_file():
        raise ModelError(f"{source} has no {_WEIGHTS}; only safetensors weights can be pinned and loaded")
    return path
