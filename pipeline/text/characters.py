"""Characters that libraries refuse."""

import re
from typing import Final

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def readable(text: str) -> str:
    """The text with the replacement character for every lone surrogate, which UTF-8 cannot hold; offsets stay."""
    return _LONE_SURROGATE.sub("\ufffd", text)
