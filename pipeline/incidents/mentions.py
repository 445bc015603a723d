"""What each sentence of an article offers for telling one happening from another, as plain features.

A mention is a sentence that carries an incident type. Its features say how it differs from the type's other
mentions: place in the article, new names, times long before the article's own, the words around them. Which of
this matters is learned (``pipeline.incidents.fit_linking``); nothing here decides.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import lru_cache
from itertools import pairwise
from math import log, log1p
from typing import Final

import msgspec

from pipeline.incidents.dates import parse_date
from pipeline.labels import INCIDENT_TYPES
from pipeline.schema import CountRange, DateRange, ScoredSentence
from pipeline.text.counts import parse_count

LINKED_ROLES: Final = ("actor", "target", "weapon", "location")
"""Roles whose words tell happenings apart."""

COUNTED_ROLES: Final = ("killed", "injured")
"""Roles whose spans are numbers."""

WORD_PREFIX: Final = "word:"
"""Features that stand for words of the text begin with this; fitting keeps the frequent ones."""

_WORD: Final = re.compile(r"[^\W\d_]+")
_TOKEN: Final = re.compile(r"[^\W_]+|[“”\"]")
_NAME: Final = re.compile(r"(?<=[\w,;] )[A-ZÀ-Þ][\w’'-]+")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_STOP: Final = {
    *("the", "and", "for", "from", "with", "near", "his", "her", "their", "its", "some"),
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
}
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = re.compile(
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?"
)
_WEEKDAY: Final = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day")
_SHORTEST_WORD: Final = 3
_SHORTEST_PLURAL: Final = 5
_AGES: Final = (4, 20, 300)
"""Days before publication at which a happening stops being the news, the background, the past."""


class Facts(msgspec.Struct, frozen=True):
    """A sentence, taken apart once.

    ``tokens`` are lower-cased, with years, months and numbers replaced by their kind; ``new_names`` is the share of
    ``names`` that no other sentence has; ``roles`` holds the words of each role's spans; ``age`` is the least number of
    days from a stated time to publication; ``told`` are the features of the sentence by itself, where it carries an
    incident type.
    """

    sentence: ScoredSentence
    paragraph: int
    tokens: tuple[str, ...]
    words: frozenset[str]
    names: frozenset[str]
    roles: dict[str, frozenset[str]]
    counts: dict[str, CountRange]
    dates: tuple[DateRange, ...]
    age: int | None
    new_names: float = 0.0
    told: dict[str, float] = {}


def read_facts(text: str, published: str | None, sentences: Sequence[ScoredSentence]) -> list[Facts]:
    """Take the sentences of an article apart; a publication date that is none counts as unknown."""
    day = _day(published)
    base = day.isoformat() if day else None
    facts, paragraph, previous = [], 0, 0
    for sentence in sentences:
        paragraph += "\n" in text[previous : sentence.start]
        previous = sentence.end
        quoted: dict[str, list[str]] = {}
        for span in sentence.spans:
            quoted.setdefault(span.role, []).append(text[span.start : span.end])
        told = text[sentence.start : sentence.end]
        dates = tuple(found for time in quoted.get("time", ()) if (found := _parse(time, base)) is not None)
        facts.append(
            Facts(
                sentence,
                paragraph,
                tuple(_tokens(told, day)),
                _words(told),
                frozenset(name.lower() for name in _NAME.findall(told)),
                {role: frozenset().union(*map(_words, texts)) for role, texts in quoted.items()},
                _counts(quoted),
                dates,
                min(((day - last).days for found in dates if day and (last := _day(found.end))), default=None),
            )
        )
    frequency = Counter(name for fact in facts for name in fact.names)
    return [
        msgspec.structs.replace(
            fact,
            new_names=sum(frequency[name] == 1 for name in fact.names) / max(1, len(fact.names)),
            told=dict(_told(fact)) if any(key in INCIDENT_TYPES for key in fact.sentence.events) else {},
        )
        for fact in facts
    ]


def word_counts(facts: Sequence[Facts]) -> Counter[str]:
    """In how many sentences of an article each word stands."""
    return Counter(word for fact in facts for word in fact.words)


def _counts(quoted: Mapping[str, Sequence[str]]) -> dict[str, CountRange]:
    """The last number that each role's spans give."""
    return {
        role: count
        for role in COUNTED_ROLES
        for text in quoted.get(role, ())
        if (count := parse_count(text)) is not None
    }


def mention_features(facts: Sequence[Facts], indexes: Sequence[int]) -> Iterator[dict[str, float]]:
    """Describe each mention of a type among all of them.

    Args:
        facts: All sentences of the article.
        indexes: The sentences that mention the type, ascending.

    Yields:
        For each of ``indexes`` values by name, each of the order of 1; what is 0 may be missing.
    """
    tellers, first = _tellers(facts, indexes)
    for position, index in enumerate(indexes):
        features = _in_article(facts, indexes, position)
        for role in LINKED_ROLES:
            if words := facts[index].roles.get(role):
                features[role] = 1
                features[f"new {role}"] = sum(tellers[role, word] == 1 for word in words) / len(words)
                features[f"{role} not before"] = sum(first[role, word] == position for word in words) / len(words)
        features |= facts[index].told
        yield {name: float(value) for name, value in features.items() if value}


def _tellers(
    facts: Sequence[Facts], indexes: Sequence[int]
) -> tuple[Counter[tuple[str, str]], dict[tuple[str, str], int]]:
    """Of each role's words, how many mentions have them, and the position of the first that does."""
    count: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], int] = {}
    for position, index in enumerate(indexes):
        for role in LINKED_ROLES:
            for word in facts[index].roles.get(role, ()):
                count[role, word] += 1
                first.setdefault((role, word), position)
    return count, first


def _in_article(facts: Sequence[Facts], indexes: Sequence[int], position: int) -> dict[str, float]:
    """Where one mention stands in the article and among those of its type."""
    index = indexes[position]
    mention = facts[index]
    return {
        "place in article": index / len(facts),
        "place in type": position / len(indexes),
        "log sentence": log1p(index),
        "log mentions": log(len(indexes)),
        "first": position == 0,
        "last": position == len(indexes) - 1,
        "headline": index == 0,
        "opens paragraph": index > 0 and mention.paragraph != facts[index - 1].paragraph,
        "log before": log(index - indexes[position - 1]) if position else 0.0,
        "log after": log(indexes[position + 1] - index) if position < len(indexes) - 1 else 0.0,
        "log words": log1p(len(mention.tokens)),
        "new names": mention.new_names,
    }


def _told(mention: Facts) -> Iterator[tuple[str, float]]:
    """What a sentence says by itself."""
    sentence = mention.sentence
    for group, keys in (("event", sentence.events), ("responsibility", sentence.responsibility)):
        yield from ((f"{group} {key}", 1.0) for key in keys)
    yield f"source {sentence.attribution_source}", 1.0
    yield from ((role, 1.0) for role in ("time", *COUNTED_ROLES) if any(s.role == role for s in sentence.spans))
    if mention.age is None:
        yield "undated", 1.0
    else:
        age = max(0, mention.age)
        yield "log age", log1p(age) / 4
        yield from ((f"over {limit} days old", float(age > limit)) for limit in _AGES)
    yield from ((f"{WORD_PREFIX}{words}", 1.0) for words in _phrases(mention.tokens))


def _phrases(tokens: Sequence[str]) -> Iterator[str]:
    """Words, pairs of words, and the word that begins the sentence as such."""
    yield from tokens
    yield from (f"{first} {second}" for first, second in pairwise(tokens))
    yield from (f"^{first}" for first in tokens[:1])


def _words(text: str) -> frozenset[str]:
    """Lower-cased words, plurals cut, without the shortest and the emptiest."""
    found = _WORD.findall(text.lower())
    return frozenset(
        word[:-1] if word.endswith("s") and len(word) >= _SHORTEST_PLURAL else word
        for word in found
        if len(word) >= _SHORTEST_WORD and word not in _STOP
    )


def _tokens(text: str, published: date | None) -> Iterator[str]:
    for token in _TOKEN.findall(text):
        kind = _kind(token)
        if kind == "<year>" and published is not None:
            yield f"<year -{min(2, max(0, published.year - int(token)))}>"
        elif kind == "<month>" and published is not None:
            yield f"<month -{min(2, (published.month - 1 - _MONTHS.index(token[:3].lower())) % 12)}>"
        else:
            yield kind


@lru_cache(maxsize=1 << 15)
def _kind(token: str) -> str:
    """A token in lower case, or what stands for its kind."""
    lowered = token.lower()
    if _YEAR.fullmatch(token):
        return "<year>"
    if token.isdecimal():
        return "<number>"
    if _MONTH.fullmatch(token):
        return "<month>"
    return "<weekday>" if _WEEKDAY.fullmatch(lowered) else "<quote>" if token in '“”"' else lowered


def _day(iso: str | None) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(iso) if iso else None
    return None


@lru_cache(maxsize=1 << 14)
def _parse(expression: str, published: str | None) -> DateRange | None:
    return parse_date(expression, published)
