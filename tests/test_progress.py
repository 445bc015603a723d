"""Progress where nobody watches, and where somebody does."""

from io import StringIO

import pytest
from rich.console import Console

from pipeline import progress as module
from pipeline.progress import progress


def said(total, seconds, monkeypatch):
    """What is written when 30 items take so many seconds each."""
    clock = iter(range(0, 30 * seconds + seconds, seconds))
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    stream = StringIO()
    with progress("extracting", total, Console(file=stream)) as advance:
        for _ in range(30):
            advance(1)
    return stream.getvalue().splitlines()


def test_short_work_is_quiet(monkeypatch):
    assert said(30, 1, monkeypatch) == []


def test_long_work_says_a_line_a_minute(monkeypatch):
    lines = said(30, 10, monkeypatch)
    assert lines[0] == "extracting: 6 of 30, 10.0 s each, 4 min left"
    assert len(lines) == 5
    assert lines[-1].endswith("0 min left")


def test_without_a_total_there_is_no_remaining_time(monkeypatch):
    assert said(None, 60, monkeypatch)[1] == "extracting: 2, 60.0 s each"


@pytest.mark.parametrize(("speed", "words"), [(0.0, "–"), (0.25, "4.0 s each"), (1.0, "1.0/s"), (12.34, "12.3/s")])
def test_a_rate_is_by_second_or_by_item(speed, words):
    assert module._rate(speed) == words


def test_a_terminal_has_a_bar():
    stream = StringIO()
    with progress("extracting", 4, Console(file=stream, force_terminal=True, width=120)) as advance:
        advance(3)
    assert "3/4" in stream.getvalue()
