"""A validation error as one sentence."""

import pytest
from pydantic import BaseModel, ValidationError, field_validator

from qa.errors import first_problem


class _Sample(BaseModel):
    names: list[str] = []

    @field_validator("names")
    @classmethod
    def _few(cls, names: list[str]) -> list[str]:
        if len(names) > 2:
            raise ValueError("too many names")
        return names


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"names": ["a", 5, 6]}, "names.1: Input should be a valid string"),
        ({"names": ["a", "b", "c"]}, "names: too many names"),
        (5, "the line: Input should be a valid dictionary"),
    ],
)
def test_the_first_problem_names_its_key(content: object, says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        _Sample.model_validate(content)
    assert first_problem(refused.value, "the line").startswith(says)
