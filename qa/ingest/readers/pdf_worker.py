"""The process that reads one PDF: `python -m qa.ingest.readers.pdf_worker BYTES SECONDS`.

The file comes on standard input, the entry goes to standard output as JSON.
"""

import json
import sys

from qa.errors import BadInput
from qa.ingest.readers.pdf import pages_entry


def main() -> None:
    """Read, within so much memory and processor time where the system can bound them."""
    memory, seconds = (int(argument) for argument in sys.argv[1:])
    try:
        import resource
    except ImportError:  # Windows
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    reply: dict[str, object]
    try:
        entry = pages_entry(sys.stdin.buffer.read())
    except BadInput as error:
        reply = {"reason": str(error)}
    else:
        reply = {"record": entry.record, "warnings": entry.warnings}
    json.dump(reply, sys.stdout)


if __name__ == "__main__":
    main()
