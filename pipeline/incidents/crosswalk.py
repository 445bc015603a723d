"""Event types and responsibility in the terms of PLOVER, CAMEO, ACLED, GTD and MUC-4.

All codes, their sources and what cannot be told apart stand in ``data/crosswalk.yaml``; this module only reads it.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec
import yaml

from pipeline.labels import ATTRIBUTION_STRENGTH
from pipeline.schema import CountRange, Incident, Record

SCHEMES: Final = ("plover", "cameo", "acled", "gtd")
"""Keys of ``MergedIncident.crosswalk``."""

_ROOT_DIGITS: Final = 2


class Plover(Record, frozen=True):
    """What, how and why; mode and context are null where the type does not settle them."""

    event: str
    mode: str | None
    context: str | None


class GtdStatus(Record, frozen=True):
    """Whether a group claimed the attack, and whether its attribution is uncertain: 0, 1 or null."""

    claimed: int | None
    guncertain: int | None


class Condition(Record, frozen=True):
    """What a record must show for a finer code: one of these words in a weapon, at least so many killed."""

    weapons: tuple[str, ...] = ()
    killed: int | None = None


class Refinement(Record, frozen=True):
    """Finer codes under a condition; what is null stays as it is for the type."""

    when: Condition
    plover: Plover | None = None
    cameo: str | None = None
    acled: str | None = None


class TypeRow(Record, frozen=True):
    """An event type in each scheme: ACLED by its sub-event type, GTD by the number of its attack type."""

    plover: Plover | None
    cameo: str | None
    acled: str | None
    gtd: int | None
    note: str
    refine: tuple[Refinement, ...] = ()


class ResponsibilityRow(Record, frozen=True):
    """A responsibility key in each scheme; ``muc4_by_source`` is finer where the source's type is known."""

    plover: Plover | None
    cameo: str | None
    acled: str | None
    gtd: GtdStatus
    muc4: str | None
    note: str
    muc4_by_source: dict[str, str] = msgspec.field(default_factory=dict)


class CameoRoot(Record, frozen=True):
    """A two-digit root of CAMEO with the three- and four-digit codes below it."""

    name: str
    codes: tuple[str, ...]


class Scheme(Record, frozen=True, kw_only=True):
    """A codebook, where in it the codes stand, and the codes themselves under the names that it uses."""

    name: str
    codebook: str
    version: str
    year: int
    section: str
    url: str
    note: str
    events: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    contexts: tuple[str, ...] = ()
    roots: dict[str, CameoRoot] = msgspec.field(default_factory=dict)
    event_types: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    attack_types: dict[int, str] = msgspec.field(default_factory=dict)
    claimed: dict[int, str] = msgspec.field(default_factory=dict)
    guncertain: dict[int, str] = msgspec.field(default_factory=dict)
    confidence: tuple[str, ...] = ()


class Crosswalk(Record, frozen=True):
    """The whole data file."""

    schemes: dict[str, Scheme]
    types: dict[str, TypeRow]
    responsibility: dict[str, ResponsibilityRow]


class Codes(Record, frozen=True, kw_only=True):
    """One incident in every scheme; all null for a type that the data file does not have."""

    plover: Plover | None = None
    cameo: str | None = None
    acled_event: str | None = None
    acled_sub_event: str | None = None
    gtd_attack: int | None = None
    gtd_attack_name: str | None = None
    gtd_claimed: int | None = None
    gtd_guncertain: int | None = None
    muc4: str | None = None

    @property
    def cameo_root(self) -> str | None:
        """The first two digits of the CAMEO code."""
        return self.cameo[:_ROOT_DIGITS] if self.cameo else None


@cache
def load_crosswalk() -> Crosswalk:
    """The data file, read once."""
    text = files("pipeline.incidents").joinpath("data", "crosswalk.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), Crosswalk)


def codes_of(
    kind: str,
    attribution: str | None = None,
    *,
    weapons: Sequence[str] = (),
    killed: CountRange | None = None,
    source_types: Iterable[str | None] = (),
) -> Codes:
    """The nearest codes for an incident.

    Args:
        kind: Event type.
        attribution: Its strongest responsibility key, if any.
        weapons: As the text names them; they can settle a finer code ("car bomb").
        killed: How many died; settles the force of ACLED's interventions against protests.
        source_types: Types of the sources that the attribution is from, for MUC-4.

    Returns:
        Codes of the data file. GTD's claimed and guncertain are only set with an attack type.
    """
    table = load_crosswalk()
    row = table.types.get(kind)
    status = table.responsibility.get(attribution or "")
    muc4 = _confidence(status, source_types) if status else None
    if row is None:
        return Codes(muc4=muc4)
    fitting = [finer for finer in row.refine if _fits(finer.when, weapons, killed)]
    sub_event = next((finer.acled for finer in fitting if finer.acled), row.acled)
    gtd = status.gtd if status and row.gtd is not None else None
    return Codes(
        plover=next((finer.plover for finer in fitting if finer.plover), row.plover),
        cameo=next((finer.cameo for finer in fitting if finer.cameo), row.cameo),
        acled_event=_acled_event(sub_event),
        acled_sub_event=sub_event,
        gtd_attack=row.gtd,
        gtd_attack_name=None if row.gtd is None else table.schemes["gtd"].attack_types[row.gtd],
        gtd_claimed=gtd.claimed if gtd else None,
        gtd_guncertain=gtd.guncertain if gtd else None,
        muc4=muc4,
    )


def crosswalk_of(
    kind: str,
    attribution: str | None = None,
    *,
    weapons: Sequence[str] = (),
    killed: CountRange | None = None,
) -> dict[str, str | None]:
    """The codes as text, a value per scheme of ``SCHEMES``: the value of ``MergedIncident.crosswalk``.

    For the arguments see ``codes_of``. Example: plover ``ASSAULT:heavy-weapons (military)``, cameo ``194``, acled
    ``Explosions/Remote violence: Shelling/artillery/missile attack``, gtd ``3 Bombing/Explosion; guncertain=1``.
    """
    return as_text(codes_of(kind, attribution, weapons=weapons, killed=killed))


def as_text(codes: Codes) -> dict[str, str | None]:
    """Codes as one text per scheme of ``SCHEMES``, null where the scheme has nothing."""
    gtd = None
    if codes.gtd_attack is not None:
        flags = {"claimed": codes.gtd_claimed, "guncertain": codes.gtd_guncertain}
        told = [f"{name}={value}" for name, value in flags.items() if value is not None]
        gtd = "; ".join([f"{codes.gtd_attack} {codes.gtd_attack_name}", *told])
    plover = None
    if codes.plover is not None:
        mode = f":{codes.plover.mode}" if codes.plover.mode else ""
        context = f" ({codes.plover.context})" if codes.plover.context else ""
        plover = f"{codes.plover.event}{mode}{context}"
    acled = f"{codes.acled_event}: {codes.acled_sub_event}" if codes.acled_sub_event else None
    return {"plover": plover, "cameo": codes.cameo, "acled": acled, "gtd": gtd}


def codes_of_records(kind: str, records: Sequence[Incident]) -> Codes:
    """The codes of one happening, of the type that its records' votes gave it, from the records that tell it.

    Takes the strongest attribution, all weapons, and the highest number of killed that any record is sure of. The
    result does not depend on the order of the records.
    """
    attribution = strongest_attribution(records)
    surely = [record.killed.min for record in records if record.killed and record.killed.min is not None]
    return codes_of(
        kind,
        attribution,
        weapons=[weapon for record in records for weapon in record.weapons],
        killed=CountRange(max(surely), None) if surely else None,
        source_types=[
            claim.source_type
            for record in records
            for claim in record.claims
            if claim.about == "responsibility" and claim.status == attribution
        ],
    )


def strongest_attribution(records: Iterable[Incident]) -> str | None:
    """The strongest responsibility status that any of the records has (GUIDELINES section 5)."""
    told = {record.attribution for record in records}
    return next((key for key in ATTRIBUTION_STRENGTH if key in told), None)


def _confidence(status: ResponsibilityRow, source_types: Iterable[str | None]) -> str | None:
    finer = {status.muc4_by_source[kind] for kind in source_types if kind in status.muc4_by_source}
    return min(finer, default=status.muc4)


def _fits(condition: Condition, weapons: Sequence[str], killed: CountRange | None) -> bool:
    if condition.killed is not None:
        return killed is not None and killed.min is not None and killed.min >= condition.killed
    pattern = _any_of(condition.weapons)
    return any(pattern.search(weapon) for weapon in weapons)


@cache
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """One of the words, whole, in either case, singular or plural."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})s?(?!\w)", re.IGNORECASE)


def _acled_event(sub_event: str | None) -> str | None:
    types = load_crosswalk().schemes["acled"].event_types
    return next((event for event, subs in types.items() if sub_event in subs), None)
