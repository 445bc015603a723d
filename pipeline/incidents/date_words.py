"""The words of English time expressions, and the pieces of pattern that find them."""

import calendar
import re
from collections.abc import Iterable
from typing import Final

MONTHS: Final = {name.lower()[:3]: number for number, name in enumerate(calendar.month_name) if name}
WEEKDAYS: Final = {name.lower()[:3]: number for number, name in enumerate(calendar.day_name)}
SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""First month of each season in the northern hemisphere."""

_COUNTING: Final = re.findall(
    r"\S+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty",
)
NUMBERS: Final = {word: number for number, word in enumerate(_COUNTING)} | {"a": 1, "an": 1, "thirty": 30, "forty": 40}
_ORDERING: Final = re.findall(
    r"\S+",
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth "
    "twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first",
)
ORDINALS: Final = {word: number for number, word in enumerate(_ORDERING, start=1)}


def alternatives(words: Iterable[str]) -> str:
    """A pattern for any of some words, the longest first."""
    return "|".join(sorted(words, key=len, reverse=True))


MONTH: Final = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
WEEKDAY: Final = r"(?P<weekday>(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
YEAR: Final = r"(?P<year>(?:18|19|20)\d\d)\b(?! ?(?:hours|hrs|gmt|local))"
DAY: Final = rf"(?:(?P<day>\d\d?)|(?P<ordinal>\d\d?(?:st|nd|rd|th)|{alternatives(ORDINALS)}))\b"
NUMBER: Final = rf"(?P<number>\d{{1,3}}|{alternatives(NUMBERS)})\b"
SEASON: Final = rf"(?P<season>{alternatives(SEASONS)})"
PART: Final = (
    r"(?:(?P<part>early|late|mid|start|beginning|middle|end|first days|last days)\b[- ]?(?:of |in )?(?:the )?)?"
)
SPELL: Final = r"(?:day|night|morning|afternoon|evening|dawn|noon)\b"
WEEKDAY_PREFIX: Final = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?(?:the )?"
WHICH: Final = r"(?P<which>last|this|that|next|previous|past|coming|following)"
WHOSE: Final = r"(?:,? (?:of )?(?P<whose>last|this|that|the previous) year)?"
SPAN_UNIT: Final = r"(?P<unit>minute|hour|day|night|week|fortnight|month|year)s?\b"
OF_MONTH: Final = (
    rf"(?P<which>last)?(?P<part>(?!))?(?:the month|{MONTH}(?:,? (?:of )?{YEAR})?(?:,? (?:of )?(?P<whose>last) year)?)"
)
NTH: Final = r"(?P<nth>first|second|third|fourth|last)"
THROUGH: Final = r"(?P<first>\d\d?)(?: and | to |-|–)(?P<last>\d\d?)"


def month_number(name: str) -> int:
    """1 to 12, for a month's name or abbreviation."""
    return MONTHS[name.lower()[:3]]


def exact_number(word: str) -> int:
    """A cardinal number that ``NUMBER`` matched."""
    return int(word) if word.isdigit() else NUMBERS[word.lower()]


def read_number(word: str) -> tuple[int | None, bool]:
    """A small cardinal or ordinal number, in letters or digits, and whether it is an ordinal."""
    word = word.lower()
    if word[-2:] in ("st", "nd", "rd", "th") and word[:-2].isdecimal():
        return int(word[:-2]), True
    if word in ORDINALS:
        return ORDINALS[word], True
    return (int(word) if word.isdecimal() else NUMBERS.get(word)), False


def day_number(match: re.Match[str]) -> int:
    """The day of a month that ``DAY`` matched."""
    if match["day"]:
        return int(match["day"])
    word = match["ordinal"].lower()
    return ORDINALS[word] if word in ORDINALS else int(word[:-2])
