"""Country names in a text, by ``pycountry`` (ISO 3166)."""

import re
from functools import cache

import pycountry


def find_country(texts: list[str]) -> str | None:
    """The alpha-3 code of the country that is named first, looking through the texts in their order."""
    pattern, codes = _names()
    for text in texts:
        match = pattern.search(text)
        if match:
            return codes[match[0].lower()]
    return None


@cache
def _names() -> tuple[re.Pattern[str], dict[str, str]]:
    codes: dict[str, str] = {"kosovo": "XKX"}
    for country in pycountry.countries:
        for field in ("name", "common_name", "official_name"):
            name = getattr(country, field, None)
            if name:
                codes.setdefault(name.split(",")[0].lower(), country.alpha_3)
    longest_first = sorted(codes, key=lambda name: (-len(name), name))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE), codes
