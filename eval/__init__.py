"""Evaluation: known-answer cases, metrics, runs and reports."""
