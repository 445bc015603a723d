"""Names of places and of countries, offline: what a name can mean, where that is, and how many live there.

Two files in ``data`` beside this module. ``gazetteer.npz`` holds 170,000 cities with their other names and 40,000
provinces and districts; it is written by ``python -m pipeline.incidents.gazetteer_build`` and contains data of
GeoNames (https://www.geonames.org, CC BY 4.0), shortened and rounded to .01 degrees. ``countries.tsv`` is our own:
for each country its middle, its names in news, its adjectives and demonyms, and the capitals that stand for its state.

The countries' other names come from ``pycountry`` (ISO 3166-1); Kosovo, which has no code there, is XKX.
"""

import csv
import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import pycountry
from numpy.typing import NDArray

_DATA: Final = Path(__file__).with_name("data")
PLACES_FILE: Final = _DATA / "gazetteer.npz"
COUNTRIES_FILE: Final = _DATA / "countries.tsv"
PRECISIONS: Final = ("place", "region", "country")
"""From finest to coarsest; the gazetteer's file stores their index."""

PLACE_DTYPE: Final = np.dtype(
    [("country", "u1"), ("latitude", "<i2"), ("longitude", "<i2"), ("population", "<u4"), ("precision", "u1")]
)
"""A row of the gazetteer's file: index of its country codes, hundredths of degrees, persons, index of PRECISIONS."""

HUNDREDTHS: Final = 100
_REGION_SHARE: Final = 0.5
_UNFOLDABLE: Final = str.maketrans(
    {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ə": "a", "ħ": "h", "-": " "}
    | dict.fromkeys("'’‘`´ʻʼʿʾ“”\"", "")
)
_KINDS: Final = (
    r"province|governorate|district|region|state|county|prefecture|department|oblast|division|municipality|territory"
    r"|commune|canton|raion|wilaya|krai|republic"
)
_KIND_BEFORE: Final = re.compile(rf"^(?:the )?(?:{_KINDS}|city|town|village) of ")
_KIND_AFTER: Final = re.compile(rf" (?:{_KINDS})s?$")
_SETTLEMENT_AFTER: Final = re.compile(r" (?:city|town|village)$")


class Candidate(msgspec.Struct, frozen=True):
    """One thing that a name can mean.

    ``country`` is ISO 3166-1 alpha-3, ``lat`` and ``lon`` are degrees, ``population`` counts persons to two digits (0:
    not known; a region's is the sum of its towns), ``precision`` is one of ``PRECISIONS``.
    """

    country: str
    lat: float
    lon: float
    population: int
    precision: str


class Country(msgspec.Struct, frozen=True):
    """A country as news writes it; ``lat`` and ``lon`` are the degrees of its middle."""

    code: str
    lat: float
    lon: float
    names: tuple[str, ...]
    adjectives: tuple[str, ...]
    capitals: tuple[str, ...]


@lru_cache(maxsize=1 << 16)
def fold(name: str) -> str:
    """The form in which names are compared: no case, accents, apostrophes or hyphens, single blanks."""
    plain = unicodedata.normalize("NFKD", name.casefold()).translate(_UNFOLDABLE)
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


def without_kind(folded: str) -> str:
    """A folded name without the word for its kind: "anbar province" and "province of anbar" give "anbar"."""
    bare = _SETTLEMENT_AFTER.sub("", _KIND_AFTER.sub("", _KIND_BEFORE.sub("", folded)))
    return folded if bare in ("", "the") else bare


def names_region(folded: str) -> bool:
    """Whether a folded name says itself that it is a province, a district or the like."""
    return bool(_KIND_AFTER.search(folded) or _KIND_BEFORE.search(folded))


class Gazetteer:
    """Names to what they can mean. Loading reads one file of a few megabytes; lookups search its sorted names.

    Args:
        places: The file that ``gazetteer_build`` writes.
        countries: The table of countries.
    """

    def __init__(self, places: Path = PLACES_FILE, countries: Path = COUNTRIES_FILE) -> None:
        self.countries: Mapping[str, Country] = {country.code: country for country in _read_countries(countries)}
        with np.load(places, allow_pickle=False) as stored:
            self._names = stored["names"].tobytes().split(b"\n")
            self._member_ends: NDArray[np.uint32] = np.cumsum(stored["member_counts"], dtype=np.uint32)
            self._members: NDArray[np.uint32] = stored["members"]
            self._places: NDArray[np.void] = stored["places"]
            self._codes: list[str] = stored["countries"].tolist()
        self._lookup = lru_cache(maxsize=100_000)(self._search)

    @classmethod
    @cache
    def default(cls) -> "Gazetteer":
        """The gazetteer that comes with the package, loaded once."""
        return cls()

    def lookup(self, name: str) -> tuple[Candidate, ...]:
        """What a name can mean, countries first, then by population; empty when nothing is known.

        A word for the kind of place may stand beside the name ("Anbar province", "city of Mosul"); one for a region
        puts regions before towns.
        """
        return self._lookup(fold(name))

    @cached_property
    def country_words(self) -> Mapping[str, frozenset[str]]:
        """Every name of a country as written, and the codes that it can stand for."""
        return _codes_by_word((name, c.code) for c in self.countries.values() for name in c.names)

    @cached_property
    def adjectives(self) -> Mapping[str, frozenset[str]]:
        """Every adjective and demonym, plural demonyms too, and the codes that it can stand for."""
        words = ((word, c.code) for c in self.countries.values() for word in c.adjectives)
        return _codes_by_word((form, code) for word, code in words for form in (word, f"{word}s"))

    @cached_property
    def capitals(self) -> Mapping[str, frozenset[str]]:
        """Folded names of the towns that stand for a state, and its code."""
        return _codes_by_word((fold(name), c.code) for c in self.countries.values() for name in c.capitals)

    @cached_property
    def _folded_countries(self) -> Mapping[str, frozenset[str]]:
        return _codes_by_word((fold(name), c.code) for c in self.countries.values() for name in c.names)

    def _search(self, folded: str) -> tuple[Candidate, ...]:
        codes = sorted(self._folded_countries.get(folded, ()))
        nations = [Candidate(code, self.countries[code].lat, self.countries[code].lon, 0, "country") for code in codes]
        bare = without_kind(folded)
        places = dict.fromkeys(place for name in dict.fromkeys((folded, bare)) for place in self._places_named(name))
        region_first = names_region(folded)
        return (
            *nations,
            *sorted(
                places,
                key=lambda c: (region_first and c.precision != "region", -_prominence(c), c.country, c.lat, c.lon),
            ),
        )

    def _places_named(self, folded: str) -> Iterator[Candidate]:
        key = folded.encode(errors="replace")
        index = bisect_left(self._names, key)
        if not key or index == len(self._names) or self._names[index] != key:
            return
        start = int(self._member_ends[index - 1]) if index else 0
        rows = self._places[self._members[start : self._member_ends[index]]]
        for country, latitude, longitude, population, precision in rows.tolist():
            yield Candidate(
                self._codes[country],
                latitude / HUNDREDTHS,
                longitude / HUNDREDTHS,
                population,
                PRECISIONS[precision],
            )


def _prominence(candidate: Candidate) -> float:
    """How likely a candidate is meant among others of its name: its people, half of them for a region."""
    return candidate.population * (_REGION_SHARE if candidate.precision == "region" else 1)


def _read_countries(path: Path) -> list[Country]:
    known = {row.alpha_3: row for row in pycountry.countries}
    with path.open(encoding="utf-8", newline="") as handle:
        return [
            Country(
                row["code"],
                float(row["lat"]),
                float(row["lon"]),
                tuple(dict.fromkeys([*_cells(row["names"]), *_iso_names(known.get(row["code"]))])),
                _cells(row["adjectives"]),
                _cells(row["capitals"]),
            )
            for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def _cells(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)


def _iso_names(row: object) -> list[str]:
    """Names without a comma: "Korea, Republic of" would make "Korea" the south's alone."""
    names = [getattr(row, field, None) for field in ("name", "common_name", "official_name")]
    return [name for name in names if name and "," not in name]


def _codes_by_word(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for word, code in pairs:
        found.setdefault(word, set()).add(code)
    return {word: frozenset(codes) for word, codes in found.items()}


def population_weight(population: int) -> float:
    """How much more likely the larger of two towns of one name is meant: grows with the square root of its people."""
    return math.sqrt(max(population, 500))
