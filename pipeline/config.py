"""The knobs of the pipeline: one section of ``params.yaml`` per stage, checked when it is read."""

from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec

from pipeline.errors import ParamsError

PositiveInt = Annotated[int, msgspec.Meta(ge=1)]
NonNegative = Annotated[float, msgspec.Meta(ge=0)]
Ratio = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all sections: immutable, unknown keys are errors."""


class PrepareParams(Section, frozen=True):
    """What is read, and what is refused.

    ``max_reports`` caps each split for a quick trial (null: all of it); gold is never capped.
    ``leak_words``: no run of so many words may occur in two families, or in a report and a gold article.
    ``near_duplicate``: nor may the runs of five words of two families' reports overlap by this share (Jaccard).
    """

    max_reports: PositiveInt | None
    leak_words: PositiveInt
    near_duplicate: Annotated[float, msgspec.Meta(gt=0, le=1)]


class LabelParams(Section, frozen=True):
    """What the encoder's training targets are made from.

    ``sources``: ``annotations`` alone; what the labelling ``functions`` say of all training texts, annotations unseen;
    or ``both``, annotations where there are any and functions elsewhere. ``annotated``: so many reports of the train
    split keep their annotations, the rest counts as never annotated (null: all keep them). ``function_weight``:
    weight of a document labelled by functions in the loss, where an annotated one has 1.
    """

    sources: Literal["annotations", "functions", "both"]
    annotated: PositiveInt | None
    function_weight: Annotated[float, msgspec.Meta(gt=0, le=1)]


class EncoderParams(Section, frozen=True):
    """Which encoder is fine-tuned, and what is built on it.

    ``base`` is a Hugging Face model name, a folder, or ``package:NAME`` for weights inside an installed package;
    ``sha256`` pins the weights file (null: not checked). ``context_layers`` is the number of transformer layers
    over an article's sentence vectors; 0 classifies every sentence alone. ``max_tokens`` is the window length,
    special tokens included; a longer sentence is read in several windows that share ``overlap_tokens``.
    ``context_reach``: sentences further apart than that share one attention bias. ``base_dropout`` is that of the
    base encoder's hidden layers, ``dropout`` that of all that is new.
    """

    base: str
    sha256: str | None
    max_tokens: PositiveInt
    overlap_tokens: Annotated[int, msgspec.Meta(ge=0)]
    context_layers: Annotated[int, msgspec.Meta(ge=0, le=4)]
    context_heads: PositiveInt
    context_reach: PositiveInt
    base_dropout: Ratio
    dropout: Ratio


class TrainParams(Section, frozen=True):
    """Optimisation. ``learning_rate`` is the encoder's, ``head_learning_rate`` that of all that is new.

    ``share``: how much of the train split is learned from, taken by whole families; smaller shares lie within larger.
    ``sentences_per_step``: articles are joined to a step until it holds at least that many sentences.
    ``frozen_layers``: the lowest transformer layers (and all embeddings) that keep their weights from the epoch
    ``frozen_from`` (0 is the first) on; the epochs after it need not run them.
    ``patience``: epochs without a better ``dev`` score before training stops.
    ``precision``: ``auto`` is bf16 autocast where the processor has bf16 matrix instructions, else fp32.
    ``task_weights``: of each layer's loss in the sum, and of ``spans``; 1 for what is not named.
    """

    seed: int
    threads: PositiveInt
    share: Annotated[float, msgspec.Meta(gt=0, le=1)]
    epochs: PositiveInt
    patience: PositiveInt
    learning_rate: NonNegative
    head_learning_rate: NonNegative
    layer_decay: Ratio
    weight_decay: NonNegative
    warmup: Ratio
    clip_norm: NonNegative
    frozen_layers: Annotated[int, msgspec.Meta(ge=0)]
    frozen_from: Annotated[int, msgspec.Meta(ge=0)]
    sentences_per_step: PositiveInt
    label_smoothing: Ratio
    span_weight: NonNegative
    precision: Literal["auto", "fp32", "bf16"]
    task_weights: dict[str, NonNegative]


class ExportParams(Section, frozen=True):
    """How the model is written: as ONNX, and what is added to it.

    ``outlier_channels``: of each matrix product, how many of its largest input channels keep 32 bits; they are
    found on ``calibration_articles`` of the train split.
    ``max_disagreement``: share of a layer's ``dev`` decisions in which int8 may differ from torch before export fails.
    ``ngrams``: word pieces of the longest runs that a linear model beside the encoder counts (0: there is none).
    """

    opset: PositiveInt
    outlier_channels: Annotated[int, msgspec.Meta(ge=0)]
    calibration_articles: PositiveInt
    max_disagreement: Ratio
    ngrams: Annotated[int, msgspec.Meta(ge=0)]


class EvaluateParams(Section, frozen=True):
    """``resamples`` and ``seed`` of the bootstrap intervals."""

    resamples: PositiveInt
    seed: int


class BaselinesParams(Section, frozen=True):
    """TF-IDF and logistic regression settings, shared by all baselines."""

    seed: int
    ngrams: PositiveInt
    regularisation: NonNegative


class Params(Section, frozen=True):
    """All of ``params.yaml``."""

    prepare: PrepareParams
    label: LabelParams
    encoder: EncoderParams
    train: TrainParams
    export: ExportParams
    evaluate: EvaluateParams
    baselines: BaselinesParams


T = TypeVar("T", bound=Section)


def load_params(path: Path = Path("params.yaml")) -> Params:
    """Read and check ``params.yaml``.

    Raises:
        ParamsError: When a value is missing, unknown or of the wrong type; YAML reads ``5e-5`` as a string, so
            the message tells to write ``5.0e-5``.
    """
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=Params)
    except FileNotFoundError:
        raise ParamsError(f"{path} not found; run from the project's folder") from None
    except msgspec.MsgspecError as error:
        raise ParamsError(f"{path}: {error}; a number with an exponent needs a dot: write 5.0e-5, not 5e-5") from None
