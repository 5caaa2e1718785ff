"""Research commands refuse bad input as `dateline` does: one line on stderr, exit code 2."""

import sys
from collections.abc import Callable
from functools import wraps

from qa.errors import BadInput


def refusing(command: Callable[[], None]) -> Callable[[], None]:
    """Turn a BadInput of the command into a line on stderr and exit code 2."""

    @wraps(command)
    def guarded() -> None:
        try:
            command()
        except BadInput as error:
            print(error, file=sys.stderr)
            sys.exit(2)

    return guarded
