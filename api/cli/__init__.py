"""The command line: `dateline`, or `python -m api.cli`."""

from api.cli.app import main

__all__ = ["main"]
