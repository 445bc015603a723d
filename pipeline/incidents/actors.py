"""The actors of an article under one name each, their coarse type, and whom a record is attributed to.

An article names an actor once in full and then by a part of the name, by initials or by a description ("the
group"); `Actors` leads these back to the fullest name that the article gives.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

import msgspec

from pipeline.incidents.nouns import lexicon
from pipeline.schema import ScoredSentence

_TYPE_WORDS: Final = {
    "unknown": (
        "unknown unidentified unnamed gunmen gunman attackers attacker assailant assailants men man "
        "perpetrators killers"
    ),
    "protesters": (
        "protesters protester demonstrators demonstrator marchers marcher strikers students crowd crowds mob mobs "
        "youths "
        "rioters rioter supporters fans opposition pickets villagers residents"
    ),
    "state_force": (
        "army armies police policemen policeman constables constable officer officers gendarmes gendarmerie gendarme "
        "troops soldiers soldier military navy marines marine guardsmen force forces aircraft jets jet warplanes "
        "helicopter helicopters battalion regiment company commandos patrol carabineros carabinieri security "
        "intelligence pilots artillery coastguard unit squad service wardens sergeant colonel general lieutenant "
        "captain"
    ),
    "government": (
        "government regime state ministry minister authorities administration president governor mayor prefect council "
        "parliament"
    ),
    "militia": (
        "militia militias militiamen vigilantes paramilitaries paramilitary guards bandits gang gangs cartel clan "
        "herders hunters traffickers"
    ),
    "rebel_group": (
        "rebel rebels insurgent insurgents guerrilla guerrillas fighters militants jihadists jihadist separatists "
        "brigade brigades front movement liberation katiba battalions column cell faction group organisation "
        "organization mujahideen terrorists extremists extremist islamists resistance vanguard"
    ),
    "civilians": "civilians farmers workers women people traders refugees miners",
}
_TYPES: Final = {word: kind for kind, words in _TYPE_WORDS.items() for word in lexicon(words)}
ACTOR_TYPES: Final = tuple(_TYPE_WORDS)
"""Coarse types of an actor: ``state_force``, ``government``, ``rebel_group``, ``militia``, ``protesters``,
``civilians``, and ``unknown`` where no word of the name tells."""

_DESCRIPTIONS: Final = frozenset(
    lexicon(
        "group movement organisation organization militia faction sect band outfit rebels insurgents guerrillas "
        "fighters "
        "militants jihadists separatists cell gang front brigade"
    )
)
_FUNCTION_WORDS: Final = frozenset(
    lexicon("of the and for in on de la el al du des del y a an its their his her our s")
)
_HEAD_END: Final = re.compile(r" (?:of|in|from|at|on|for|who|near|to|with|by)\b|,")
_TYPICAL: Final = {
    "repression": frozenset({"state_force", "government"}),
    "riot": frozenset({"protesters", "civilians", "militia", "unknown"}),
}
"""Types of actor that a type of happening is a matter of; other happenings are anybody's."""


class Mention(msgspec.Struct, frozen=True):
    """An actor as the text names it: ``start`` in the text, ``sentence`` its sentence's index."""

    phrase: str
    start: int
    sentence: int


def actor_type(name: str) -> str:
    """One of `ACTOR_TYPES`: by the last telling word of the noun phrase's head, else of the whole phrase.

    "The" colonel's men are ``unknown`` as men are, soldiers of the Northern Front ``state_force`` as soldiers are.
    """
    for part in (_HEAD_END.split(name)[0], name):
        telling = (_TYPES[word] for word in reversed(_words(part)) if word in _TYPES)
        if (found := next(telling, None)) is not None:
            return found
    return "unknown"


class Actors:
    """The names of one article's actors.

    Args:
        text: The article.
        sentences: Its labelled sentences; their ``actor`` and ``source`` spans are the mentions.
    """

    def __init__(self, text: str, sentences: Sequence[ScoredSentence]) -> None:
        everywhere = range(len(sentences))
        found = [m for role in ("actor", "source") for m in mentions(text, sentences, everywhere, role)]
        named = sorted((m for m in found if is_name(m.phrase)), key=lambda m: (m.start, m.phrase))
        self._names = tuple(dict.fromkeys(mention.phrase for mention in named))
        self._groups = [m for m in named if actor_type(m.phrase) in ("rebel_group", "militia")]
        self._with_initials: dict[str, str] = {}
        self._with_word: dict[str, list[str]] = {}
        for name in self._names:
            self._with_initials.setdefault(_initials(name), name)
            for word in _content(name):
                self._with_word.setdefault(word, []).append(name)

    def name(self, phrase: str, start: int) -> str:
        """The fullest name of the actor whom ``phrase``, at offset ``start`` of the text, stands for.

        Initials get the name that they abbreviate, a part of a name the first name that holds it, a bare
        description the armed group that was named last before it; any other phrase stays as it is.
        """
        if re.fullmatch(r"[A-Z]{2,}", phrase):
            return self._with_initials.get(phrase, phrase)
        if phrase.lower() in _DESCRIPTIONS and not phrase[:1].isupper():
            return self._last_group(start) or phrase
        words = _content(phrase)
        if phrase[:1].isupper() and words:
            rarest = min((self._with_word.get(word, []) for word in words), key=len)
            return next((name for name in rarest if words < _content(name)), phrase)
        return phrase

    def _last_group(self, start: int) -> str | None:
        before = bisect_left(self._groups, start, key=lambda mention: mention.start)
        return self.name(self._groups[before - 1].phrase, start) if before else None


def attributed_to(
    text: str, sentences: Sequence[ScoredSentence], kind: str, members: Sequence[int], status: str | None
) -> str | None:
    """The actor, as the text names it, whom a record's attribution is about.

    Of the actors in the sentences that state it, one who is typical of the happening (police of a repression, a
    crowd of a riot) goes before others, one of the body before one of the headline, a name before a description,
    the first before later ones.

    Args:
        text: The article.
        sentences: Its labelled sentences.
        kind: The record's type.
        members: Indexes of its sentences.
        status: See ``pipeline.incidents.attribution.attribution``.
    """
    if status in (None, "unattributed"):
        return None
    within = sorted(set(members))
    stating = [index for index in within if status in sentences[index].responsibility]
    candidates = mentions(text, sentences, stating, "actor") or mentions(text, sentences, within, "actor")
    best = max(candidates, key=lambda mention: _rank(mention, kind), default=None)
    return None if best is None else best.phrase


def _rank(mention: Mention, kind: str) -> tuple[bool, bool, bool]:
    typical = kind not in _TYPICAL or actor_type(mention.phrase) in _TYPICAL[kind]
    return typical, mention.sentence > 0, is_name(mention.phrase)


def mentions(text: str, sentences: Sequence[ScoredSentence], members: Sequence[int], role: str) -> list[Mention]:
    """The spans of a role in some sentences, in the order of the sentences and of the text."""
    return [
        Mention(text[span.start : span.end], span.start, index)
        for index in members
        for span in sorted(sentences[index].spans, key=lambda span: (span.start, span.end))
        if span.role == role
    ]


def is_name(phrase: str) -> bool:
    """Whether a phrase holds a proper name: two capitalised words, or one behind its first word."""
    words = [word for word in re.findall(r"[^\W\d_][\w'’-]*", phrase) if word.lower() not in _FUNCTION_WORDS]
    return sum(word[0].isupper() for word in words) > 1 or any(word[0].isupper() for word in words[1:])


def _words(phrase: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[^\W_]+", phrase)]


def _content(phrase: str) -> set[str]:
    return set(_words(phrase)) - _FUNCTION_WORDS


def _initials(name: str) -> str:
    return "".join(word[0] for word in re.findall(r"[^\W\d_]+", name) if word[0].isupper())
