"""Where training labels come from: annotations that are kept, and articles that have none."""

import pytest

from pipeline.errors import CorpusError
from pipeline.label.annotations import annotated, keep_annotations
from pipeline.label.unlabelled import read_unlabelled
from pipeline.schema import Document, Sentence

DEV = Document(id="dev-1", text="Two rockets fell on the roof of the old customs shed before dawn, a porter said.")


def reports(count):
    return [
        Document(id=f"d{n}", text="Rain.", family=f"f{n // 2}", style="wire", sentences=(Sentence(0, 5),))
        for n in range(count)
    ]


def test_documents_without_annotations_are_no_annotated_ones():
    bare = Document(id="a", text="Rain.")
    assert annotated([bare, *reports(1)]) == reports(1)
    with pytest.raises(CorpusError, match="no annotated document"):
        annotated([bare])


@pytest.mark.parametrize("count", [1, 4, 10, 99, None])
def test_so_many_reports_keep_their_annotations_and_the_rest_loses_them(count):
    kept, rest = keep_annotations(reports(10), count)
    assert len(kept) == min(10, count or 10)
    assert sorted(document.id for document in (*kept, *rest)) == sorted(document.id for document in reports(10))
    assert all(document in reports(10) for document in kept)
    assert not any(document.sentences or document.style for document in rest)


def test_fewer_annotated_reports_lie_within_more():
    few, more = ({document.id for document in keep_annotations(reports(20), count)[0]} for count in (6, 12))
    assert few < more


def test_a_folder_without_articles_or_no_folder_gives_none(tmp_path):
    assert read_unlabelled(tmp_path / "nowhere", [DEV], 8) == ([], [])
    (tmp_path / "README.md").write_text("Put articles here.")
    assert read_unlabelled(tmp_path, [DEV], 8) == ([], [])


def test_articles_are_read_and_the_bad_ones_listed(tmp_path):
    (tmp_path / "README.md").write_text("Put articles here.")
    (tmp_path / "a.txt").write_text("A mortar shell hit the quay.")
    (tmp_path / "b.jsonl").write_text('{"id": "b", "text": "Police fired."}\n{broken\n')
    (tmp_path / "c.txt").write_text("THE ROOF of the old customs shed before dawn, people say.")
    articles, failures = read_unlabelled(tmp_path, [DEV], 6)
    assert [document.id for document in articles] == ["unlabelled/a", "unlabelled/b"]
    assert [(failure.id, failure.line, failure.error) for failure in failures] == [
        (None, 2, "DecodeError"),
        ("c", None, "LeakError"),
    ]
    assert "'the roof of the old customs' with dev-1" in failures[1].message
