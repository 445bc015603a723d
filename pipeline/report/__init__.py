"""The page that people read: what a run extracted, as one HTML file that opens without a network."""
