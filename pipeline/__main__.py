"""``python -m pipeline`` is the command ``conflict-events``."""

from pipeline.cli import main

main()
