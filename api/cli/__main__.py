"""`python -m api.cli`: the `dateline` command."""

from api.cli import main

main()
