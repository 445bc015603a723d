"""Keyword rules for the two MUC-4 benchmarks, written from the benchmark's description and the training part only."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from benchmarks.field_muc import naming_sentences
from benchmarks.field_rows import Row

_TYPES: Final = {
    "ATTACK": (
        r"murder(?:ed|s)?|assassinat(?:ed|ion|ions)|ambush\w*|massacr\w*|gunned down|machine-?gunned|slain|"
        r"shot (?:dead|to death)|(?:was|were|been) (?:shot|killed|attacked)|killing of|death squads?|attacked|"
        r"attack on|attack against",
        1,
    ),
    "BOMBING": (
        r"bombs?|bombing|car-?bombs?|dynamite|explosions?|exploded|detonated|went off|blew up|blown up",
        2,
    ),
    "KIDNAPPING": (r"kidnap(?:ped|ping|pings|pers)?|abduct(?:ed|ion|ors)?|hostages?", 2),
    "ARSON": (
        r"arson|set fire|set on fire|set afire|set \w+ on fire|(?:was|were|and|they) burned|burning of|torched",
        1,
    ),
    "ROBBERY": (r"robbed|robbery|robberies|holdup", 1),
    "FORCED WORK STOPPAGE": (r"work stoppages?|transport(?:ation)? stoppages?", 1),
}
"""Words of each incident type, and how many of them a document must have: what fits the training part best."""

_CLAIMED: Final = (
    r"(?:claim\w*|admit\w*|accept\w*|assum\w*|took|acknowledg\w*) (?:the |full |its )?(?:responsib\w+|credit)|"
    r"claimed to have|(?:had|has|have) carried out"
)
_ALLEGED: Final = (
    r"accus\w+|blam\w+|suspect\w*|alleged\w*|attribut\w+|presum\w+|believ\w+|possib\w+|probabl\w+|"
    r"responsible for|held responsible|charged with|denounc\w+|condemn\w+|implicat\w+|involve(?:d|ment)|"
    r"could have|may have|might have|must have|linked to|supposed\w*|reportedly|authorities|denied|denies|"
    r"investigat\w+|thought to"
)


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)


_TYPE_PATTERNS: Final = {key: (_pattern(words), least) for key, (words, least) in _TYPES.items()}
_CLAIMED_PATTERN, _ALLEGED_PATTERN = _pattern(_CLAIMED), _pattern(_ALLEGED)


def incident_types(row: Row) -> tuple[str, ...]:
    """The types of which the document has enough words."""
    return tuple(k for k, (words, least) in _TYPE_PATTERNS.items() if len(words.findall(row.text)) >= least)


def confidence(row: Row) -> tuple[str, ...]:
    """CLAIMED, then ALLEGED, by the words in the sentences that name the organization; otherwise FACT."""
    naming = " ".join(naming_sentences(row))
    if _CLAIMED_PATTERN.search(naming):
        return ("CLAIMED",)
    return ("ALLEGED",) if _ALLEGED_PATTERN.search(naming) else ("FACT",)


RULES: Final[dict[str, Callable[[Row], tuple[str, ...]]]] = {
    "muc_types": incident_types,
    "muc_confidence": confidence,
}
"""The rule of each benchmark that has one."""


class KeywordRules:
    """Rules as a learner that learns nothing, and its own predictor."""

    name = "keyword_rules"
    seeded = False

    def __init__(self, rule: Callable[[Row], tuple[str, ...]]) -> None:
        self._rule = rule

    def fit(
        self, train: Sequence[Row], keys: Sequence[str], single: bool, seed: int, dev: Sequence[Row] = ()
    ) -> "KeywordRules":
        """Nothing to learn."""
        return self

    def predict(self, rows: Sequence[Row]) -> list[tuple[str, ...]]:
        """Apply the rule."""
        return [self._rule(row) for row in rows]
