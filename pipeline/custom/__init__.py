"""Training on label sets of one's own: label sets are data."""
