"""The words everyone uses: frozen records, from annotated documents to extraction results.

All offsets are Unicode code points into the document's text, end-exclusive. No record holds a copy of a part
of the text where offsets say the same.
"""

from typing import Final

import msgspec

SCHEMA_VERSION: Final = 1
"""Version of the rows that ``extract`` writes."""


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all records: immutable, and strict when decoded from a file."""


class Span(Record, frozen=True):
    """A stretch of text that plays a role in a sentence; ``start`` and ``end`` count from the text's beginning."""

    role: str
    start: int
    end: int


class Sentence(Record, frozen=True):
    """A sentence with its labels (GUIDELINES sections 0 to 4)."""

    start: int
    end: int
    events: tuple[str, ...] = ()
    responsibility: tuple[str, ...] = ()
    source: str = "none"
    spans: tuple[Span, ...] = ()

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """Its keys in each layer of the label set."""
        return {"events": self.events, "responsibility": self.responsibility, "source": (self.source,)}


class DateRange(Record, frozen=True):
    """First and last day (ISO dates, both included) on which a happening can have taken place; null is open."""

    start: str | None
    end: str | None


class CountRange(Record, frozen=True):
    """Lowest and highest count reported; ``max`` is null when the text sets no upper bound."""

    min: int | None
    max: int | None


class Claim(Record, frozen=True):
    """One statement about a contested fact of an incident.

    ``sentence`` is the index of the sentence that carries it; ``start`` and ``end`` are its evidence in the text,
    null in annotations, which only name the sentence. ``contested`` says whether the article contests the fact, as far
    as can be told, which is what annotations list; the ledger takes all.
    """

    about: str
    value: str | int | CountRange | None
    status: str | None
    source: str | None
    source_type: str
    sentence: int
    start: int | None = None
    end: int | None = None
    contested: bool = True


class Incident(Record, frozen=True):
    """One happening in the world as one document tells it (GUIDELINES section 5).

    ``incident`` is the id shared by records of the same happening across documents, ``sentences`` are indexes,
    ``country`` is ISO 3166-1 alpha-3, ``score`` is the model's certainty (0 to 1; null in annotations).

    Not in annotations: ``date_precision`` (day, week, month or year) and ``date_reason`` (what settled the date, or why
    nothing did); ``lat`` and ``lon`` in degrees, which are the middle of what ``geo_precision`` names (place, region,
    country), right with the certainty ``geo_score``; ``actor_types``, the coarse type of each of ``actors``.
    """

    id: str
    type: str
    incident: str
    main: bool
    sentences: tuple[int, ...]
    date: DateRange | None = None
    place: str | None = None
    country: str | None = None
    targets: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    weapons: tuple[str, ...] = ()
    weapon_count: CountRange | None = None
    killed: CountRange | None = None
    injured: CountRange | None = None
    attribution: str | None = None
    attributed_to: str | None = None
    aggregate: bool = False
    claims: tuple[Claim, ...] = ()
    score: float | None = None
    date_precision: str | None = None
    date_reason: str | None = None
    lat: float | None = None
    lon: float | None = None
    geo_precision: str | None = None
    geo_score: float | None = None
    actor_types: tuple[str, ...] = ()


class Document(Record, frozen=True):
    """A text with what is known about it; sentences and incidents are empty until somebody annotated it."""

    id: str
    text: str
    published: str | None = None
    title: str | None = None
    source: str | None = None
    url: str | None = None
    family: str | None = None
    style: str | None = None
    sentences: tuple[Sentence, ...] = ()
    incidents: tuple[Incident, ...] = ()


class ScoredSpan(Record, frozen=True):
    """A span with the model's certainty, 0 to 1."""

    role: str
    start: int
    end: int
    score: float


class ScoredSentence(Record, frozen=True):
    """A sentence as the model sees it: every score, and beside them what was decided from them.

    ``fingerprint`` tells whether another article has the sentence nearly word for word; null for short ones.
    """

    start: int
    end: int
    events: tuple[str, ...]
    event_scores: dict[str, float]
    responsibility: tuple[str, ...]
    responsibility_scores: dict[str, float]
    attribution_source: str
    attribution_source_scores: dict[str, float]
    spans: tuple[ScoredSpan, ...]
    fingerprint: str | None = None


class DocumentResult(Record, frozen=True, kw_only=True):
    """What ``extract`` writes for one document."""

    schema: int = SCHEMA_VERSION
    id: str
    published: str | None
    source: str | None
    title: str | None
    text_sha256: str
    sentences: tuple[ScoredSentence, ...]
    incidents: tuple[Incident, ...]
    warnings: tuple[str, ...]


class ClassifiedSentence(Record, frozen=True):
    """A sentence as a model of any label set sees it: by layer, the score of every key, and the keys given."""

    start: int
    end: int
    labels: dict[str, tuple[str, ...]]
    scores: dict[str, dict[str, float]]


class Classification(Record, frozen=True, kw_only=True):
    """What ``classify`` writes for one text: ``labels`` and ``scores`` of itself, and of its sentences.

    A layer of documents is in the text's own, one of sentences in those of each sentence; a text without any sentence
    has no labels.
    """

    schema: int = SCHEMA_VERSION
    id: str
    text_sha256: str
    labels: dict[str, tuple[str, ...]]
    scores: dict[str, dict[str, float]]
    sentences: tuple[ClassifiedSentence, ...] = ()


class Failure(Record, frozen=True):
    """One input that gave no result: where it stood, in which step it failed, and why."""

    input: str
    line: int | None
    id: str | None
    stage: str
    error: str
    message: str


class Link(Record, frozen=True):
    """Why two incident records of different documents are held to be the same happening."""

    first: str
    second: str
    score: float
    reason: str


class Member(Record, frozen=True):
    """A document's incident record within a merged incident."""

    document: str
    incident: str


class LedgerEntry(Record, frozen=True):
    """Who says what about one fact of a merged incident, and where.

    A date is text in the Extended Date/Time Format (ISO 8601-2): ``2019-06-12`` or ``2019-06-12/2019-06-14``, with
    ``..`` for an open end.
    """

    value: str | CountRange | None
    status: str | None
    source: str | None
    source_type: str | None
    document: str
    start: int | None
    end: int | None
    reprint_of: str | None = None


class Fact(Record, frozen=True):
    """All that the members of a merged incident say about one fact.

    ``agreement`` is null with fewer than two statements; ``best`` is set for counts.
    """

    entries: tuple[LedgerEntry, ...]
    agreement: bool | None
    best: CountRange | None = None


class Attribution(Record, frozen=True):
    """One step in the history of who is said to be responsible: when, what, by whom, and where it stands."""

    published: str | None
    status: str
    actor: str | None
    source: str | None
    source_type: str | None
    document: str
    start: int | None
    end: int | None


class MergedIncident(Record, frozen=True):
    """Reports of one happening, joined, with the reasons and the ledger of claims.

    ``lat`` and ``lon`` are the middle of what ``geo_precision`` names (place, region, country). ``history`` has each
    status of each actor where it was first told, in the order of publication.
    """

    id: str
    type: str
    date: DateRange | None
    place: str | None
    country: str | None
    lat: float | None
    lon: float | None
    members: tuple[Member, ...]
    links: tuple[Link, ...]
    ledger: dict[str, Fact]
    crosswalk: dict[str, str | None]
    geo_precision: str | None = None
    history: tuple[Attribution, ...] = ()
