"""Parquet's library, which is an extra."""

from types import ModuleType

from pipeline.errors import ConflictEventsError


def load_pyarrow() -> ModuleType:
    """The module ``pyarrow``, with ``pyarrow.parquet``.

    Raises:
        ConflictEventsError: When it is not installed.
    """
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise ConflictEventsError(
            f"Parquet needs pyarrow ({error}); `pip install 'conflict-events[tables]'` brings it, JSON lines, CSV and "
            "GeoJSON go without"
        ) from None
    return pyarrow
