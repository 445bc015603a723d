"""Stage ``report``: the page that people read, of the gold articles as the model reads them."""

from pathlib import Path
from typing import Final

from pipeline.incidents.merge import merge_incidents
from pipeline.records import read_jsonl
from pipeline.report.contents import Run, gather
from pipeline.report.model import read_model
from pipeline.report.write import write_page
from pipeline.schema import Document, DocumentResult
from pipeline.stages.runner import run, say

_PART: Final = "gold.jsonl"
_TITLE: Final = "The gold articles as the model reads them"


def main(prepared: Path, predictions: Path, metrics: Path, plots: Path, output: Path) -> None:
    """Merge the predicted records and write the page, with a part on the model."""
    documents = list(read_jsonl(predictions / _PART, DocumentResult))
    found = Run(incidents=merge_incidents(documents), documents=documents)
    articles = read_jsonl(prepared / _PART, Document)
    contents = gather(found, articles, _TITLE, read_model(metrics, plots))
    write_page(contents, output)
    say(f"report: {len(contents.articles)} articles, {len(contents.incidents)} incidents -> {output}; none dropped")


if __name__ == "__main__":
    run(main)
