"""Numbers of people killed and injured, told from all other numbers of a sentence by the words around them.

The encoder marks these too, as one of many roles, and misses many. Number expressions are few in kind, so that a
logistic model over the words beside each of them decides better; what the encoder marked counts as further evidence.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Final

import msgspec

from pipeline.incidents.learned import CASUALTIES, read_learned
from pipeline.incidents.logistic import Logistic, sigmoid
from pipeline.schema import CountRange, ScoredSentence, ScoredSpan
from pipeline.text.counts import parse_count

ROLES: Final = ("killed", "injured")

MARKED: Final = 0.15
"""Probability from which a number that the encoder marked counts. Chosen on ``dev`` with the trained encoder."""

UNMARKED: Final = 0.35
"""The same for a number that it did not mark."""

_ONES: Final = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
)
_WORDS: Final = "|".join(_ONES.split())
_CARDINAL: Final = (
    rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,6}}|(?:{_WORDS})"
    rf"(?:[- ](?:{_WORDS}|hundred|thousand)|(?:(?<=hundred)|(?<=thousand)) and (?:{_WORDS}))*"
    r"|(?:a |an? half |half a |one |two |three |several )?(?:hundreds?|thousands?|dozens?|scores))"
)
_NUMBER: Final = re.compile(
    r"(?<![\w.,:/-])(?:(?:(?:at least|at most|more than|over|about|around|some|nearly|almost|up to|as many as|as few as"
    r"|no fewer than|no less than|not less than|not more than|no more than|fewer than|less than|roughly|perhaps"
    r"|close to|an estimated) )?"
    rf"{_CARDINAL}(?: (?:or|to) (?:{_CARDINAL}|more))?"
    r"|tens|nobody|no[- ]one|none|anybody|anyone|nil|zero|not one|no|both|several|another|second|third|fourth|fifth)"
    r"(?![\w/:-]|[.,]\d)",
    re.IGNORECASE,
)
_CUES: Final = {
    "death": re.compile(
        r"\b(?:kill\w*|dead|die[sd]?|dying|deaths?|lives|life|bod(?:y|ies)|corpses?|fatal\w*|murder\w*|execut\w+|buried"
        r"|coffins?|graves?|perished|drowned|toll|slain|victims?|casualt\w+|lost)\b",
        re.IGNORECASE,
    ),
    "hurt": re.compile(
        r"\b(?:wound\w*|injur\w*|hurt|hospital\w*|treated|stitch\w*|burn(?:s|ed)?|bruis\w*|maimed|blinded|casualt\w+"
        r"|beaten|cuts?|concuss\w+|surgery|clinic|limbs?|legs?)\b",
        re.IGNORECASE,
    ),
}
_TOKEN: Final = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
_BREAK: Final = re.compile(r"[;:”.]|, (?:and|but|while)")
_BESIDE: Final = 3
_LEFT: Final = 8
_RIGHT: Final = 10
_FAR: Final = (6, 11)
"""Words from a cue from which its exact distance no longer counts, and from which it is far off."""

_DIGITS: Final = 4
_YEAR: Final = re.compile(r"(?:19|20)\d\d")


class CasualtyModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A logistic model for each role."""

    killed: Logistic
    injured: Logistic


@cache
def default_casualties() -> CasualtyModel:
    """The model that ships with the package, learned from the corpus's train split."""
    return read_learned(CASUALTIES, CasualtyModel)


def number_expressions(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Everything between two offsets that may count people, with its modifiers, as (start, end)."""
    return [found.span() for found in _NUMBER.finditer(text, start, end)]


def number_features(text: str, start: int, end: int, events: Sequence[str]) -> list[dict[str, float]]:
    """Describe the number expressions of a sentence.

    Args:
        text: The article.
        start: Where the sentence begins.
        end: Where it ends.
        events: Its event types.

    Returns:
        For each of ``number_expressions``, values by name.
    """
    return _describe(text, start, end, events, number_expressions(text, start, end))


def _describe(
    text: str, start: int, end: int, events: Sequence[str], numbers: Sequence[tuple[int, int]]
) -> list[dict[str, float]]:
    if not numbers:
        return []
    shared = {f"event {key}": 1.0 for key in events}
    shared |= {f"in sentence {word}": 0.5 for word in _tokens(text[start:end])}
    cues = [(kind, *found.span()) for kind, cue in _CUES.items() for found in cue.finditer(text, start, end)]
    return [
        {
            **shared,
            **dict(_words(text, start, end, number)),
            **dict(_nearest(text, number, cues)),
            "begins": float(number[0] == start),
        }
        for number in numbers
    ]


def with_casualties(
    text: str, sentences: Sequence[ScoredSentence], model: CasualtyModel | None = None
) -> tuple[ScoredSentence, ...]:
    """Sentences with their spans of killed and injured people decided anew.

    A span of the encoder that holds no number expression ("without loss of life") stays as it is. A number counts
    either the dead or the hurt; nobody may be neither.

    Args:
        text: The article.
        sentences: Its labelled sentences.
        model: None is the one that ships with the package.
    """
    used = model or default_casualties()
    return tuple(_revised(text, sentence, used) for sentence in sentences)


def _revised(text: str, sentence: ScoredSentence, model: CasualtyModel) -> ScoredSentence:
    numbers = number_expressions(text, sentence.start, sentence.end)
    if not numbers:
        return sentence
    described = _describe(text, sentence.start, sentence.end, sentence.events, numbers)
    kept = [
        span
        for span in sentence.spans
        if span.role not in ROLES or not any(_meet((span.start, span.end), number) for number in numbers)
    ]
    for number, features in zip(numbers, described, strict=True):
        decided = []
        for role in ROLES:
            score = sigmoid(getattr(model, role).logit(features))
            marked = [s for s in sentence.spans if s.role == role and _meet((s.start, s.end), number)]
            if score >= (MARKED if marked else UNMARKED):
                start = min([number[0], *(span.start for span in marked)])
                end = max([number[1], *(span.end for span in marked)])
                decided.append(ScoredSpan(role, start, end, round(score, _DIGITS)))
        if len(decided) > 1 and parse_count(text[number[0] : number[1]]) != CountRange(0, 0):
            decided = sorted(decided, key=lambda span: -span.score)[:1]
        kept += decided
    spans = tuple(sorted(dict.fromkeys(kept), key=lambda span: (span.start, -span.end, span.role)))
    return msgspec.structs.replace(sentence, spans=spans)


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _tokens(text: str) -> list[str]:
    return [found.lower() for found in _TOKEN.findall(text)]


def _words(text: str, start: int, end: int, number: tuple[int, int]) -> Iterator[tuple[str, float]]:
    """The words on both sides, the nearest with their places, and the number itself."""
    before, behind = _tokens(text[start : number[0]])[::-1][:_LEFT], _tokens(text[number[1] : end])[:_RIGHT]
    for side, words in (("left", before), ("right", behind)):
        for place, word in reversed(list(enumerate(words))):
            yield f"{side} {word}", 3 / (3 + place)
            if place < _BESIDE:
                yield f"{side} {place} {word}", 1.0
        yield from ((f"{side} pair {first} {second}", 1.0) for first, second in pairwise(words[:2]))
    if before and behind:
        yield f"between {before[0]} {behind[0]}", 1.0
    expression = text[number[0] : number[1]].lower()
    yield f"number {expression}", 1.0
    yield "digits", float(expression[-1].isdigit())
    yield "year", float(_YEAR.fullmatch(expression) is not None)


def _nearest(text: str, number: tuple[int, int], cues: Sequence[tuple[str, int, int]]) -> Iterator[tuple[str, float]]:
    """The nearest word of death and of injury: where, how far, and whether a clause or a number comes between."""
    nearest: dict[str, float] = {}
    for kind in _CUES:
        found = [_distance(text, number, start, end) for name, start, end in cues if name == kind]
        if found:
            effort, side, words, cut, counted = min(found)
            nearest[kind] = effort
            far = words if words <= _FAR[0] else "far" if words <= _FAR[1] else "off"
            yield f"{kind} {side} {far}", 1.0
            yield f"{kind} {side} cut {cut} counted {counted}", 1.0
            yield f"{kind} {side} near", 1 / (1 + effort / 2)
    yield f"nearest {min(nearest, key=nearest.__getitem__, default='none')} of {len(nearest)}", 1.0


def _distance(text: str, number: tuple[int, int], start: int, end: int) -> tuple[float, str, int, bool, bool]:
    """How hard it is to get from a number to a cue, on which side, over how many words, clauses and numbers."""
    side, gap = ("right", text[number[1] : start]) if start >= number[1] else ("left", text[end : number[0]])
    words, cut, counted = len(gap.split()), _BREAK.search(gap) is not None, _NUMBER.search(gap) is not None
    return words + 3.0 * cut + 3.0 * counted, side, words, cut, counted
