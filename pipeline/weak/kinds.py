"""The kinds of labelling function. Each is one mechanism; names, words and examples stand in ``data/*.yaml``.

A function votes one way or abstains: its ``vote`` is what it says of its key where it fires.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar, Literal

import msgspec

from pipeline.weak.reading import LAYER_OF, THEMES, Reading, ReadSentence
from pipeline.weak.words import MARKS

Where = Literal["anywhere", "narration", "quotation"]
Places = list[tuple[int, int]]

_QUOTED: Mapping[str, bool | None] = {"anywhere": None, "narration": False, "quotation": True}
_SPEECH = ("speech",)
_SUBJECT_REACH = 24
_INVERTED_REACH = 9
_LABEL_REACH = 7
_PRONOUN_REACH = 3
_ACCORDING_REACH = 8
_LEAST_WORDS = 5


class Function(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all labelling functions have.

    ``doc`` says what a sentence has on which it fires. ``example`` is one, with ``before`` it the sentences that the
    vote needs. ``passes`` are sentences on which it abstains. A ``hint`` is too weak for functions that look around to
    take it as a cue.
    """

    name: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*$")]
    doc: Annotated[str, msgspec.Meta(min_length=1)]
    key: str
    vote: bool = True
    example: Annotated[str, msgspec.Meta(min_length=1)]
    before: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()
    hint: bool = False

    looks_around: ClassVar[bool] = False
    """Whether it reads the cues of sentences."""

    def fires(self, reading: Reading, index: int) -> bool:
        """Whether it votes on this sentence."""
        raise NotImplementedError

    def lexicons(self) -> frozenset[str]:
        """Names of all lexicons that it uses."""
        return frozenset(
            name
            for field in ("any", "all", "first", "second", "who", "verbs", "unless", "uses")
            for name in getattr(self, field, ())
        )


class Cue(Function, frozen=True, tag_field="kind", tag="cue"):
    """A word of any of the lexicons, with all of the others, unless one of the last occurs in the sentence."""

    any: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    all: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    where: Where = "anywhere"

    def fires(self, reading: Reading, index: int) -> bool:
        """See the class."""
        sentence = reading.sentences[index]
        return (
            sentence.has(self.any, _QUOTED[self.where])
            and all(name in sentence.hits for name in self.all)
            and not sentence.has(self.unless)
        )


class Pair(Function, frozen=True, tag_field="kind", tag="pair"):
    """A word of one lexicon within so many words of one of another; ``ordered``: the first comes first."""

    first: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    second: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    within: Annotated[int, msgspec.Meta(ge=1)]
    ordered: bool = False
    unless: tuple[str, ...] = ()
    where: Where = "anywhere"

    def fires(self, reading: Reading, index: int) -> bool:
        """See the class."""
        sentence = reading.sentences[index]
        quoted = _QUOTED[self.where]
        firsts = sentence.places(self.first, quoted)
        return bool(
            firsts
            and not sentence.has(self.unless)
            and any(
                _distance(first, second, self.ordered) <= self.within
                for second in sentence.places(self.second, quoted)
                for first in firsts
            )
        )


class Speaker(Function, frozen=True, tag_field="kind", tag="speaker"):
    """A person or body of one of the lexicons is the one who speaks.

    It stands before a verb of speech outside quotations, after one that follows a quotation ("...", said the governor),
    before a colon near the beginning, or after "according to".
    """

    who: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    verbs: tuple[str, ...] = _SPEECH
    unless: tuple[str, ...] = ()

    def fires(self, reading: Reading, index: int) -> bool:
        """See the class."""
        sentence = reading.sentences[index]
        if not sentence.has(self.who) or sentence.has(self.unless):
            return False
        zones = speaker_zones(sentence, self.verbs)
        return any(first <= start < last for start, _ in sentence.places(self.who, False) for first, last in zones)


class Opening(Function, frozen=True, tag_field="kind", tag="opening"):
    """A person or body of one of the lexicons is named among the first words, outside quotations."""

    who: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    words: Annotated[int, msgspec.Meta(ge=1)] = 6
    unless: tuple[str, ...] = ()

    def fires(self, reading: Reading, index: int) -> bool:
        """See the class."""
        sentence = reading.sentences[index]
        named = sentence.places(self.who, quoted=False)
        return not sentence.has(self.unless) and any(start < self.words for start, _ in named)


class FollowOn(Function, frozen=True, tag_field="kind", tag="follow_on"):
    """The nearest earlier sentence with a cue of this layer has one of this key, and this sentence refers to it.

    It refers to it by a word of ``any`` (empty: in any case) and has no cue of the layer's own.
    """

    any: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    reach: Annotated[int, msgspec.Meta(ge=1)] = 3

    looks_around: ClassVar[bool] = True

    def fires(self, reading: Reading, index: int) -> bool:
        """See the class."""
        sentence = reading.sentences[index]
        layer = LAYER_OF[self.key]
        if reading.cued[index] & THEMES[layer] or sentence.has(self.unless):
            return False
        return (not self.any or sentence.has(self.any)) and self.key in reading.last_theme(layer, index, self.reach)


class Topic(Function, frozen=True, tag_field="kind", tag="topic"):
    """No key has more of the document's cues than this one, and this sentence is taken to go on about it.

    One with cues of other keys, but none of this, does not, nor does one of a few words, such as a credit.
    """

    unless: tuple[str, ...] = ()

    looks_around: ClassVar[bool] = True

    def fires(self, reading: Reading, index: int) -> bool:
        """See the class."""
        sentence = reading.sentences[index]
        own = reading.cued[index] & THEMES[LAYER_OF[self.key]]
        return (
            reading.leads(self.key)
            and (not own or self.key in own)
            and len(sentence.words.tokens) >= _LEAST_WORDS
            and not sentence.has(self.unless)
        )


class SameSpeaker(Function, frozen=True, tag_field="kind", tag="same_speaker"):
    """The one who spoke last goes on: a pronoun of ``who`` beside a verb of speech, or nothing but a quotation."""

    who: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    verbs: tuple[str, ...] = _SPEECH
    reach: Annotated[int, msgspec.Meta(ge=1)] = 2

    looks_around: ClassVar[bool] = True

    def fires(self, reading: Reading, index: int) -> bool:
        """See the class."""
        sentence = reading.sentences[index]
        layer = LAYER_OF[self.key]
        if reading.cued[index] & THEMES[layer] or self.key not in reading.last_theme(layer, index, self.reach):
            return False
        return sentence.is_quotation or any(
            _distance(pronoun, verb, ordered=False) <= _PRONOUN_REACH
            for verb in sentence.places(self.verbs, False)
            for pronoun in sentence.places(self.who, False)
        )


class Absent(Function, frozen=True, tag_field="kind", tag="absent"):
    """Nothing in the sentence, or in the whole report, speaks for the key: no word of the lexicons, no cue of it."""

    scope: Literal["sentence", "report"]
    any: tuple[str, ...] = ()

    looks_around: ClassVar[bool] = True

    def fires(self, reading: Reading, index: int) -> bool:
        """See the class."""
        if self.scope == "report":
            return not reading.count(self.key)
        return self.key not in reading.cued[index] and not reading.sentences[index].has(self.any)


class Coded(Function, frozen=True):
    """A function whose condition is written in Python; ``uses`` names the lexicons that it looks at."""

    condition: Callable[[Reading, int], bool]
    uses: tuple[str, ...]

    def fires(self, reading: Reading, index: int) -> bool:
        """See its condition."""
        return self.condition(reading, index)


Kind = Cue | Pair | Speaker | Opening | SameSpeaker | FollowOn | Topic | Absent
"""What a file of functions can hold."""


def speaker_zones(sentence: ReadSentence, verbs: tuple[str, ...] = _SPEECH) -> Places:
    """Stretches of words in which the one who speaks is named, as (first, end)."""
    tokens, quoted = sentence.words.tokens, sentence.words.quoted
    zones: Places = []
    for start, end in sentence.places(verbs, False):
        zones.append((max(0, start - _SUBJECT_REACH), start))
        if start and (tokens[start - 1] in MARKS or tokens[start - 1] == ","):
            zones.append((end, end + _INVERTED_REACH))
    zones.extend((end, end + _ACCORDING_REACH) for _, end in sentence.places(("according",), False))
    zones.extend((0, place) for place in _label_ends(tokens) if not quoted[place])
    return zones


def _label_ends(tokens: tuple[str, ...]) -> list[int]:
    """Colons near the beginning that end a label ("Police: two dead"), not those of a time of day."""
    return [
        place
        for place in range(1, min(len(tokens) - 1, _LABEL_REACH))
        if tokens[place] == ":" and not (tokens[place - 1].isdigit() and tokens[place + 1].isdigit())
    ]


def _distance(first: tuple[int, int], second: tuple[int, int], ordered: bool) -> int:
    """Words between two places, plus one; beyond any limit when they stand in the wrong order or overlap."""
    if first[1] <= second[0]:
        return second[0] - first[1] + 1
    if second[1] <= first[0] and not ordered:
        return first[0] - second[1] + 1
    return 1_000_000
