"""Which addresses may be fetched."""

import pytest

from qa.errors import FetchFailed
from qa.ingest.web.addresses import is_public, parse_url


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
        "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1",
    ],
)  # fmt: skip
def test_what_only_this_machine_or_network_can_reach_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)  # fmt: skip
def test_what_everybody_can_reach_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "only http and https"),
        ("ftp://a.example/feed", "only http and https"),
        ("gopher://a.example/", "only http and https"),
        ("a.example/feed", "only http and https"),
        ("https://", "no host"),
        ("https://jane:secret@a.example/", "user name or password"),
        ("https://a.example/" + "x" * 2000, "2,018 characters"),
        ("https://a.example:99999/", "invalid address"),
    ],
)
def test_other_addresses_are_refused_with_the_reason(url: str, reason: str) -> None:
    with pytest.raises(FetchFailed, match=reason) as refused:
        parse_url(url)
    assert "secret" not in str(refused.value)


def test_a_fragment_is_left_out() -> None:
    assert str(parse_url(" https://a.example/feed?a=1#top ")) == "https://a.example/feed?a=1"
