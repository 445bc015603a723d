"""Labelling functions whose condition is more than a few words: they stand here, not in ``data/*.yaml``."""

from typing import Final

from pipeline.weak.kinds import Coded, Function, speaker_zones
from pipeline.weak.reading import Reading
from pipeline.weak.words import MARKS

_SPEECH: Final = ("speech",)
_VERBAL: Final = ("speech", "according")
_AGED_OTHERS: Final = ("state_persons", "expert_bodies", "nameless")
_AGE_DIGITS: Final = 2


def _is_told_by_nobody(reading: Reading, index: int) -> bool:
    sentence = reading.sentences[index]
    return not sentence.has(_VERBAL, False) and not MARKS.intersection(sentence.words.tokens)


def _speaks(reading: Reading, index: int) -> bool:
    sentence = reading.sentences[index]
    return sentence.has(_SPEECH, False) and any(token in MARKS for token in sentence.words.tokens)


def _speaker_has_an_age(reading: Reading, index: int) -> bool:
    sentence = reading.sentences[index]
    return not sentence.has(_AGED_OTHERS) and any(
        token.isdigit() and len(token) == _AGE_DIGITS and start > 0 and sentence.words.tokens[start - 1] == ","
        for first, end in speaker_zones(sentence)
        for start, token in enumerate(sentence.words.tokens[first:end], start=first)
    )


CODED: Final[tuple[Function, ...]] = (
    Coded(
        name="speaker_has_an_age",
        doc="An age stands where the speaker is named: that of a private person.",
        key="witness",
        example="“It shook the plates,” said Odile Marchetti, 61.",
        condition=_speaker_has_an_age,
        uses=(*_VERBAL, *_AGED_OTHERS),
    ),
    Coded(
        name="nobody_speaks",
        doc="Nobody speaks and nothing is quoted.",
        key="none",
        example="A rocket hit the quay.",
        passes=("A rocket hit the quay, police said.",),
        condition=_is_told_by_nobody,
        uses=_VERBAL,
    ),
    Coded(
        name="somebody_is_quoted",
        doc="Somebody speaks and something is quoted.",
        key="none",
        vote=False,
        example="“Go home,” said the governor.",
        condition=_speaks,
        uses=_SPEECH,
    ),
)
"""All of them."""
