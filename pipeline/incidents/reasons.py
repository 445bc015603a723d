"""Why a pair was joined, in words: what its features say, the ones that contributed most first."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.incidents.similarity import FEATURES, MergerParameters
from pipeline.incidents.table import Entry, day_number, words_of
from pipeline.schema import CountRange, DateRange

_MOST_PHRASES: Final = 4
_WORDS_SHOWN: Final = 3

_FACTS: Final = tuple(dict.fromkeys(name.split("_")[0] for name in FEATURES))
_FACT_OF_FEATURE: Final = tuple(_FACTS.index(name.split("_")[0]) for name in FEATURES)

Phrase = Callable[[Entry, Entry], str | None]


def reason(features: NDArray[np.float64], merger: MergerParameters, first: Entry, second: Entry) -> str:
    """The facts that spoke most for joining two records.

    Args:
        features: Of the pair, shape (features,).
        merger: Whose weights say how much each feature contributed.
        first: One record.
        second: The other.
    """
    weighed = features * np.array([merger.weights.get(name, 0.0) for name in FEATURES])
    contributions = np.bincount(_FACT_OF_FEATURE, weights=weighed)
    order = np.argsort(-contributions, kind="stable")
    facts = (_FACTS[number] for number in order.tolist() if contributions[number] > 0)
    phrases = (phrase for fact in facts if (phrase := _PHRASES[fact](first, second)))
    said = list(dict.fromkeys(islice(phrases, _MOST_PHRASES)))
    whole = [one for one in said if not any(other != one and other.startswith(one) for other in said)]
    return ", ".join(whole) or "nothing in them differs"


def shared_names(one: Sequence[str], other: Sequence[str]) -> list[str]:
    """What two records call alike: for each name the shortest text of either side with the words that both have."""
    missing = words_of(one) & words_of(other)
    if not missing:
        return []
    found: list[str] = []
    for text in sorted({*one, *other}, key=lambda text: (len(text), text)):
        new = words_of([text]) & missing
        if new:
            found.append(text)
            missing -= new
    return found


def _type(first: Entry, second: Entry) -> str:
    one, other = first.incident.type, second.incident.type
    return f"both {one}" if one == other else f"{one} and {other} may be one"


def _date(first: Entry, second: Entry) -> str | None:
    one, other = first.incident.date, second.incident.date
    if one is None or other is None:
        return None
    if one == other and one.start is not None:
        return f"same day {one.start}" if one.start == one.end else f"same dates {_range(one)}"
    return f"dates meet ({_range(one)}, {_range(other)})"


def _range(dates: DateRange) -> str:
    return dates.start or "" if dates.start == dates.end else f"{dates.start or '…'} to {dates.end or '…'}"


def _country(first: Entry, second: Entry) -> str | None:
    one, other = first.incident.country, second.incident.country
    return f"both in {one}" if one and one == other else None


def _named(*fields: str) -> Phrase:
    def phrase(first: Entry, second: Entry) -> str | None:
        shared = shared_names(_texts(first, fields), _texts(second, fields))[:_WORDS_SHOWN]
        return f"both name {' and '.join(shared)}" if shared else None

    return phrase


def _texts(entry: Entry, fields: Sequence[str]) -> list[str]:
    place = [entry.incident.place] if "place" in fields and entry.incident.place else []
    return place + [text for field in fields if field != "place" for text in getattr(entry.incident, field)]


def _counted(field: str, words: str) -> Phrase:
    def phrase(first: Entry, second: Entry) -> str | None:
        one, other = getattr(first.incident, field), getattr(second.incident, field)
        if one is None or other is None:
            return None
        return f"{_count(one)} {words} in both" if one == other else f"{_count(one)} and {_count(other)} {words}"

    return phrase


def _count(count: CountRange) -> str:
    low, high = count.min or 0, count.max
    return str(low) if low == high else f"{low} or more" if high is None else f"{low} to {high}"


def _published(first: Entry, second: Entry) -> str | None:
    one, other = day_number(first.document.published), day_number(second.document.published)
    if one is None or other is None:
        return None
    days = abs(one - other)
    return "published the same day" if days == 0 else f"published {days} day{'' if days == 1 else 's'} apart"


def _main(first: Entry, second: Entry) -> str | None:
    return "what both articles are about" if first.incident.main and second.incident.main else None


def _aggregate(first: Entry, second: Entry) -> str | None:
    return "both sums of many" if first.incident.aggregate and second.incident.aggregate else None


def _context(first: Entry, second: Entry) -> str | None:
    fields = ("place", "targets", "actors")
    told = (
        [text for incident in entry.document.incidents for text in _texts(entry._replace(incident=incident), fields)]
        for entry in (first, second)
    )
    shared = shared_names(*told)[:_WORDS_SHOWN]
    return f"both articles name {' and '.join(shared)}" if shared else None


_PHRASES: Final[dict[str, Phrase]] = {
    "type": _type,
    "date": _date,
    "country": _country,
    "place": _named("place", "targets"),
    "target": _named("targets"),
    "actor": _named("actors"),
    "weapon": _named("weapons"),
    "names": _named("place", "targets", "actors"),
    "killed": _counted("killed", "killed"),
    "injured": _counted("injured", "hurt"),
    "weaponcount": _counted("weapon_count", "weapons"),
    "main": _main,
    "aggregate": _aggregate,
    "publication": _published,
    "context": _context,
}
