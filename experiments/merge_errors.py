"""Why records were merged that tell two happenings, and why records of one happening stayed apart.

``python -m experiments.merge_errors --part dev`` builds the records of the part's annotated sentences, merges them with
what ships, and writes every wrong pair with what decided it. ``--predictions FOLDER`` takes the rows of ``PART.jsonl``
there instead, as the stage ``evaluate`` writes them or ``conflict-events extract`` does. A record counts where it
answers to an annotated one; those that answer to none, and missed ones, are the business of ``metrics/``.

Of each pair it says whether it was compared at all (``pipeline.incidents.blocking``), the score and the threshold
(``pipeline.incidents.similarity``), the rule that kept the two groups apart or the chain of links that joined them
(``pipeline.incidents.clustering``), and each fact's share of the log-odds with what both records say of it.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import numpy as np
import typer
from numpy.typing import NDArray

from pipeline.evaluate.records import match_records
from pipeline.incidents.blocking import Pairs, candidate_pairs
from pipeline.incidents.examples import as_result, as_scored
from pipeline.incidents.merge import default_merger, merge_incidents
from pipeline.incidents.records import build_incidents
from pipeline.incidents.similarity import FEATURES, log_odds, pair_features
from pipeline.incidents.table import FOREVER, NEVER, Entry, RecordTable, record_table
from pipeline.records import atomic_write, read_jsonl, write_table
from pipeline.schema import CountRange, DateRange, Document, DocumentResult, MergedIncident

_LEAST_SHARE: Final = 0.1
"""Log-odds from which a fact's share is told."""

_FIELDS: Final = {
    "type": ("type",),
    "date": ("date",),
    "country": ("country",),
    "place": ("place", "targets"),
    "target": ("targets",),
    "actor": ("actors",),
    "weapon": ("weapons",),
    "names": ("place", "targets", "actors"),
    "killed": ("killed",),
    "injured": ("injured",),
    "weaponcount": ("weapon_count",),
    "main": ("main",),
    "aggregate": ("aggregate",),
}
"""What a record says of each fact that features are about; publication and context are the document's."""


class WrongPair(msgspec.Struct, frozen=True):
    """Two records that are wrongly together or apart.

    ``score`` is the probability of being one happening, ``threshold`` the one above which a pair speaks for joining;
    ``compared`` whether blocking let the pair through; ``decided`` is what settled it in words; ``speaks_for`` and
    ``speaks_against`` list the facts by their share of the log-odds.
    """

    error: str
    first: str
    second: str
    happening: str
    first_says: str
    second_says: str
    score: float
    threshold: float
    compared: bool
    decided: str
    speaks_for: str
    speaks_against: str


def main(
    part: Annotated[str, typer.Option(help="Which annotated documents.")] = "dev",
    predictions: Annotated[Path | None, typer.Option(help="Folder with the extracted rows of the part.")] = None,
    data: Annotated[Path, typer.Option(help="Folder of annotated documents.")] = Path("data/prepared"),
    output: Annotated[Path, typer.Option(help="File to write: .md, or .csv.")] = Path("merge_errors.md"),
    most: Annotated[int, typer.Option(help="Pairs of each kind in Markdown, the worst first.")] = 50,
) -> None:
    """Write the wrong pairs of a part."""
    documents = list(read_jsonl(data / f"{part}.jsonl", Document))
    if predictions is None:
        results = [as_built(document) for document in documents]
    else:
        rows = {row.id: row for row in read_jsonl(predictions / f"{part}.jsonl", DocumentResult)}
        results = [rows[document.id] for document in documents]
    found = wrong_pairs(documents, results)
    if output.suffix == ".csv":
        write_table(output, WrongPair.__struct_fields__, (msgspec.structs.asdict(pair) for pair in found))
    else:
        with atomic_write(output) as handle:
            handle.write(as_markdown(found, most).encode())
    counts = Counter(pair.error for pair in found)
    print(f"{output}: {counts['merged']} pairs wrongly merged, {counts['apart']} wrongly apart")


def as_built(document: Document) -> DocumentResult:
    """A document with the records of its annotated sentences."""
    sentences = as_scored(document.sentences)
    return as_result(document, build_incidents(document.id, document.text, document.published, sentences))


def wrong_pairs(documents: Sequence[Document], results: Sequence[DocumentResult]) -> list[WrongPair]:
    """All pairs of records that merging got wrong: the surest merges first, then the unlikeliest of those apart.

    Args:
        documents: Annotated.
        results: Of the same documents, in the same order.
    """
    merged = merge_incidents(results)
    case = _Case(results, merged)
    told: dict[tuple[str, str], tuple[str, str]] = {}
    for document, result in zip(documents, results, strict=True):
        match = match_records(document, result)
        for row, column in match.pairs:
            happening = (document.family or document.id, document.incidents[row].incident)
            told[document.id, result.incidents[column].id] = happening
    groups: dict[Any, list[tuple[str, str]]] = defaultdict(list)
    for key, happening in told.items():
        groups["happening", happening].append(key)
        groups["merged", case.group_of[key]].append(key)
    wrong = [
        case.explain("merged" if side == "merged" else "apart", first, second, told)
        for (side, _), keys in groups.items()
        for first, second in combinations(sorted(keys), 2)
        if (told[first] == told[second]) != (case.group_of[first] == case.group_of[second])
    ]
    return sorted(wrong, key=lambda p: (p.error == "apart", p.score if p.error == "apart" else -p.score, p.first))


class _Case:
    """Records as merging saw them."""

    def __init__(self, results: Sequence[DocumentResult], merged: Sequence[MergedIncident]) -> None:
        self.merger = default_merger()
        self.entries = sorted(
            (Entry(result, incident) for result in results for incident in result.incidents),
            key=lambda entry: (entry.document.id, entry.incident.id),
        )
        merger = self.merger
        self.table: RecordTable = record_table(
            self.entries, merger.slack_days, merger.documents, merger.document_frequency
        )
        pairs = candidate_pairs(self.table, merger.confusable, merger.slack_days, merger.names, merger.window)
        self.compared = {(first, second) for first, second in pairs.tolist()}
        self.row = {(entry.document.id, entry.incident.id): row for row, entry in enumerate(self.entries)}
        self.group_of = {(m.document, m.incident): incident.id for incident in merged for m in incident.members}
        self.merged: Mapping[str, MergedIncident] = {incident.id: incident for incident in merged}

    def explain(
        self, error: str, one: tuple[str, str], other: tuple[str, str], told: Mapping[tuple[str, str], tuple[str, str]]
    ) -> WrongPair:
        first, second = sorted((self.row[one], self.row[other]))
        pairs: Pairs = np.array([[first, second]], dtype=np.int64)
        features = pair_features(self.table, pairs)
        odds = float(log_odds(features, self.merger)[0])
        speaks_for, speaks_against = self._shares(features[0], first, second)
        same = (first, second) in self.compared
        return WrongPair(
            error=error,
            first=one[1],
            second=other[1],
            happening=" | ".join(dict.fromkeys(f"{family}: {name}" for family, name in (told[one], told[other]))),
            first_says=self._says(self.row[one]),
            second_says=self._says(self.row[other]),
            score=round(_probability(odds), 4),
            threshold=round(_probability(self.merger.threshold), 4),
            compared=same,
            decided=self._joined_by(one, other) if error == "merged" else self._parted_by(one, other, odds, same),
            speaks_for=speaks_for,
            speaks_against=speaks_against,
        )

    def _says(self, row: int) -> str:
        incident = self.entries[row].incident
        values = (incident.type, _written(incident.date), incident.place or "no place", incident.country or "?")
        return ", ".join((*values, "main" if incident.main else "background", "sum" if incident.aggregate else "one"))

    def _shares(self, features: NDArray[np.float64], first: int, second: int) -> tuple[str, str]:
        """The facts that speak for one happening and those that speak against, each with what both records say."""
        shares: dict[str, float] = defaultdict(float)
        for name, value in zip(FEATURES, features.tolist(), strict=True):
            shares[name.split("_")[0]] += self.merger.weights.get(name, 0.0) * value
        ordered = sorted(shares.items(), key=lambda item: -abs(item[1]))
        phrases = [(share, self._phrase(fact, share, first, second)) for fact, share in ordered]
        heard = [(share, words) for share, words in phrases if abs(share) >= _LEAST_SHARE]
        speaks_for, speaks_against = (
            "; ".join(words for share, words in heard if (share > 0) == positive) for positive in (True, False)
        )
        return speaks_for, speaks_against

    def _phrase(self, fact: str, share: float, first: int, second: int) -> str:
        entries = [self.entries[row] for row in (first, second)]
        if fact == "publication":
            sides = [entry.document.published or "no date" for entry in entries]
        elif fact == "context":
            sides = [f"{self.table.context[[row]].nnz} names in the article" for row in (first, second)]
        else:
            sides = [_value(entry, _FIELDS[fact]) for entry in entries]
        return f"{fact} {share:+.1f} ({sides[0]} | {sides[1]})"

    def _joined_by(self, one: tuple[str, str], other: tuple[str, str]) -> str:
        """The link of the two, or the chain of links between them."""
        links = self.merged[self.group_of[one]].links
        beside: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for link in links:
            beside[link.first].append((link.second, link.score))
            beside[link.second].append((link.first, link.score))
        paths: dict[str, list[tuple[str, float]]] = {one[1]: []}
        waiting = [one[1]]
        while waiting and other[1] not in paths:
            record = waiting.pop(0)
            for neighbour, score in beside[record]:
                if neighbour not in paths:
                    paths[neighbour] = [*paths[record], (neighbour, score)]
                    waiting.append(neighbour)
        steps = paths.get(other[1], [])
        if len(steps) == 1:
            return "a link of their own"
        return "through " + ", ".join(f"{name} ({score:.2f})" for name, score in steps)

    def _parted_by(self, one: tuple[str, str], other: tuple[str, str], odds: float, compared: bool) -> str:
        rule = self._rule([one], [other])
        if rule:
            return f"must not be linked: {rule}"
        if not compared:
            types = sorted({self.entries[self.row[key]].incident.type for key in (one, other)})
            known = len(types) == 1 or tuple(types) in self.merger.confusable
            return "not compared: " + ("no block has both" if known else f"{' and '.join(types)} are never one")
        if odds <= self.merger.threshold:
            return "the score is below the threshold"
        groups = [[(m.document, m.incident) for m in self.merged[self.group_of[key]].members] for key in (one, other)]
        rule = self._rule(*groups)
        if rule:
            return f"their groups must not be linked: {rule}"
        return f"the other pairs of their groups of {len(groups[0])} and {len(groups[1])} speak against it"

    def _rule(self, one: Iterable[tuple[str, str]], other: Iterable[tuple[str, str]]) -> str | None:
        """The rule that keeps two groups of records apart."""
        rows = [[self.row[key] for key in keys] for keys in (one, other)]
        articles = [{self.entries[row].document.id for row in side} for side in rows]
        if both := articles[0] & articles[1]:
            return f"both have a record of {min(both)}"
        every, days = [row for side in rows for row in side], self.table.days
        gap = int(days.start[every].max() - days.end[every].min())
        if gap <= self.merger.slack_days or gap >= FOREVER or -gap <= NEVER:
            return None
        return f"their dates miss each other by {gap} days"


def _probability(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-700.0, min(700.0, odds))))


def _value(entry: Entry, fields: Sequence[str]) -> str:
    return ", ".join(_written(getattr(entry.incident, field)) for field in fields)


def _written(value: Any) -> str:
    if isinstance(value, DateRange):
        return value.start or "?" if value.start == value.end else f"{value.start or '?'}–{value.end or '?'}"
    if isinstance(value, CountRange):
        return str(value.min) if value.min == value.max else f"{value.min}–{'' if value.max is None else value.max}"
    if isinstance(value, tuple):
        return " + ".join(map(str, value)) or "none"
    return "none" if value is None else "yes" if value is True else "no" if value is False else str(value)


def as_markdown(pairs: Sequence[WrongPair], most: int) -> str:
    """A page to read: how many pairs by what decided them, then the worst of each kind."""
    return "\n".join(_lines(pairs, most)) + "\n"


def _lines(pairs: Sequence[WrongPair], most: int) -> Iterator[str]:
    yield "# Wrong merges and splits"
    for error, title in (("merged", "Merged, of two happenings"), ("apart", "Apart, of one happening")):
        found = [pair for pair in pairs if pair.error == error]
        yield f"\n## {title}: {len(found)} pairs\n"
        for reason, count in Counter(pair.decided.split(":")[0].split(" (")[0] for pair in found).most_common(10):
            yield f"- {count} × {reason}"
        for pair in found[:most]:
            yield f"\n### {pair.first} and {pair.second}\n"
            yield f"- annotated as {pair.happening}"
            yield f"- {pair.first}: {pair.first_says}"
            yield f"- {pair.second}: {pair.second_says}"
            compared = "compared" if pair.compared else "not compared"
            yield f"- {compared}, score {pair.score:.3f}, threshold {pair.threshold:.3f}; {pair.decided}"
            yield f"- for: {pair.speaks_for or 'nothing'}"
            yield f"- against: {pair.speaks_against or 'nothing'}"
    if len(pairs) > 2 * most:
        yield f"\nOnly the first {most} of each kind are shown; a .csv file has all."


if __name__ == "__main__":
    typer.run(main)
