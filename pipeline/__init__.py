"""conflict-events: from news reports of political violence to structured, attributed event data."""

__version__ = "0.1.0"
