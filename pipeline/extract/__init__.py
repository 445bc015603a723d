"""From raw text to decided labels: decode, decide, Extractor."""
