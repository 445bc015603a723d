"""What two mentions of a type have in common and what sets them apart, for all pairs of an article at once.

Features come one after the other, each as a matrix, so that an article with a thousand mentions needs no table of
pairs times features. Nothing here decides.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from math import log, log1p
from operator import eq
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.incidents.logistic import CLIP, clipped, probability
from pipeline.incidents.mentions import COUNTED_ROLES, LINKED_ROLES, Facts
from pipeline.labels import INCIDENT_TYPES
from pipeline.schema import DateRange

LONG: Final = "long:"
"""Features that count only as far as an article is long begin with this, see ``length_share``."""

_SHORT_ARTICLE: Final = 12
_LONG_ARTICLE: Final = 40
_TINY: Final = 1e-9
_FIRST_DAY: Final = "0000"
_LAST_DAY: Final = "9999"
_COUNTED: Final = ("equal", "different", "in second only")
_Pairs = Iterator[tuple[str, NDArray[np.float64]]]
_Value = TypeVar("_Value", bound=Hashable)


def length_share(sentences: int) -> float:
    """How far an article is a long one, 0 to 1.

    Short reports mostly tell one happening of a type, long ones several: the same signs weigh otherwise in them.
    """
    return min(1.0, max(0.0, (sentences - _SHORT_ARTICLE) / (_LONG_ARTICLE - _SHORT_ARTICLE)))


def pair_features(
    facts: Sequence[Facts],
    kind: str,
    indexes: Sequence[int],
    background: Mapping[int, float],
    frequency: Mapping[str, int],
) -> _Pairs:
    """Describe every two mentions of a type.

    Args:
        facts: All sentences of the article.
        kind: The type.
        indexes: The sentences that mention it, ascending.
        background: Log-odds of each as ``Linker.background_logits`` gives them.
        frequency: In how many sentences of the article each word stands, see ``word_counts``.

    Yields:
        Name and values; only those above the diagonal count, the row being the earlier mention.
        Shape: [mentions, mentions].
    """
    mentions = [facts[index] for index in indexes]
    for key in INCIDENT_TYPES:
        yield f"type {key}", np.full((len(indexes), len(indexes)), float(key == kind))
    yield from _background_pairs(np.array([clipped(background[index]) for index in indexes]))
    yield from _place_pairs(np.array(indexes), np.array([m.paragraph for m in mentions]), len(facts))
    yield from _word_pairs(mentions, frequency)
    yield from _time_pairs(mentions)
    yield from _count_pairs(mentions)
    yield from _voice_pairs(mentions)


def _background_pairs(odds: NDArray[np.float64]) -> _Pairs:
    first, second = np.broadcast_arrays(odds[:, None], odds[None, :])
    p, q = probability(first), probability(second)
    yield "second background", second
    yield "most background", np.maximum(first, second)
    yield "background difference", np.abs(first - second)
    yield "one background", p + q - 2 * p * q
    yield "both background", p * q
    yield "both foreground", (1 - p) * (1 - q)
    yield "first background only", p * (1 - q)
    between = np.full((len(odds), len(odds)), -CLIP)
    for row in range(len(odds) - 2):
        between[row, row + 2 :] = np.maximum.accumulate(odds[row + 1 : -1])
    yield "background between", between


def _place_pairs(indexes: NDArray[np.int64], paragraphs: NDArray[np.int64], sentences: int) -> _Pairs:
    apart = np.maximum(1, indexes[None, :] - indexes[:, None])
    paragraphs_apart = np.maximum(0, paragraphs[None, :] - paragraphs[:, None])
    together = (paragraphs_apart == 0).astype(float)
    shape = apart.shape
    yield "log sentences apart", np.log(apart)
    yield "adjacent", (apart == 1).astype(float)
    yield "one sentence between", (apart == 2).astype(float)
    yield "log paragraphs apart", np.log1p(paragraphs_apart)
    yield "same paragraph", together
    yield "adjacent in paragraph", together * (apart == 1)
    yield "first is headline", np.broadcast_to((indexes == 0).astype(float)[:, None], shape)
    yield "place of first", np.broadcast_to(indexes[:, None] / sentences, shape)
    yield "place of second", np.broadcast_to(indexes[None, :] / sentences, shape)
    yield "log mentions", np.full(shape, log(len(indexes)))


def _word_pairs(mentions: Sequence[Facts], frequency: Mapping[str, int]) -> _Pairs:
    """Words that two mentions share, the rarer in the article the more: by role, and a role's words anywhere."""
    vocabulary = {word: column for column, word in enumerate(sorted({word for m in mentions for word in m.words}))}
    weights = 1 / np.sqrt(np.maximum(1, np.array([float(frequency[word]) for word in vocabulary])))
    told = _indicator([m.words for m in mentions], vocabulary)
    yield "shared words", _overlap(told * weights, told)
    nothing = np.zeros((len(mentions), len(mentions)))
    for role in LINKED_ROLES:
        own = [m.roles.get(role, frozenset()) & m.words for m in mentions]
        if not any(own):
            yield from ((name, nothing) for name in _role_names(role))
            continue
        words = _indicator(own, vocabulary)
        named = words.any(1).astype(float)
        shared = _overlap(words * weights, words)
        size = np.maximum(_TINY, (words * weights).sum(1))
        found = (
            shared,
            np.outer(named, named) * (shared == 0),
            np.outer(1 - named, named),
            told @ (words * weights).T / size,
            (words * weights) @ told.T / size[:, None],
        )
        yield from zip(_role_names(role), found, strict=True)


def _role_names(role: str) -> tuple[str, ...]:
    return (
        f"shared {role}",
        f"different {role}",
        f"{role} in second only",
        f"{role} of second in first",
        f"{role} of first in second",
    )


def _indicator(words: Sequence[frozenset[str]], vocabulary: Mapping[str, int]) -> NDArray[np.float64]:
    found = np.zeros((len(words), len(vocabulary)))
    for row, own in enumerate(words):
        found[row, [vocabulary[word] for word in own]] = 1
    return found


def _overlap(weighted: NDArray[np.float64], words: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weight of shared words, as a share of the lighter one's."""
    sizes = weighted.sum(1)
    return weighted @ words.T / np.maximum(_TINY, np.minimum(sizes[:, None], sizes[None, :]))


def _time_pairs(mentions: Sequence[Facts]) -> _Pairs:
    timed = np.array([float(any(s.role == "time" for s in m.sentence.spans)) for m in mentions])
    dated = np.array([float(bool(m.dates)) for m in mentions])
    ages = np.array([np.nan if m.age is None else log1p(max(0, m.age)) for m in mentions])
    meet = _compared([m.dates for m in mentions], _meet)
    both = np.outer(dated, dated)
    yield "time in first", np.broadcast_to(timed[:, None], both.shape)
    yield "time in second", np.broadcast_to(timed[None, :], both.shape)
    yield "same time", both * meet
    yield "different time", both * (1 - meet)
    yield "age difference", np.nan_to_num(np.abs(ages[:, None] - ages[None, :])) / 4


def _meet(first: Sequence[DateRange], second: Sequence[DateRange]) -> bool:
    return any(
        max(a.start or _FIRST_DAY, b.start or _FIRST_DAY) <= min(a.end or _LAST_DAY, b.end or _LAST_DAY)
        for a in first
        for b in second
    )


def _count_pairs(mentions: Sequence[Facts]) -> _Pairs:
    for role in COUNTED_ROLES:
        counts = [m.counts.get(role) for m in mentions]
        if not any(counts):
            yield from ((f"{role} {name}", np.zeros((len(counts), len(counts)))) for name in _COUNTED)
            continue
        given = np.array([float(count is not None) for count in counts])
        equal = _compared(counts, eq)
        both = np.outer(given, given)
        found = (both * equal, both * (1 - equal), np.outer(1 - given, given))
        yield from zip((f"{role} {name}" for name in _COUNTED), found, strict=True)


def _voice_pairs(mentions: Sequence[Facts]) -> _Pairs:
    keys = [frozenset(m.sentence.responsibility) for m in mentions]
    voices = [m.sentence.attribution_source for m in mentions]
    told = np.array([float(bool(own)) for own in keys])
    yield "both on responsibility", np.outer(told, told)
    yield "same responsibility", _compared(keys, lambda a, b: not a.isdisjoint(b))
    yield "same source", _compared(voices, lambda a, b: a == b != "none")


def _compared(values: Sequence[_Value], alike: Callable[[_Value, _Value], bool]) -> NDArray[np.float64]:
    """Whether every two values are alike, asked once for every two that differ. Shape: [values, values]."""
    number: dict[_Value, int] = {}
    rows = [number.setdefault(value, len(number)) for value in values]
    return np.array([[float(alike(a, b)) for b in number] for a in number])[np.ix_(rows, rows)]
