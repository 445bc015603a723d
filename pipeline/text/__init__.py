"""Sentences, windows and alignment: pure functions on text and offsets."""
