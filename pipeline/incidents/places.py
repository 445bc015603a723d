"""The place, the country and the coordinates of an incident record.

Three steps, each a sum of few weights. (1) Every country that the article names speaks for the record: the more, the
plainer the mention (``KIND_WEIGHTS``) and the nearer to the record's sentences (``ZONE_WEIGHTS``). A town's name that
several countries have counts for the one that the rest of the article speaks of, else for the larger town. (2) The
record's place is the name that stands as a location in its sentences or near them (``PLACE_WEIGHTS``). (3) The place's
own country speaks once more. A town that no gazetteer has thus gets the article's country, with a lower score.

The weights were fitted on the corpus's train part (conditional logit, rounded); the form was chosen on dev.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from pipeline.incidents.gazetteer import Candidate, Gazetteer, fold
from pipeline.incidents.place_names import Mention, find_mentions, shares
from pipeline.incidents.reach import distance, within_reach
from pipeline.schema import ScoredSentence

__all__ = ["Gazetteer", "PlaceFinder", "PlaceFinding", "is_southern", "locate"]

KIND_WEIGHTS: Final = MappingProxyType(
    {"country": 1.5, "capital": 1.7, "place": 1.5, "region": 1.5, "adjective": 0.5, "fragment": 0.4}
)
"""What a mention says of where things happen; a fragment is a known name within a longer one."""

ZONE_WEIGHTS: Final = MappingProxyType(
    {"location_in": 1.0, "text_in": 0.6, "location_out": 0.65, "text_out": 0.45, "voice": 0.3}
)
"""By where a mention stands: in the record's sentences or not, in a location or not; or within an actor or source."""

PLACE_WEIGHTS: Final = MappingProxyType(
    {
        "inside": 0.9,
        "outside": -0.55,
        "nearness": 1.7,
        "same_type": -0.65,
        "later": -1.6,
        "lead": 1.0,
        "agreement": 1.7,
        "generic": -1.95,
        "country": -1.6,
        "coarse": -0.8,
        "unmarked": -2.8,
        "within": -1.7,
        "none": 1.0,
    }
)
"""What makes a name the record's place, see ``PlaceFinder._features``; ``none`` is the score of having no place."""

_SHARPNESS: Final = 3.4
_PLACE_SAYS: Final = 1.0
_ANY_COUNTRY: Final = 0.3
_TOWN_SAYS: Final = 0.5
_UNKNOWN_AGREES: Final = 0.5
_LEAD_SENTENCES: Final = 2
_DIGITS: Final = 4
_SURE: Final = MappingProxyType({"place": 1.0, "region": 0.9, "country": 0.6})
_NEARBY_SURE: Final = 0.7
_COUNTRY_SURE: Final = 0.5
_PART_OF_NAME: Final = 0.8
_DIRECTIONS: Final = frozenset(
    f"{first}{second}"
    for first in ("north", "south", "east", "west", "central", "upper", "lower")
    for second in ("", "ern", "east", "west", "eastern", "western", " east", " west", " eastern", " western")
) | {"coast", "border", "capital"}


class PlaceFinding(msgspec.Struct, frozen=True):
    """Where a record's happening took place.

    ``place`` is written as in the text; ``country`` is ISO 3166-1 alpha-3 (XKX: Kosovo); ``lat`` and ``lon`` are
    degrees; ``precision`` says what they are the middle of: the ``place``, a ``region`` or listed town that it is in or
    near, or the ``country``; ``score`` is 0 to 1, the country's likelihood times a discount for coarse coordinates.
    """

    place: str | None
    country: str | None
    lat: float | None
    lon: float | None
    precision: str | None
    score: float


class _Name(msgspec.Struct):
    """A name that may be a record's place: every occurrence as (sentence, start) and what the gazetteer has for it."""

    text: str
    known: tuple[Candidate, ...]
    occurrences: set[tuple[int, int]]
    marked: bool = False
    within: bool = False


class PlaceFinder:
    """An article, read once, that tells the place of any of its records.

    Args:
        text: The article.
        sentences: Its labelled sentences, with offsets into the text.
        gazetteer: Another than the one that comes with the package.
    """

    def __init__(self, text: str, sentences: Sequence[ScoredSentence], gazetteer: Gazetteer | None = None) -> None:
        self._sentences = sentences
        self._gazetteer = gazetteer or Gazetteer.default()
        self._mentions = find_mentions(text, sentences, self._gazetteer)
        spoken = _spoken_of(self._mentions)
        self._shares: list[list[tuple[Mention, dict[str, float]]]] = [[] for _ in sentences]
        for mention in self._mentions:
            self._shares[mention.sentence].append((mention, _settled(mention.shares, spoken)))
        self._names = self._find_names(text)
        self._named: list[list[int]] = [[] for _ in sentences]
        for number, name in enumerate(self._names):
            for index, _ in name.occurrences:
                self._named[index].append(number)

    def place_of(self, kind: str, members: Sequence[int]) -> PlaceFinding:
        """Place, country and coordinates of the record made of some sentences.

        Args:
            kind: The record's type of event.
            members: Indexes of its sentences; others than the article has are passed over.

        Returns:
            All null with score 0 when the article names no country, nor anything that lies in one.
        """
        inside = sorted({index for index in members if 0 <= index < len(self._sentences)})
        near = within_reach(inside, len(self._sentences))
        countries = self._countries(set(inside), near)
        ranked = self._ranked(kind, inside, near, countries)
        place = next(iter(ranked), None)
        if place is not None and place.known:
            own = _settled(shares(place.known), countries)
            countries = _normalised({c: p * math.exp(_PLACE_SAYS * own.get(c, 0)) for c, p in countries.items()} or own)
        text = place.text if place else None
        if not countries:
            return PlaceFinding(text, None, None, None, None, 0.0)
        country = min(countries, key=lambda code: (-countries[code], code))
        found = _find(text, country, self._gazetteer) if text else None
        found = found or _nearby(ranked, country) or _middle(country, self._gazetteer)
        lat, lon, precision, known = found or (None, None, None, _COUNTRY_SURE)
        return PlaceFinding(text, country, lat, lon, precision, round(countries[country] * known, _DIGITS))

    def _countries(self, inside: set[int], near: Sequence[int]) -> dict[str, float]:
        """How likely each country is the record's, before its place is known; sums to 1."""
        heard: dict[tuple[str, str, str], float] = defaultdict(float)
        for mention, parts in (each for index in near for each in self._shares[index]):
            kind, zone = "fragment" if mention.fragment else mention.kind, _zone(mention, inside)
            for country, share in parts.items():
                heard[country, kind, zone] += share
        totals: dict[str, float] = defaultdict(float)
        for (country, kind, zone), amount in sorted(heard.items()):
            totals[country] += KIND_WEIGHTS[kind] * ZONE_WEIGHTS[zone] * math.sqrt(amount)
        return _normalised({country: total**_SHARPNESS for country, total in totals.items()})

    def _find_names(self, text: str) -> list[_Name]:
        """Location spans and other mentions of places, those of one name together, in the order of the text."""
        names: dict[str, _Name] = {}
        for index, sentence in enumerate(self._sentences):
            for span in sentence.spans:
                written = text[span.start : span.end]
                if span.role == "location" and written.strip():
                    name = names.setdefault(fold(written), _Name(written, self._gazetteer.lookup(written), set()))
                    name.marked = True
                    name.occurrences.add((index, span.start))
        for mention in self._mentions:
            is_place = mention.kind != "adjective" and (mention.kind != "country" or mention.role == "location")
            if is_place and not mention.fragment:
                known = mention.candidates or self._gazetteer.lookup(mention.name)
                name = names.setdefault(fold(mention.name), _Name(mention.name, known, set()))
                name.within |= not name.marked and mention.role == "location"
                name.occurrences.add((mention.sentence, mention.start))
        return sorted(names.values(), key=lambda name: min(name.occurrences))

    def _ranked(
        self, kind: str, inside: Sequence[int], near: Sequence[int], countries: Mapping[str, float]
    ) -> list[_Name]:
        """The names that the weights favour over having no place, the best first."""
        told: dict[int, list[int]] = defaultdict(list)
        for index in near:
            for number in self._named[index]:
                told[number].append(index)
        scored = [
            (
                sum(
                    PLACE_WEIGHTS[key] * value
                    for key, value in self._features(self._names[number], told[number], kind, inside, countries)
                ),
                self._names[number],
            )
            for number in sorted(told)
        ]
        better = [(score, name) for score, name in scored if score > PLACE_WEIGHTS["none"]]
        return [name for _, name in sorted(better, key=lambda pair: -pair[0])]

    def _features(
        self, name: _Name, told: Sequence[int], kind: str, inside: Sequence[int], countries: Mapping[str, float]
    ) -> Iterator[tuple[str, float]]:
        """What speaks for a name; ``told`` are the sentences within reach in which it stands, ascending."""
        away = [distance(index, inside) for index in told]
        within = sum(count == 0 for count in away)
        yield "inside", math.sqrt(within)
        yield "outside", math.sqrt(len(told) - within)
        yield "nearness", 1 / (1 + min((count for count in away if count is not None), default=len(told)))
        yield "same_type", not within and any(kind in self._sentences[index].events for index in told)
        yield "later", bool(inside) and told[0] > inside[-1]
        yield "lead", told[0] < _LEAD_SENTENCES
        codes = {candidate.country for candidate in name.known}
        yield "agreement", max((countries.get(code, 0.0) for code in codes), default=_UNKNOWN_AGREES)
        yield "generic", not any(letter.isupper() for letter in name.text)
        yield "country", bool(name.known) and name.known[0].precision == "country"
        yield "coarse", self._is_coarse(name)
        yield "unmarked", not name.marked and not name.within
        yield "within", name.within and not name.marked

    def _is_coarse(self, name: _Name) -> bool:
        """Whether a name is a part of the country rather than a town: "western Kazakhstan", "Iraqi border"."""
        words = name.text.split()
        if any(word.lower().replace("-", " ") in _DIRECTIONS for word in words):
            return True
        nations, adjectives = self._gazetteer.country_words, self._gazetteer.adjectives
        return not name.known and any(word in nations or word in adjectives for word in words)


def locate(
    place: str, country: str | None, gazetteer: Gazetteer | None = None
) -> tuple[float, float, str, float] | None:
    """Coordinates of a place name, for records that were merged.

    Args:
        place: As a text writes it.
        country: Alpha-3 code that it is in, or None where that is not known.
        gazetteer: Another than the one that comes with the package.

    Returns:
        Degrees of latitude and longitude, what they are the middle of (``place``, ``region``, ``country``), and a score
        from 0 to 1; the country's middle where nothing finer is known, None when neither says anything.
    """
    gazetteer = gazetteer or Gazetteer.default()
    if country is None:
        weights = shares(gazetteer.lookup(place))
        if not weights:
            return None
        country = min(weights, key=lambda code: (-weights[code], code))
        sure = weights[country]
    else:
        sure = 1.0
    found = _find(place, country, gazetteer) or _middle(country, gazetteer)
    return (*found[:3], round(sure * found[3], _DIGITS)) if found else None


def is_southern(lat: float | None) -> bool:
    """Whether a place at so many degrees of latitude has its summer in December; an unknown one has not."""
    return lat is not None and lat < 0


_Found = tuple[float, float, str, float]
"""Latitude and longitude in degrees, their precision, and how sure the place is there if the country is right."""


def _find(place: str, country: str, gazetteer: Gazetteer) -> _Found | None:
    """By the whole name, else by its longest part that the gazetteer has in that country."""
    for part, sure in _parts(place):
        for candidate in gazetteer.lookup(part):
            if candidate.country == country:
                return candidate.lat, candidate.lon, candidate.precision, _SURE[candidate.precision] * sure
    return None


def _nearby(ranked: Sequence[_Name], country: str) -> _Found | None:
    """A street or a village that nobody lists lies around the next likely name of the record that is listed."""
    for name in ranked:
        for candidate in name.known:
            if candidate.country == country and candidate.precision != "country":
                return candidate.lat, candidate.lon, "region", _NEARBY_SURE
    return None


def _middle(country: str, gazetteer: Gazetteer) -> _Found | None:
    nation = gazetteer.countries.get(country)
    return (nation.lat, nation.lon, "country", _COUNTRY_SURE) if nation else None


def _parts(place: str) -> Iterator[tuple[str, float]]:
    """The name, then runs of its words that start with a capital, the longest first and earlier ones before later."""
    yield place, 1.0
    words = place.replace(",", " ").split()
    for length in range(len(words) - 1, 0, -1):
        for first in range(len(words) - length + 1):
            if words[first][0].isupper():
                yield " ".join(words[first : first + length]), _PART_OF_NAME


def _spoken_of(mentions: Sequence[Mention]) -> dict[str, float]:
    """How much an article speaks of each country, towns counting half."""
    amounts: dict[str, float] = defaultdict(float)
    for mention in mentions:
        weight = _TOWN_SAYS if mention.kind in ("place", "region") else 1.0
        for country, share in mention.shares.items():
            amounts[country] += weight * share
    return amounts


def _settled(parts: Mapping[str, float], spoken: Mapping[str, float]) -> dict[str, float]:
    """Shares of an ambiguous name, weighted by what else is spoken of; their sum stays as it was."""
    total = sum(parts.values())
    weighted = _normalised({code: share * (spoken.get(code, 0.0) + _ANY_COUNTRY) for code, share in parts.items()})
    return {code: share * total for code, share in weighted.items()}


def _normalised(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {key: weight / total for key, weight in weights.items()} if total > 0 else {}


def _zone(mention: Mention, inside: set[int]) -> str:
    if mention.role in ("actor", "source"):
        return "voice"
    return f"{'location' if mention.role == 'location' else 'text'}_{'in' if mention.sentence in inside else 'out'}"
