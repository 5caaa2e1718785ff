"""Figures in text: find them, and compare them by value. Pure functions."""

from qa.language.figures.comparison import holds, same_figure
from qa.language.figures.grammar import find_figures, parse_amount, plain

__all__ = ["find_figures", "holds", "parse_amount", "plain", "same_figure"]
