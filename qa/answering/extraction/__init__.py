"""Answers made of the archive's own words: a span, whole sentences, a verdict, items, a brief."""
