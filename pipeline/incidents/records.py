"""From labelled sentences to incident records: one record per happening that an article tells."""

from collections.abc import Callable, Sequence
from functools import cache

import msgspec

from pipeline.incidents.actors import actor_type, attributed_to
from pipeline.incidents.attribution import attribution
from pipeline.incidents.claims import Statements
from pipeline.incidents.dates import DateFinder, resolve_dates
from pipeline.incidents.linking import Cluster, Linker
from pipeline.incidents.places import PlaceFinder, is_southern
from pipeline.incidents.tolls import Figures, toll, weapon_count
from pipeline.schema import Claim, Incident, ScoredSentence

_DIGITS = 4


def build_incidents(
    document: str,
    text: str,
    published: str | None,
    sentences: Sequence[ScoredSentence],
    linker: Linker | None = None,
) -> tuple[Incident, ...]:
    """Make the incident records of an article.

    Args:
        document: Its id; records are numbered behind it.
        text: The article.
        published: Its ISO date, or None.
        sentences: Its labelled sentences.
        linker: Says which sentences tell one happening; None is the one that ships with the package.

    Returns:
        Records ordered by the place of their first sentence.
    """
    clusters = (linker or Linker.default()).link(text, published, sentences)
    if not clusters:
        return ()
    places = PlaceFinder(text, sentences)

    @cache
    def dates(southern: bool) -> DateFinder:
        return resolve_dates(text, published, sentences, southern=southern)

    figures = Figures(text, sentences)
    statements = Statements(figures)
    return tuple(
        _incident(f"{document}#{number}", cluster, figures, statements, dates, places)
        for number, cluster in enumerate(clusters, start=1)
    )


def _incident(
    identifier: str,
    cluster: Cluster,
    figures: Figures,
    statements: Statements,
    dates: Callable[[bool], DateFinder],
    places: PlaceFinder,
) -> Incident:
    text, sentences = figures.text, figures.sentences
    kind, members = cluster.type, cluster.sentences
    mentioned = [sentences[index] for index in members]
    where = places.place_of(kind, members)
    when = dates(is_southern(where.lat)).date_of(kind, members)
    actors = _distinct(mentioned, "actor", text)
    status = attribution(sentences, kind, members)
    return Incident(
        id=identifier,
        type=kind,
        incident=identifier,
        main=cluster.main,
        sentences=members,
        date=when.range,
        place=where.place,
        country=where.country,
        targets=_distinct(mentioned, "target", text),
        actors=actors,
        weapons=_distinct(mentioned, "weapon", text),
        weapon_count=weapon_count(text, sentences, kind, members),
        killed=toll(figures, kind, members, "killed"),
        injured=toll(figures, kind, members, "injured"),
        attribution=status,
        attributed_to=attributed_to(text, sentences, kind, members, status),
        aggregate=cluster.aggregate,
        claims=_claims(statements, kind, members),
        score=round(cluster.score, _DIGITS),
        date_precision=when.precision,
        date_reason=when.reason,
        lat=where.lat,
        lon=where.lon,
        geo_precision=where.precision,
        geo_score=round(where.score, _DIGITS),
        actor_types=tuple(actor_type(name) for name in actors),
    )


def _distinct(sentences: Sequence[ScoredSentence], role: str, text: str) -> tuple[str, ...]:
    """The words of a role's spans, in the order of the text, each once."""
    return tuple(dict.fromkeys(text[span.start : span.end] for s in sentences for span in s.spans if span.role == role))


def _claims(statements: Statements, kind: str, members: Sequence[int]) -> tuple[Claim, ...]:
    """Every statement of the record; those on facts that the article contests are marked."""
    found = statements.of(kind, members)
    contested = set(statements.contested(found))
    return tuple(msgspec.structs.replace(claim, contested=claim in contested) for claim in found)
