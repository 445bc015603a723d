"""Every error that this package raises on purpose, in one tree.

A message says what was found, what was expected, where, and what to do about it.
"""


class ConflictEventsError(Exception):
    """Base of all errors raised by this package."""


class InputError(ConflictEventsError):
    """A file or document given by the user cannot be read as what it should be."""


class CorpusError(InputError):
    """A report, an annotation or the split of the corpus breaks the format's rules."""


class GoldError(InputError):
    """A gold article or its annotation is missing or differs from what was annotated."""


class LeakError(CorpusError):
    """Text occurs in two places that must not share any: train and gold, or two families."""


class ParamsError(ConflictEventsError):
    """``params.yaml`` has a missing, unknown or mistyped value."""


class ModelError(ConflictEventsError):
    """A model folder or the base encoder is missing, incomplete or not the one expected."""


class ExportError(ModelError):
    """The exported model decides differently from the trained one."""
