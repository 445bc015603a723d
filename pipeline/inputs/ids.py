"""Which ids were read before, and where: exact, in a fixed budget of memory."""

import sqlite3
from typing import Final

from pipeline.inputs.article import Place

_CACHE_KIB: Final = 16 * 1024


class FirstPlaces:
    """The place at which each id was read first, kept in a temporary database.

    An empty file name is SQLite's private database: it lies on disk as soon as it outgrows the cache, and no file is
    left behind, whatever ends the process. Nothing in it has to survive a crash, so there is no journal.
    """

    def __init__(self) -> None:
        """Open the database."""
        # A reader may be started in one thread and read from in another, though never by two at a time.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for statement in (
            f"PRAGMA cache_size = -{_CACHE_KIB}",
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "CREATE TABLE places (id TEXT PRIMARY KEY, input TEXT, line INTEGER) WITHOUT ROWID",
            "BEGIN",
        ):
            self._database.execute(statement)

    def close(self) -> None:
        """Delete it."""
        self._database.close()

    def setdefault(self, identifier: str, place: Place) -> Place:
        """The place that the id has; it is the one given when the id is new."""
        row = (identifier, place.input, place.line)
        if self._database.execute("INSERT INTO places VALUES (?, ?, ?) ON CONFLICT DO NOTHING", row).rowcount:
            return place
        found = self._database.execute("SELECT input, line FROM places WHERE id = ?", row[:1])
        return Place(*found.fetchone())
