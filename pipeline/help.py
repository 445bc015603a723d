"""Words of the commands' help texts."""


def examples(*commands: str) -> str:
    """The end of a help text: commands to copy, each on a line of its own."""
    return "\n\n".join(("Examples:", *commands))
