"""Persons whom a sentence says were killed or hurt without a number ("killing the driver and a clerk").

There is no parser at inference: a word of death or injury reaches the nearest person before or behind it in its
clause, and what is listed with that person is reached too.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec

from pipeline.incidents.nouns import is_person
from pipeline.schema import ScoredSentence


class _Harm(msgspec.Struct, frozen=True):
    """Words that say what befell a person: those whose victim follows, and those whose victim comes before."""

    before_victim: re.Pattern[str]
    after_victim: re.Pattern[str]


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b", re.IGNORECASE)


_VIOLENT_DEATH: Final = r"(?:stabbed|hacked|beaten|clubbed|stoned|burn(?:ed|t)|crushed|trampled|choked|cut) to death"
_BODY: Final = (
    r"(?:eye|ear|arm|wrist|hand|finger|leg|foot|knee|kneecap|thigh|shin|ankle|toe|hip|shoulder|collar-?bone|rib|"
    r"skull|jaw|cheek|chin|nose|tooth|forehead|eyebrow|neck|throat|chest|belly|stomach|back|spine|lung|"
    r"head|face|elbow|thumb|hearing|sight)s?"
)
_HARMS: Final = {
    "killed": _Harm(
        _words(
            r"(?<!was )(?<!were )(?<!been )(?<!being )kill(?:ed|ing|s)?",
            r"(?:murder|assassinat|execut|lynch|behead|slay)(?:ing|s|es|ion)?(?: of)?",
            r"(?:murdered|assassinated|executed|lynched|beheaded|slew|gunn(?:ed|ing) down|sh(?:ot|oots?|ooting) dead)",
            r"(?:death|deaths|bod(?:y|ies)|corpse|life|lives|loss) of",
        ),
        _words(
            r"(?:die[sd]?|dead|perish(?:es|ed)|succumbed|drown(?:s|ed)|lost (?:his|her) life)|killed|murdered",
            rf"(?:assassinated|executed|lynched|beheaded|slain|gunned down|shot dead|hanged|{_VIOLENT_DEATH})",
            r"fatally \w+",
            r"(?<=[’']s )(?:\w+ )?(?:death|killing|murder|assassination|body|corpse|coffin|killers?|murderers?|widow)",
        ),
    ),
    "injured": _Harm(
        _words(
            r"(?<!was )(?<!were )(?<!been )(?<!being )(?:wound|injur|hurt|maim|blind|bruis)(?:ed|es|ing|s)?",
            r"wounding of",
        ),
        _words(
            r"(?:wounded|injured|hurt|maimed|blinded|bruised|burn(?:ed|t)|scalded|concussed|grazed|beaten)",
            rf"(?:an?|his|her|the|both|one|left|right|of|two|three) {_BODY}",
            r"(?:in|to) hospital|hospitali[sz]ed|in a coma|treated",
        ),
    ),
}
_DEATH: Final = _words(
    r"kill(?:ed|ings?|ers?|s)?|murder\w*|assassin\w*|dead|deaths?|die[sd]?|slain|lynch\w*|execut(?:ed|ion)|behead\w*",
    r"fatal\w*|funeral|burial|bur(?:ied|ies)|coffin|widow\w*|bod(?:y|ies)|corpse|mourn\w*|manslaughter|mortuary|morgue",
    r"autopsy|victim",
)
_SHOT: Final = _words(r"sho[to]\w*|stabb\w*|gunned|butchered|hacked|bullets?|strangl\w*")
_CLAUSE_END: Final = re.compile(r"[;:.!?“”\"](?:\s|$)|\b(?:said|says|told)\b")
_REACH_RIGHT: Final = 6
"""Words that may stand between a word of harm and its victim behind it."""

_REACH_LEFT: Final = 12
"""The same for a victim before it, whose apposition may come between."""

_ITEM: Final = r"(?: (?!(?:by|that|on|in|at|of|to|from|or|then|said|not|but|\w+ing|\w+ed)\b)[\w'’-]+){0,3}"
_LISTED: Final = re.compile(rf"{_ITEM}(?:,? and(?: also| as many as)?|, plus|,? as well as){_ITEM} ")
"""What stands between two items of a list that "and" joins."""

_ENUMERATED: Final = re.compile(rf"{_ITEM},{_ITEM} |{_LISTED.pattern}")
"""The same where a comma may join them."""

_LONGEST_GAP: Final = 160
"""Characters between two items of a list, at most."""

_NEAR: Final = 10
"""Characters between a word of harm and the number that it governs, at most."""


def victims(
    text: str, sentence: ScoredSentence, role: str, numbers: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The persons whom a sentence says were killed or hurt.

    Args:
        text: The article.
        sentence: One of its sentences; the persons are among its ``target`` spans.
        role: ``killed`` or ``injured``.
        numbers: Start and end of the number expressions of that role; whom they count is left out.

    Returns:
        Start and end of each person's words, in the order of the text; one person under two names once.
    """
    harmed = _harmed(text, sentence, role)
    if role == "injured":
        harmed -= _harmed(text, sentence, "killed")
    return [
        person
        for person in sorted(harmed)
        if not any(end <= person[0] and _counts(text[end : person[0]]) for _, end in numbers)
        and not any(text[end : person[0]] == ", " for _, end in harmed)
    ]


def tells_one_death(text: str, sentences: Sequence[ScoredSentence]) -> bool:
    """Whether sentences that count nobody tell, in whatever words, the death of a person who is their target.

    Two words of death, or one and a shot, are asked for: a single one may be a threat or another's death.
    """
    persons = any(is_person(text[s.start : s.end]) for told in sentences for s in told.spans if s.role == "target")
    words = sum(len(_DEATH.findall(text, told.start, told.end)) for told in sentences)
    shot = any(_SHOT.search(text, told.start, told.end) for told in sentences)
    return persons and words > 0 and words + shot > 1


def is_listed(between: str, commas: bool) -> bool:
    """Whether the words between two phrases make them items of one list, with ``commas`` also without "and"."""
    return len(between) <= _LONGEST_GAP and (_ENUMERATED if commas else _LISTED).fullmatch(between) is not None


def follows_harm(before: str, role: str) -> bool:
    """Whether the words before a victim end with a word of harm ("killing five of them")."""
    last = list(_HARMS[role].before_victim.finditer(before[-_LONGEST_GAP:]))[-1:]
    return any(len(before[-_LONGEST_GAP:]) - found.end() <= _NEAR for found in last)


def _harmed(text: str, sentence: ScoredSentence, role: str) -> set[tuple[int, int]]:
    targets = {(s.start, s.end) for s in sentence.spans if s.role == "target"}
    persons = sorted((start, end) for start, end in targets if is_person(text[start:end]))
    harmed: set[tuple[int, int]] = set()
    if not persons:
        return harmed
    words = _HARMS[role]
    for found in words.before_victim.finditer(text, sentence.start, sentence.end):
        behind = [p for p in persons if p[0] >= found.end() and _reaches(text[found.end() : p[0]], _REACH_RIGHT)]
        harmed.update(behind[:1])
    for found in words.after_victim.finditer(text, sentence.start, sentence.end):
        before = [p for p in persons if p[1] <= found.start() and _reaches(text[p[1] : found.start()], _REACH_LEFT)]
        harmed.update(before[-1:])
    neighbours = list(pairwise(persons))
    for known, other in [*neighbours, *((second, first) for first, second in reversed(neighbours))]:
        first, second = sorted((known, other))
        if known in harmed and is_listed(text[first[1] : second[0]], commas=True):
            harmed.add(other)
    return harmed


def _reaches(between: str, words: int) -> bool:
    return len(between.split()) <= words and _CLAUSE_END.search(between) is None


def _counts(between: str) -> bool:
    """Whether a number counts the noun phrase that ``between`` separates it from."""
    return re.fullmatch(r"(?: (?!and\b)[\w'’-]+){0,3} ", between) is not None
