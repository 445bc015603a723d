"""The card of a model folder, from a trained torch model and what was chosen for it."""

from collections.abc import Iterable

from pipeline import __version__
from pipeline.encoder.checkpoint import Spec
from pipeline.extract.decide import Temperatures, Thresholds
from pipeline.extract.folder import FORMAT, ModelCard


def make_card(spec: Spec, temperatures: Temperatures, thresholds: Thresholds, ngrams: Iterable[str] = ()) -> ModelCard:
    """What a model folder says of a trained model that these decide for; ``ngrams`` are layers that count words."""
    return ModelCard(
        FORMAT,
        spec.base,
        spec.labels,
        temperatures,
        thresholds,
        spec.max_tokens,
        spec.overlap_tokens,
        __version__,
        spec.transitions,
        tuple(ngrams),
    )
