"""The limits that a question states: whose reports, of which section, published when.

A name limits only where the archive has it and the words speak of a publication: "according to
Reuters", "what did Jane Roe write", "in the sports section", "reports from 2021". The same names as
a topic ("what did Reuters announce about its lay-offs?"), and the period of an event ("who was
elected in 2021?"), limit nothing: a limit too many hides the answer, one too few only ranks it
lower. Pure functions.
"""

from qa.language.limits.applying import Stated, may_state_limits, stated_limits
from qa.language.limits.known import KnownNames, publisher_key

__all__ = ["KnownNames", "Stated", "may_state_limits", "publisher_key", "stated_limits"]
