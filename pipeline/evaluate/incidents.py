"""Scoring incident records against gold, and merged incidents against the happenings they should join."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.evaluate.clusters import Clustering, b_cubed, conll_f1
from pipeline.evaluate.intervals import Resampler
from pipeline.evaluate.match import match_intervals
from pipeline.evaluate.metrics import f1, precision, recall, rounded
from pipeline.evaluate.records import RECORD_FIGURES, MatchedRecords, match_records, slot_agreement, tally_records
from pipeline.incidents.merge import merge_incidents
from pipeline.schema import Claim, Document, DocumentResult


def incident_metrics(
    gold: Sequence[Document], predicted: Sequence[DocumentResult], resamples: int, seed: int
) -> dict[str, Any]:
    """The blocks ``incidents`` and ``merging`` of the metrics files.

    Args:
        gold: Annotated documents.
        predicted: Results in the same order.
        resamples: Bootstrap resamples, of records within their documents.
        seed: Of the bootstrap.
    """
    matched = [match_records(document, result) for document, result in zip(gold, predicted, strict=True)]
    return {
        "incidents": {
            **_detection(matched, resamples, seed),
            **slot_agreement(matched),
            "claims": _claims(matched),
        },
        "merging": _merging(matched, predicted),
    }


def _detection(matched: Sequence[MatchedRecords], resamples: int, seed: int) -> dict[str, Any]:
    tally = tally_records(matched)
    resampler = Resampler(tally.document, resamples, seed)
    sums = {name: values.sum(0) for name, values in tally.counts.items()}
    resampled = {name: resampler.sums(values) for name, values in tally.counts.items()}
    return {
        **{name: rounded(figure(sums)) for name, figure in RECORD_FIGURES.items()},
        "ci95": {name: resampler.interval(figure(resampled)) for name, figure in RECORD_FIGURES.items()},
    }


def _claims(matched: Sequence[MatchedRecords]) -> dict[str, float | int]:
    """Contested claims: right when fact, status, kind of source and sentence are those of gold.

    Only documents whose annotation holds claims take part: in the corpus they may be left out. ``support`` counts the
    annotated claims; without any the ratios are 0.
    """
    totals = np.zeros(3, dtype=np.int64)
    for found in matched:
        if any(incident.claims for incident in found.gold.incidents):
            spans = [[(s.start, s.end) for s in side.sentences] for side in (found.gold, found.predicted)]
            to_gold = {second: first for first, second in match_intervals(*spans)}
            wanted = {_claim_key(claim, claim.sentence) for i in found.gold.incidents for claim in i.claims}
            given = {
                _claim_key(claim, to_gold.get(claim.sentence, -1))
                for i in found.predicted.incidents
                for claim in i.claims
                if claim.contested
            }
            totals += (len(wanted & given), len(given - wanted), len(wanted - given))
    return {
        "precision": rounded(precision(totals)),
        "recall": rounded(recall(totals)),
        "f1": rounded(f1(totals)),
        "support": int(totals[0] + totals[2]),
    }


def _claim_key(claim: Claim, sentence: int) -> tuple[str, str | None, str, int]:
    return claim.about, claim.status, claim.source_type, sentence


def _merging(matched: Sequence[MatchedRecords], predicted: Sequence[DocumentResult]) -> dict[str, Any]:
    """Gold's clusters of records that share an incident id, against the merged ones.

    A predicted record that answers to a gold one takes its place in the clusters; other records stand for
    themselves, missed ones in gold only, spurious ones in the prediction only, and count as errors. The block
    ``matched`` leaves both out and so scores merging by itself.
    """
    names = {
        found.predicted.incidents[column].id: (found.gold.id, found.gold.incidents[row].id)
        for found in matched
        for row, column in found.pairs
    }
    wanted = {(found.gold.id, incident.id): incident.incident for found in matched for incident in found.gold.incidents}
    given = {
        names.get(member.incident, (member.document, member.incident)): merged.id
        for merged in merge_incidents(predicted)
        for member in merged.members
    }
    both = set(names.values())
    return {
        **_clustering(wanted, given),
        "matched": _clustering(*({key: side[key] for key in side if key in both} for side in (wanted, given))),
    }


def _clustering(wanted: Clustering, given: Clustering) -> dict[str, float]:
    scores = b_cubed(wanted, given)
    return {
        "bcubed_precision": rounded(scores[0]),
        "bcubed_recall": rounded(scores[1]),
        "bcubed_f1": rounded(scores[2]),
        "conll_f1": rounded(conll_f1(wanted, given)),
    }
