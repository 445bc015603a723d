"""Matching predictions to gold, metrics, intervals, baselines, plots."""
