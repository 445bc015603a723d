"""The label set: every key that annotations, models and records use, in its one fixed order.

The keys and their meaning are those of ``data/gold/GUIDELINES.md``. A model folder stores the order it was
trained with, so a change here never silently renames the outputs of a model that exists already.
"""

from typing import Final, Literal

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


class Layer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question to which every unit of a text has an answer.

    ``choice``: with ``any`` the answer is a set of the keys, with ``one`` it is exactly one of them. ``level``: the
    unit is a sentence, or the whole document.
    """

    name: str
    keys: tuple[str, ...]
    choice: Literal["any", "one"] = "any"
    level: Literal["sentence", "document"] = "sentence"

    def __post_init__(self) -> None:
        """Refuse what cannot be learned.

        Raises:
            ValueError: When the name is no plain word, a key is doubled, or there are too few.
        """
        if not self.name.isidentifier():
            raise ValueError(f"layer name {self.name!r} must be letters, digits and _, and begin with a letter")
        if len(set(self.keys)) < len(self.keys):
            raise ValueError(f"layer {self.name!r} names a key twice")
        least = 2 if self.choice == "one" else 1
        if len(self.keys) < least:
            raise ValueError(f"layer {self.name!r} has {len(self.keys)} keys; a choice of {self.choice} needs {least}")


class LabelSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a model says of a text, in the order of its outputs: layers of keys, and roles of spans."""

    layers: tuple[Layer, ...]
    roles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse layers that cannot be told apart.

        Raises:
            ValueError: When there is no layer, or two have the same name.
        """
        names = [layer.name for layer in self.layers]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"a label set needs layers with names of their own, found {names}")

    def keys(self, name: str) -> tuple[str, ...]:
        """Keys of the layer with that name; an unknown name is a KeyError."""
        return {layer.name: layer.keys for layer in self.layers}[name]


LABELS: Final = LabelSet(
    (Layer("events", EVENT_TYPES), Layer("responsibility", RESPONSIBILITY), Layer("source", SOURCES, "one")), ROLES
)
"""The label set of the guidelines."""
