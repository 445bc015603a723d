"""The corpus as a whole: reading its splits, and what must hold across reports."""

from collections import defaultdict
from pathlib import Path

from pipeline.corpus.check import check_report
from pipeline.corpus.format import read_report
from pipeline.corpus.problems import Problem, refuse
from pipeline.errors import CorpusError
from pipeline.labels import SPLITS
from pipeline.schema import Document


def read_corpus(folder: Path) -> dict[str, list[Document]]:
    """Read ``folder/{train,dev,test}/*.txt``, each split ordered by id.

    Raises:
        CorpusError: When a report breaks the format, an id occurs twice, a family lies in two splits, or a split
            is empty.
    """
    problems: list[Problem] = []
    splits: dict[str, list[Document]] = {split: [] for split in SPLITS}
    for split in SPLITS:
        for path in sorted((folder / split).glob("*.txt")):
            problems += check_report(path)
            report, _ = read_report(path)
            if report is not None:
                splits[split].append(report.document)
        if not splits[split] and not problems:
            raise CorpusError(f"{folder / split} holds no report; expected <id>.txt files")
    refuse([*problems, *check_splits(folder, splits)], folder)
    return splits


def check_splits(folder: Path, splits: dict[str, list[Document]]) -> list[Problem]:
    """Findings across reports: ids used twice, families that lie in two splits."""
    places: dict[str, list[str]] = defaultdict(list)
    families: dict[str, set[str]] = defaultdict(set)
    for split, documents in splits.items():
        for document in documents:
            places[document.id].append(split)
            families[document.family or document.id].add(split)
    return [
        *(
            Problem(f"{folder / found[0] / name}.txt", 1, f"id {name} is used {len(found)} times", "rename one")
            for name, found in places.items()
            if len(found) > 1
        ),
        *(
            Problem(str(folder), 1, f"family {family} lies in {sorted(found)}", "keep a family in one split")
            for family, found in families.items()
            if len(found) > 1
        ),
    ]
