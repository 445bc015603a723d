"""The label set: every key that annotations, models and records use, in its one fixed order.

The keys and their meaning are those of ``data/gold/GUIDELINES.md``. A model folder stores the order it was
trained with, so a change here never silently renames the outputs of a model that exists already.
"""

from typing import Final

import msgspec

EVENT_TYPES: Final = (
    "shelling_missile",
    "air_drone_strike",
    "explosive_device",
    "armed_assault",
    "armed_clash",
    "abduction",
    "protest",
    "riot",
    "repression",
    "law_enforcement",
    "accusation",
    "threat",
    "demand",
    "diplomacy",
    "security_measure",
)
"""Event types of a sentence (GUIDELINES section 1), a set per sentence."""

INCIDENT_TYPES: Final = EVENT_TYPES[: EVENT_TYPES.index("repression") + 1]
"""Physical happenings: the types that make an incident record (GUIDELINES section 5)."""

VIOLENT_TYPES: Final = tuple(key for key in INCIDENT_TYPES if key != "protest")
"""Types that can have a culprit (GUIDELINES section 2)."""

RESPONSIBILITY: Final = ("claimed", "accused", "stated", "denied", "unattributed")
"""Who is said to be responsible (GUIDELINES section 2), a set per sentence."""

ATTRIBUTION_STRENGTH: Final = ("claimed", "stated", "accused", "denied", "unattributed")
"""Responsibility keys from strongest to weakest, as the record's ``attribution`` orders them."""

SOURCES: Final = ("official", "unnamed_official", "armed_group", "media", "witness", "expert", "none")
"""Whose word the sentence's main new information is (GUIDELINES section 3), exactly one per sentence."""

ROLES: Final = ("actor", "target", "weapon", "location", "time", "killed", "injured", "source")
"""Roles of spans (GUIDELINES section 4)."""

CLAIM_SUBJECTS: Final = ("responsibility", "killed", "injured", "weapon_count", "damage")
"""What a claim of an incident record can be about."""

STYLES: Final = ("wire", "local", "broadcast", "statement", "blog", "spun", "live", "aggregator", "social")
"""Outlet styles of the corpus's reports."""

SPLITS: Final = ("train", "dev", "test")
"""Parts of the corpus; reports of one family are always in the same part."""


class LabelSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Keys of each task, in the order of a model's outputs."""

    events: tuple[str, ...]
    responsibility: tuple[str, ...]
    sources: tuple[str, ...]
    roles: tuple[str, ...]


LABELS: Final = LabelSet(EVENT_TYPES, RESPONSIBILITY, SOURCES, ROLES)
"""The label set of the guidelines."""
