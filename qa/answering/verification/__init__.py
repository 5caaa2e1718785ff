"""Verification, in code and never by the model: does a statement say what its sources say?

`check` holds a text against sentences; its parts are form (addresses, markup), figures, names and
quotations, content words and their order, negations and doubts. `statements` applies it to what a
model wrote, `extract` gives the sentence itself where that fails.
"""

from qa.answering.verification.check import Judge, check
from qa.answering.verification.extract import extract
from qa.answering.verification.statements import (
    Held,
    Refused,
    Verified,
    figure_status,
    supported,
    verify,
)

__all__ = [
    "Held",
    "Judge",
    "Refused",
    "Verified",
    "check",
    "extract",
    "figure_status",
    "supported",
    "verify",
]
