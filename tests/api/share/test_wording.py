"""Answers in words."""

import pytest

from api.share import wording
from qa.answer import Answer, Change, Citation, Currency, IndexState, ShortAnswer
from qa.types import Filters
