"""What the head noun of a noun phrase tells: one person or not, one thing or many, a thing that is not counted."""

import re
from typing import Final


def lexicon(words: str) -> tuple[str, ...]:
    """The words of a list written with blanks between them."""
    return tuple(words.split())


_PERSONS: Final = frozenset(
    lexicon(
        "actress admiral adult advocate aide ambassador apprentice attaché aunt baby beekeeper beggar bishop "
        "boarder bosun boy bride brigadier brother brother-in-law bureaucrat bursar bystander cadet candidate "
        "captain carer caretaker catechist chaplain chief child civilian cleric clerk coach colonel commander "
        "commissar comrade conscript constable consul cook cop corporal cousin daughter deacon delegate deputy "
        "diplomat employee envoy father female fireman gendarme general girl goatherd groom guard guide helmsman "
        "hero hostess husband imam infant interpreter judge king lad lieutenant lookout magistrate major male man "
        "mate mechanic medic midwife monk mother nephew niece nightwatchman nun nurse official orderly "
        "paratrooper partner passer-by pastor patriarch peacekeeper pensioner photographer pilot politician "
        "porter prefect priest prince princess private pupil queen rabbi recruit registrar reservist sacristan "
        "scholar seamstress secretary sergeant sheikh shepherd sister skipper son spy student teen thief toddler "
        "trainee translator uncle vice-consul victim vigilante waitress widow wife witness woman youth"
    )
)

_THINGS: Final = frozenset(
    lexicon(
        "altar apartment barrier boiler boulder bulldozer bunker caravan cellar cement center centre chamber "
        "character computer container corner corridor counter crater cruiser cutter department detachment "
        "dispenser document door elevator encampment equipment establishment event fighter-bomber floor freighter "
        "gazebo generator government hangar harbor helicopter investment locker mirror monument mortar motor "
        "number paper parliament pier pillar plant power printer quarter reactor regiment restaurant river roller "
        "schooner sector settlement sewer shelter steamer tanker tent theater tower tractor trailer transformer "
        "transmitter trawler van water"
    )
)
"""Things whose name ends like a person's (see `_PERSON_ENDING`)."""

_PLURALS: Final = frozenset(
    lexicon(
        "army band brothers cattle children clergy couple crew crowd families family folk forces group guard men "
        "militia others party passers-by patrol people personnel police staff team troops twins unit women youth"
    )
)
"""Plurals without s, and bodies of people."""

_PLACES: Final = frozenset(
    lexicon(
        "airport bank bar barracks base bridge building bus camp church clinic club college committee company "
        "consulate council court depot embassy front gate hall hospital hotel house institute league mall market "
        "ministry mosque movement museum office palace park party plaza port post road school ship square station "
        "street temple train union university yard"
    )
)
"""Last words of capitalised names that are no person's."""

MASS_NOUNS: Final = frozenset(
    lexicon(
        "acid aircraft ammunition artillery dynamite explosive explosives fertiliser fertilizer fire fuel gas gasoline "
        "gelignite gunfire gunpowder kerosene ordnance paraffin petrol powder semtex tnt"
    )
)
"""Weapons that no article or number counts."""

_PERSON_ENDING: Final = re.compile(r"(?:er|or|ist|man|woman|ian|ant|eer|ent|boy|girl|herd|nik|maker|smith|wright)$")
_HEAD_END: Final = re.compile(r" (?:of|in|from|at|on|for|who|near|to|with)\b|,")


def is_person(phrase: str) -> bool:
    """Whether a noun phrase names one person: by a name, or by a word for a person in the singular."""
    head = _HEAD_END.split(phrase)[0].split()
    if not head:
        return False
    last = head[-1].lower().strip("'’\"”“‘")
    if last in _PERSONS:
        return True
    if last in _THINGS or not is_singular(last):
        return False
    named = len(head) > 1 and all(word[:1].isupper() for word in head) and last not in _PLACES
    return named or _PERSON_ENDING.search(last) is not None


def is_singular(noun: str) -> bool:
    """Whether an English noun looks like a singular."""
    return noun not in _PLURALS and not (noun.endswith("s") and not noun.endswith(("ss", "us", "is")))
