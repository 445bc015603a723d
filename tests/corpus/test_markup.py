import pytest

from pipeline.corpus.markup import Line, MarkupError, parse_line, strip_marks
from pipeline.schema import Span


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("[ | | none] Rain.", Line("Rain.", (), (), "none", ())),
        (
            "[riot repression | accused | official] {source:Police} fired.",
            Line("Police fired.", ("riot", "repression"), ("accused",), "official", (Span("source", 0, 6),)),
        ),
        (
            "[repression riot | | none] X",  # keys come in the label set's order
            Line("X", ("riot", "repression"), (), "none", ()),
        ),
    ],
)
def test_line(raw, line):
    assert parse_line(raw) == line


@pytest.mark.parametrize(
    ("marked", "text", "spans"),
    [
        ("a {time:b} c", "a b c", [("time", "b")]),
        (
            "{actor:{source:Azawen Front}} said",
            "Azawen Front said",
            [("actor", "Azawen Front"), ("source", "Azawen Front")],
        ),
        ("{target:fort of {location:Bria}}", "fort of Bria", [("target", "fort of Bria"), ("location", "Bria")]),
        (r"a \{b\} c\\d", r"a {b} c\d", []),
        ("C:\\dir", "C:\\dir", []),
    ],
)
def test_marks(marked, text, spans):
    found, marks = strip_marks(marked)
    assert found == text
    assert [(span.role, text[span.start : span.end]) for span in marks] == spans


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("no bracket", "not a sentence line"),
        ("[ | | none]no space", "not a sentence line"),
        ("[ | | none] ", "not a sentence line"),
        ("[bombing | | none] X", "unknown event type 'bombing'"),
        ("[ | blamed | none] X", "unknown responsibility 'blamed'"),
        ("[ | | ] X", "0 sources"),
        ("[ | | media expert] X", "2 sources"),
        ("[riot riot | | none] X", "given twice"),
        ("[ | | none] {who:X}", "opens no known role"),
        ("[ | | none] {actor:X", "never closed"),
        ("[ | | none] X}", "closes nothing"),
        ("[ | | none] {actor:}X", "empty `actor` span"),
        ("[ | | none] {actor: X}", "begins or ends with a space"),
    ],
)
def test_refusals_say_what_and_how_to_mend(raw, message):
    with pytest.raises(MarkupError, match=message) as caught:
        parse_line(raw)
    assert caught.value.mend
