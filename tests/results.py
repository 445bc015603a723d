"""What the extractor gives of an article, written by hand."""

from typing import Any

from pipeline.schema import DocumentResult, Incident


def extracted(name: str, *incidents: Incident, **fields: Any) -> DocumentResult:
    """A result with these incidents, and with nothing else but the fields that are given."""
    nothing = {"published": None, "source": None, "title": None, "text_sha256": "", "sentences": (), "warnings": ()}
    return DocumentResult(id=name, incidents=incidents, **{**nothing, **fields})
