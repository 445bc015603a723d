"""From labelled sentences to incident records: one record per type of physical happening that an article tells.

An article that tells two attacks of one type gets one record for both: telling them apart needs the links
between mentions that this version does not learn.
"""

from collections.abc import Iterator, Sequence

from pipeline.incidents.countries import find_country
from pipeline.incidents.dates import parse_date
from pipeline.labels import ATTRIBUTION_STRENGTH, INCIDENT_TYPES
from pipeline.schema import Claim, Incident, ScoredSentence
from pipeline.text.counts import join_counts, parse_count

_DIGITS = 4


def build_incidents(
    document: str, text: str, published: str | None, sentences: Sequence[ScoredSentence]
) -> tuple[Incident, ...]:
    """Make the incident records of an article.

    Args:
        document: Its id; records are numbered behind it.
        text: The article.
        published: Its ISO date, or None.
        sentences: Its labelled sentences.

    Returns:
        Records ordered by the place of their first sentence. The one with the most sentences is the main one.
    """
    mentions = {kind: [i for i, s in enumerate(sentences) if kind in s.events] for kind in INCIDENT_TYPES}
    told = sorted((kind for kind in INCIDENT_TYPES if mentions[kind]), key=lambda kind: mentions[kind][0])
    main = max(told, key=lambda kind: (len(mentions[kind]), -mentions[kind][0]), default=None)
    return tuple(
        _incident(f"{document}#{number}", kind, kind == main, mentions[kind], text, published, sentences)
        for number, kind in enumerate(told, start=1)
    )


def _incident(
    identifier: str,
    kind: str,
    main: bool,
    mentions: Sequence[int],
    text: str,
    published: str | None,
    sentences: Sequence[ScoredSentence],
) -> Incident:
    mentioned = [sentences[index] for index in mentions]
    words = {role: _distinct(mentioned, role, text) for role in ("target", "actor", "weapon", "location", "time")}
    attribution = _strongest(mentioned)
    dates = (parse_date(expression, published) for expression in words["time"])
    return Incident(
        id=identifier,
        type=kind,
        incident=identifier,
        main=main,
        sentences=tuple(mentions),
        date=next((found for found in dates if found is not None), None),
        place=next(iter(words["location"]), None),
        country=find_country([*words["location"], *(text[s.start : s.end] for s in mentioned), text]),
        targets=words["target"],
        actors=words["actor"],
        weapons=words["weapon"],
        killed=join_counts(map(parse_count, _distinct(mentioned, "killed", text))),
        injured=join_counts(map(parse_count, _distinct(mentioned, "injured", text))),
        attribution=attribution,
        attributed_to=_attributed_to(mentioned, attribution, text),
        claims=tuple(claim for index in mentions for claim in _claims(index, sentences[index], text)),
        score=round(sum(s.event_scores[kind] for s in mentioned) / len(mentioned), _DIGITS),
    )


def _distinct(sentences: Sequence[ScoredSentence], role: str, text: str) -> tuple[str, ...]:
    """The words of a role's spans, in the order of the text, each once."""
    return tuple(dict.fromkeys(text[span.start : span.end] for s in sentences for span in s.spans if span.role == role))


def _strongest(sentences: Sequence[ScoredSentence]) -> str | None:
    told = {key for sentence in sentences for key in sentence.responsibility}
    return next((key for key in ATTRIBUTION_STRENGTH if key in told), None)


def _attributed_to(sentences: Sequence[ScoredSentence], attribution: str | None, text: str) -> str | None:
    if attribution in (None, "unattributed"):
        return None
    saying = [sentence for sentence in sentences if attribution in sentence.responsibility]
    return next(iter(_distinct(saying, "actor", text) or _distinct(sentences, "actor", text)), None)


def _claims(index: int, sentence: ScoredSentence, text: str) -> Iterator[Claim]:
    """What one sentence says of responsibility and casualties, and whose word it is."""
    source = next(iter(_distinct([sentence], "source", text)), None)
    actor = next(iter(_distinct([sentence], "actor", text)), None)
    kind = sentence.attribution_source
    for key in sentence.responsibility:
        value = None if key == "unattributed" else actor
        yield Claim("responsibility", value, key, source, kind, index, sentence.start, sentence.end)
    for span in sentence.spans:
        if span.role in ("killed", "injured"):
            yield Claim(span.role, text[span.start : span.end], None, source, kind, index, span.start, span.end)
