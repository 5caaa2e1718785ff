"""One name for each publisher."""

import pytest

from qa.ingest.metadata.publisher import host_of, publisher_name


@pytest.mark.parametrize(
    ("stated", "host", "expected"),
    [
        (["AQ News", "Associated Quill"], "aqnews.example", "AQ News"),
        (["Associated Quill", "AQ News"], "aqnews.example", "AQ News"),
        (["Metro.co.uk"], "metro.co.uk", "Metro"),
        (["Metro"], "metro.co.uk", "Metro"),
        (["news.com.au"], "news.com.au", "news.com.au"),
        (["financialpilot", "Financial Pilot"], "financialpilot.example", "Financial Pilot"),
        (["Breaking World News Headlines - 7News"], "7news.example", "7News"),
        (["SEZ_Zpravy"], None, "SEZ Zpravy"),
        (
            ["@harbour", "https://harbour.example", "港口网版权所有"],
            "harbour.example",
            "harbour.example",
        ),
        (["Where hope finally made its great comeback today"], "hope.example", "hope.example"),
        (["The Storm"], "x.example", "x.example"),  # the article's own title
        (["The Quorl Morning Herald", "Nine"], "qmh.com.au", "The Quorl Morning Herald"),
        ([], None, None),
    ],
)
def test_the_name_is_that_of_the_outlet(
    stated: list[str], host: str | None, expected: str | None
) -> None:
    assert publisher_name(stated, host, "The storm") == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.harbour.example/a?b=1", "harbour.example"),
        ("http://[broken", None),
        ("", None),
        (None, None),
    ],
)
def test_the_host_of_an_address(url: str | None, expected: str | None) -> None:
    assert host_of(url) == expected
