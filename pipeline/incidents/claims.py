"""Who says what of a record: responsibility, killed, injured, weapons and damage, each tied to its evidence."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

import msgspec

from pipeline.incidents.actors import Actors, Mention, is_name, mentions
from pipeline.incidents.contest import ContestModel, claim_features, default_contest
from pipeline.incidents.logistic import sigmoid
from pipeline.incidents.mentions import COUNTED_ROLES
from pipeline.incidents.tolls import COUNTED_KINDS, Figures, counted_in, weapon_figure
from pipeline.labels import VIOLENT_TYPES
from pipeline.schema import Claim, CountRange, ScoredSentence

_NO_DAMAGE: Final = re.compile(
    r"\b(?:no|without|any|little)(?: \w+){0,2} damage\b|\b(?:undamaged|unscathed|intact)\b"
    r"|\b(?:not|never|n[’']t)(?: been)? (?:damaged|destroyed|hit)\b",
    re.IGNORECASE,
)
_DESTROYED: Final = re.compile(
    r"\b(?:destroy(?:ed|ing|s)|gutted|razed|flattened|demolished|levelled|leveled"
    r"|burn(?:ed|t)(?: \w+)? (?:down|out|to the ground)|reduced to (?:ashes|rubble)|in ashes|in ruins|collapsed)\b",
    re.IGNORECASE,
)
_DAMAGED: Final = re.compile(
    r"\b(?:damag(?:ed|ing|e to)|wreck(?:ed|ing)|scorched|shattered|smashed|torched|holed"
    r"|set (?:\w+ ){0,3}(?:alight|ablaze))\b",
    re.IGNORECASE,
)
_DAMAGE: Final = {"none": _NO_DAMAGE, "destroyed": _DESTROYED, "damaged": _DAMAGED}
"""What a sentence says of damage to things; the first that matches holds."""
_DENIAL: Final = re.compile(
    r"\b(?:no|not|never|nor|neither|nothing|den(?:y|ies|ied|ying)|innocent|clear(?:s|ed)|acquitt\w+|reject\w*|disown\w*"
    r"|disclaim\w*|refut\w+|false|without charge|rather than|instead of)\b|n[’']t\b",
    re.IGNORECASE,
)
_QUOTES: Final = re.compile(r"[“”„«»\"]")
_OPENING: Final = frozenset("“„«")
_CLOSING: Final = frozenset("”»")
_SENTENCE_END: Final = re.compile(r"[.!?…:;,][”’\"')\]»]*$")


class Speaker(msgspec.Struct, frozen=True):
    """Whose word a sentence is: the words that name the source, if any do, and its kind."""

    source: str | None
    source_type: str


class Statements:
    """An article, read once, that tells what is said of any of its records.

    Args:
        figures: Of the article's sentences.
    """

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._speakers = speakers_of(figures.text, figures.sentences)

    @cached_property
    def _actors(self) -> Actors:
        return Actors(self._figures.text, self._figures.sentences)

    def of(self, kind: str, members: Sequence[int]) -> tuple[Claim, ...]:
        """Every statement of a record on responsibility, killed, injured, weapon count and damage.

        A sentence makes one statement for each status, count or state of damage. Its ``start`` and ``end`` quote the
        words of a count or of damage, the sentence for responsibility; ``value`` is the culprit as written, a
        `CountRange`, or ``none``, ``damaged``, ``destroyed``. The source comes from an earlier or later sentence
        where the sentence goes on with somebody's words (see `speakers_of`).

        Args:
            kind: The record's type.
            members: Indexes of the record's sentences; figures may be of others, see ``tolls.counted_in``.
        """
        speakers, figures = self._speakers, self._figures
        counted = {role: set(counted_in(figures, kind, members, role)) for role in COUNTED_ROLES}
        within = set(members)
        return tuple(
            Claim(about, value, status, speakers[index].source, speakers[index].source_type, index, start, end)
            for index in sorted(within.union(*counted.values()))
            for about, value, status, start, end in dict.fromkeys(_statements(figures, index, kind))
            if index in counted.get(about, within)
        )

    def contested(self, found: Sequence[Claim], model: ContestModel | None = None) -> tuple[Claim, ...]:
        """Of a record's statements, those on facts that its article contests (GUIDELINES section 5).

        Args:
            found: What ``of`` gives of the record.
            model: None is the one that ships with the package.
        """
        used = model or default_contest()
        described = self.described(found)
        return tuple(
            claim
            for claim, features in zip(found, described, strict=True)
            if sigmoid(used.contested.logit(features)) >= used.threshold
        )

    def described(self, found: Sequence[Claim]) -> list[dict[str, float]]:
        """What each of a record's statements says for being on a contested fact, see ``contest.claim_features``."""
        text, sentences = self._figures.text, self._figures.sentences
        return claim_features(
            found,
            [_stance(claim, self._actors) for claim in found],
            sentences,
            headline=bool(sentences) and _is_headline(text, sentences[0]),
        )


def speakers_of(text: str, sentences: Sequence[ScoredSentence]) -> tuple[Speaker, ...]:
    """Whose word each sentence is.

    A sentence that names its source has it. One that stands within a quotation, or that has the same kind of
    source as the sentence before, goes on with the speaker before it; one whose quotation ends in a later
    sentence takes the speaker named there.
    """
    inside = _quotations(text, sentences)
    named = [next((m.phrase for m in mentions(text, sentences, [i], "source")), None) for i in range(len(sentences))]
    ends = _quotation_ends(named, inside)
    speakers: list[Speaker] = []
    for index, sentence in enumerate(sentences):
        kind = sentence.attribution_source
        before = speakers[-1] if speakers else None
        if named[index] is None and before is not None and _goes_on(kind, before, inside[index]):
            speakers.append(before)
        elif named[index] is None and inside[index + 1] and kind != "none":
            end = ends[index]
            same = end is not None and sentences[end].attribution_source == kind
            speakers.append(Speaker(named[end] if end is not None and same else None, kind))
        else:
            speakers.append(Speaker(named[index], kind))
    return tuple(speakers)


def _goes_on(kind: str, before: Speaker, quoted: bool) -> bool:
    return before.source_type != "none" and (kind == before.source_type or (quoted and kind == "none"))


def _quotation_ends(named: Sequence[str | None], inside: Sequence[bool]) -> list[int | None]:
    """For each sentence the later one that names a source before the quotation has ended that is open behind it."""
    ends: list[int | None] = [None] * len(named)
    for index in range(len(named) - 2, -1, -1):
        if inside[index + 1]:
            ends[index] = ends[index + 1] if named[index + 1] is None else index + 1
    return ends


def _quotations(text: str, sentences: Sequence[ScoredSentence]) -> list[bool]:
    """Whether a quotation is open before each sentence, and behind the last one; shape: sentences + 1.

    A quotation that a paragraph leaves open is open in the next one only when that begins with a quotation mark.
    """
    states = [False]
    for index, sentence in enumerate(sentences):
        opened = states[-1]
        gap = text[sentences[index - 1].end : sentence.start] if index else ""
        quoted = text[sentence.start : sentence.end]
        if opened and "\n" in gap:
            opened = bool(_QUOTES.match(quoted))
            quoted = quoted[1:] if opened else quoted
            states[-1] = opened
        for mark in _QUOTES.findall(quoted):
            opened = mark in _OPENING or (mark not in _CLOSING and not opened)
        states.append(opened)
    return states


_Statement = tuple[str, str | CountRange | None, str | None, int, int]
"""What it is about, value, status, and start and end of the evidence."""


def _statements(figures: Figures, index: int, kind: str) -> Iterator[_Statement]:
    text, sentences = figures.text, figures.sentences
    sentence = sentences[index]
    if kind in VIOLENT_TYPES:
        for status in sentence.responsibility:
            for culprit in _culprits(text, sentences, index, status):
                yield "responsibility", culprit, status, sentence.start, sentence.end
    for role in COUNTED_ROLES:
        for figure in figures.of(index, kind, role):
            if not (figure.part or figure.person):
                yield role, figure.count, None, figure.start, figure.end
    if kind in COUNTED_KINDS:
        weapons = (weapon_figure(text, sentence, span) for span in sentence.spans if span.role == "weapon")
        for number in weapons:
            if number is not None and not number.single:
                yield "weapon_count", number.count, None, number.start, number.end
    if kind in VIOLENT_TYPES:
        yield from _damage(text, sentence)


def _damage(text: str, sentence: ScoredSentence) -> Iterator[_Statement]:
    for state, words in _DAMAGE.items():
        if (found := words.search(text, sentence.start, sentence.end)) is not None:
            yield "damage", state, None, found.start(), found.end()
            return


def _culprits(text: str, sentences: Sequence[ScoredSentence], index: int, status: str) -> list[str | None]:
    """Whom a sentence's statement with this status is about.

    Those who claim an act are those who speak of it; of a denial beside an accusation, the one whom a word of
    denial stands next to is cleared and another accused.
    """
    if status == "unattributed":
        return [None]
    actors = list({m.phrase: m for m in reversed(mentions(text, sentences, [index], "actor"))}.values())[::-1]
    if status == "claimed":
        sources = {m.phrase for m in mentions(text, sentences, [index], "source")}
        speaking = [m.phrase for m in actors if m.phrase in sources]
        return list(speaking) or _first(actors)
    if "denied" in sentences[index].responsibility and len(sentences[index].responsibility) > 1:
        cues = [m.start() for m in _DENIAL.finditer(text, sentences[index].start, sentences[index].end)]
        cleared = min(actors, key=lambda m: min((abs(m.start - cue) for cue in cues), default=0), default=None)
        others = [m for m in actors if m is not cleared]
        actors = [cleared] if status == "denied" and cleared is not None else others or actors
    return _first(actors)


def _first(actors: Sequence[Mention]) -> list[str | None]:
    """The first actor by name, else the first."""
    return [next((m.phrase for m in actors if is_name(m.phrase)), actors[0].phrase if actors else None)]


def _stance(claim: Claim, actors: Actors) -> object:
    """What two statements on one fact have in common when they do not differ."""
    if claim.about != "responsibility":
        return claim.value
    culprit = None if claim.value is None else actors.name(str(claim.value), claim.start or 0).lower()
    return claim.status, culprit


def _is_headline(text: str, first: ScoredSentence) -> bool:
    """Whether the first sentence is a line of its own, without the full stop of a sentence."""
    opens = not text[: first.start].strip()
    alone = text[first.end : first.end + 1] in ("\n", "\r")
    return opens and alone and _SENTENCE_END.search(text[first.start : first.end]) is None
