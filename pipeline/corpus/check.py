"""The corpus format's validator: every rule of the format that a program can check, per report.

Rules that a report must keep are errors; where the guidelines allow exceptions, the finding is a warning.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Final

import pycountry

from pipeline.corpus.format import Report, read_report
from pipeline.corpus.problems import Problem, Severity
from pipeline.labels import (
    ATTRIBUTION_STRENGTH,
    CLAIM_SUBJECTS,
    INCIDENT_TYPES,
    RESPONSIBILITY,
    SOURCES,
    STYLES,
    VIOLENT_TYPES,
)
from pipeline.schema import CountRange, Incident, Sentence
from pipeline.text.counts import parse_count

_IDENTIFIER: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ARTICLE: Final = re.compile(r"(the|a|an)\s+\S", re.IGNORECASE)
_TIME_PREPOSITION: Final = re.compile(r"(on|in|since|until)\s", re.IGNORECASE)


def check_report(path: Path) -> list[Problem]:
    """All findings on one report, in the order of their lines."""
    report, problems = read_report(path)
    if report is not None:
        problems += [*_check_head(report), *_check_sentences(report), *_check_incidents(report)]
    return sorted(problems, key=lambda problem: problem.line)


def _check_head(report: Report) -> Iterator[Problem]:
    document = report.document
    stem = Path(report.path).stem
    if document.id != stem:
        yield Problem(report.path, 2, f"id {document.id!r} is not the file's name {stem!r}", "make them the same")
    for field in ("id", "family"):
        value = getattr(document, field)
        if not _IDENTIFIER.fullmatch(value):
            yield Problem(report.path, 2, f"{field} {value!r}", "use lower-case letters, digits and single hyphens")
    if document.style not in STYLES:
        yield Problem(report.path, 2, f"unknown style {document.style!r}", "use one of " + ", ".join(STYLES))
    if document.published is not None and not _is_date(document.published):
        yield Problem(report.path, 2, f"published {document.published!r} is no date", "write YYYY-MM-DD or null")


def _check_sentences(report: Report) -> Iterator[Problem]:
    document = report.document
    for sentence, line in zip(document.sentences, report.sentence_lines, strict=True):
        for message, mend, severity in _sentence_findings(document.text, sentence):
            yield Problem(report.path, line, message, mend, severity)


def _sentence_findings(text: str, sentence: Sentence) -> Iterator[tuple[str, str, Severity]]:
    violent = set(sentence.events) & set(VIOLENT_TYPES)
    if sentence.responsibility and not violent:
        yield (
            f"responsibility {' '.join(sentence.responsibility)} without a violent event type",
            "add the type of the act, or drop the responsibility",
            "error",
        )
    if set(sentence.responsibility) & {"stated"} and sentence.source not in ("none",):
        yield "`stated` with a source that is not `none`", "`stated` is the article's own voice", "warning"
    for span in sentence.spans:
        words = text[span.start : span.end]
        if span.role != "source" and not sentence.events:
            yield f"`{span.role}` span {words!r} without an event", "label the event or drop the span", "error"
        if span.role not in ("time", "killed", "injured") and _ARTICLE.match(words):
            yield f"`{span.role}` span {words!r} begins with an article", "leave the article outside", "warning"
        if span.role == "time" and _TIME_PREPOSITION.match(words):
            yield f"`time` span {words!r} begins with a preposition", "leave on, in, since, until outside", "error"
        if span.role == "source" and sentence.source == "none":
            yield f"`source` span {words!r} in a sentence of source `none`", "name the speaker's kind", "warning"


def _check_incidents(report: Report) -> Iterator[Problem]:
    incidents = report.document.incidents
    ids = [incident.id for incident in incidents]
    for incident, line in zip(incidents, report.incident_lines, strict=True):
        if ids.count(incident.id) > 1:
            yield Problem(report.path, line, f"id {incident.id} is used twice", "number the incidents from 1")
        for message, mend, severity in _incident_findings(report, incident):
            yield Problem(report.path, line, f"incident {incident.id}: {message}", mend, severity)


def _incident_findings(report: Report, incident: Incident) -> Iterator[tuple[str, str, Severity]]:
    yield from ((message, mend, "error") for message, mend in _field_findings(report, incident))
    yield from ((message, mend, "warning") for message, mend in _consistency_findings(report, incident))


def _field_findings(report: Report, incident: Incident) -> Iterator[tuple[str, str]]:
    text = report.document.text
    if incident.type not in INCIDENT_TYPES:
        yield f"type {incident.type!r} makes no incident", "use one of " + ", ".join(INCIDENT_TYPES)
    outside = [index for index in incident.sentences if not 0 <= index < len(report.document.sentences)]
    if outside or not incident.sentences:
        last = len(report.document.sentences) - 1
        yield f"sentences {list(incident.sentences)}", f"name at least one index between 0 and {last}"
    for field in ("targets", "actors", "weapons"):
        for value in getattr(incident, field):
            if value not in text:
                yield f"{field}: {value!r} does not occur in the text", "write it as the text does"
    if incident.attributed_to is not None and incident.attributed_to not in text:
        yield f"attributed_to {incident.attributed_to!r} does not occur in the text", "write it as the text does"
    if incident.attribution is not None and incident.attribution not in RESPONSIBILITY:
        yield f"attribution {incident.attribution!r}", "use one of " + ", ".join(RESPONSIBILITY) + " or null"
    if incident.country is not None and incident.country not in country_codes():
        yield f"country {incident.country!r}", "use an ISO 3166-1 alpha-3 code (XKX for Kosovo) or null"
    yield from _date_findings(incident)
    for field in ("weapon_count", "killed", "injured"):
        yield from _count_findings(field, getattr(incident, field))
    for claim in incident.claims:
        if claim.about not in CLAIM_SUBJECTS or claim.source_type not in SOURCES:
            yield f"claim about {claim.about!r} by {claim.source_type!r}", "use the keys of GUIDELINES section 5"
        if not 0 <= claim.sentence < len(report.document.sentences):
            yield f"claim in sentence {claim.sentence}", "name a sentence of the report"


def _date_findings(incident: Incident) -> Iterator[tuple[str, str]]:
    if incident.date is None:
        return
    days = [day for day in (incident.date.start, incident.date.end) if day is not None]
    wrong = [day for day in days if not _is_date(day)]
    for day in wrong:
        yield f"date {day!r} does not exist", "write YYYY-MM-DD"
    if not wrong and days != sorted(days):
        yield f"date ends ({days[1]}) before it starts ({days[0]})", "put the earlier day first"
    if not days:
        yield "date without start and end", "write `date: null`"


def _count_findings(field: str, count: CountRange | None) -> Iterator[tuple[str, str]]:
    if count is None:
        return
    bounds = [bound for bound in (count.min, count.max) if bound is not None]
    if not bounds or bounds != sorted(bounds) or bounds[0] < 0:
        yield f"{field} min {count.min}, max {count.max}", "give bounds of 0 or more, the lower first, or null"


def _consistency_findings(report: Report, incident: Incident) -> Iterator[tuple[str, str]]:
    document = report.document
    sentences = [document.sentences[i] for i in incident.sentences if 0 <= i < len(document.sentences)]
    for index, sentence in zip(incident.sentences, sentences, strict=False):
        if incident.type not in sentence.events:
            yield f"sentence {index} is not labelled {incident.type}", "label it, or take it off the record"
    told = {key for sentence in sentences for key in sentence.responsibility}
    if incident.attribution is not None and incident.attribution not in told:
        yield f"attribution {incident.attribution} occurs in none of its sentences", "see GUIDELINES section 5"
    if incident.attribution is None and told:
        strongest = next(key for key in ATTRIBUTION_STRENGTH if key in told)
        yield f"its sentences say {strongest}, the record has no attribution", "see GUIDELINES section 5"
    if incident.attributed_to is not None and incident.attribution in (None, "unattributed"):
        yield "attributed_to without an attribution to anybody", "set the attribution, or attributed_to to null"
    for field in ("killed", "injured"):
        words = [document.text[s.start : s.end] for sentence in sentences for s in sentence.spans if s.role == field]
        yield from _told_count_findings(field, getattr(incident, field), words)


def _told_count_findings(field: str, count: CountRange | None, words: list[str]) -> Iterator[tuple[str, str]]:
    """Compare a record's bounds with the number words marked in its sentences.

    A bound that neither one of them nor a sum of two or of all expresses may still be right: victims without a
    number count too.
    """
    if count is None:
        if words:
            yield f"`{field}` is marked in its sentences ({', '.join(words)}), the record has none", f"fill `{field}`"
        return
    told = [found for found in map(parse_count, words) if found is not None]
    if not told:
        return
    figures = [bound for found in told for bound in (found.min, found.max) if bound is not None]
    bounds = {*figures, *map(sum, combinations(figures, 2)), sum(found.min or 0 for found in told)}
    missing = [bound for bound in (count.min, count.max) if bound is not None and bound not in bounds]
    if missing:
        yield (
            f"{field} {' and '.join(map(str, missing))} is told by none of {', '.join(map(repr, words))}",
            f"set `{field}` to the lowest and highest figure told, unless the text adds them up",
        )
    if count.max is not None and any(found.min is not None and found.min > count.max for found in told):
        highest = max(found.min for found in told if found.min is not None)
        yield f"{field} max {count.max} is below {highest}, which its sentences tell", f"raise `{field}.max`"


@cache
def country_codes() -> frozenset[str]:
    """All ISO 3166-1 alpha-3 codes, those of former states, and XKX for Kosovo, which ISO leaves to its users."""
    former = {country.alpha_3 for country in pycountry.historic_countries if hasattr(country, "alpha_3")}
    return frozenset({country.alpha_3 for country in pycountry.countries} | former | {"XKX"})


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
