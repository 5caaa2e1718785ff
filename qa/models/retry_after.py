"""What a server says about when to come back."""

from collections.abc import Mapping


def seconds(headers: Mapping[str, str]) -> float | None:
    """The Retry-After header in seconds; None when absent or a date."""
    try:
        return max(0.0, float(headers["retry-after"]))
    except (KeyError, ValueError):
        return None
