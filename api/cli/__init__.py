"""The command line: `dateline`, or `python -m api.cli`."""

from api.cli.app import cli, main

__all__ = ["cli", "main"]
