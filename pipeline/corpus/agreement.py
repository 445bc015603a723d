"""How far two annotators of the same texts agree, who did not see each other's labels.

``data/agreement/first`` and ``second`` hold the same reports in the corpus format: the corpus's own annotation as it
was when the second was made, and the second one. Neither is mended afterwards.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sklearn.metrics import cohen_kappa_score

from pipeline.corpus.format import read_report
from pipeline.corpus.problems import Problem, refuse
from pipeline.errors import CorpusError
from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, ROLES, SOURCES
from pipeline.schema import Document, Sentence

Pair = tuple[Sentence, Sentence]


def read_agreement(folder: Path) -> list[tuple[Document, Document]]:
    """Both annotations of each report of the sample, ordered by id.

    Raises:
        CorpusError: When a report cannot be read, has no counterpart, or its two texts differ.
    """
    names = {part: {path.name for path in (folder / part).glob("*.txt")} for part in ("first", "second")}
    alone = sorted(names["first"] ^ names["second"])
    if alone or not names["first"]:
        raise CorpusError(
            f"{folder}: {', '.join(alone[:5]) or 'no report'} found, "
            "`first` and `second` must hold the same <id>.txt files"
        )
    pairs: list[tuple[Document, Document]] = []
    problems: list[Problem] = []
    for name in sorted(names["first"]):
        first, found = read_report(folder / "first" / name)
        second, also_found = read_report(folder / "second" / name)
        problems += [*found, *also_found]
        if first is None or second is None:
            continue
        if _text(first.document) != _text(second.document):
            problems.append(
                Problem(second.path, 1, "text or sentences differ from the first annotation", "annotate the same text")
            )
        pairs.append((first.document, second.document))
    refuse(problems, folder)
    return pairs


def measure_agreement(pairs: Sequence[tuple[Document, Document]]) -> dict[str, Any]:
    """Cohen's kappa by layer and key over sentences, and F1 of spans by role.

    A layer's ``kappa`` is over all its decisions: each key of each sentence, yes or no, for the label sets; one
    choice per sentence for the source. ``first`` and ``second`` count the sentences that each annotator gave the
    key. Spans agree when role, start and end do (``exact_f1``).
    """
    sentences = [pair for first, second in pairs for pair in zip(first.sentences, second.sentences, strict=True)]
    return {
        "documents": len(pairs),
        "sentences": len(sentences),
        "events": _label_set(sentences, EVENT_TYPES, lambda sentence: sentence.events),
        "responsibility": _label_set(sentences, RESPONSIBILITY, lambda sentence: sentence.responsibility),
        "source": {
            "kappa": _kappa([a.source for a, _ in sentences], [b.source for _, b in sentences]),
            "per_key": _per_key(sentences, SOURCES, lambda sentence: (sentence.source,)),
        },
        "spans": {
            "exact_f1": _span_f1(pairs, ROLES),
            "per_role": {role: {"exact_f1": _span_f1(pairs, (role,))} for role in ROLES},
        },
    }


def _label_set(
    pairs: Sequence[Pair], keys: Sequence[str], labels: Callable[[Sentence], Sequence[str]]
) -> dict[str, Any]:
    first = [key in labels(a) for a, _ in pairs for key in keys]
    second = [key in labels(b) for _, b in pairs for key in keys]
    return {"kappa": _kappa(first, second), "per_key": _per_key(pairs, keys, labels)}


def _per_key(
    pairs: Sequence[Pair], keys: Sequence[str], labels: Callable[[Sentence], Sequence[str]]
) -> dict[str, dict[str, float]]:
    found = {}
    for key in keys:
        first = [key in labels(a) for a, _ in pairs]
        second = [key in labels(b) for _, b in pairs]
        found[key] = {"kappa": _kappa(first, second), "first": sum(first), "second": sum(second)}
    return found


def _kappa(first: Sequence[object], second: Sequence[object]) -> float:
    """Cohen's kappa; 1 where both gave one and the same label throughout."""
    if list(first) == list(second):
        return 1.0
    return round(float(cohen_kappa_score(first, second)), 4)


def _span_f1(pairs: Sequence[tuple[Document, Document]], roles: Sequence[str]) -> float:
    first, second = (
        {
            (index, span.role, span.start, span.end)
            for index, pair in enumerate(pairs)
            for sentence in pair[side].sentences
            for span in sentence.spans
            if span.role in roles
        }
        for side in (0, 1)
    )
    return round(2 * len(first & second) / max(1, len(first) + len(second)), 4)


def _text(document: Document) -> tuple[str, list[tuple[int, int]]]:
    return document.text, [(sentence.start, sentence.end) for sentence in document.sentences]
