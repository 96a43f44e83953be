"""URLs taken apart: where to connect, how the request begins, and which URLs are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.outbound import BadUrl
from gateway.outbound.target import Origin, redirected, target_of


@pytest.mark.parametrize(
    ("url", "origin", "head"),
    [
        ("http://a.example", ("http", "a.example", 80), "POST / HTTP/1.1\r\nhost: a.example\r\n"),
        ("https://A.Example/x", ("https", "a.example", 443), "POST /x HTTP/1.1\r\nhost: a.example\r\n"),
        (
            "http://a.example:8080/x?y=z#part",
            ("http", "a.example", 8080),
            "POST /x?y=z HTTP/1.1\r\nhost: a.example:8080\r\n",
        ),
        ("https://a.example:443/", ("https", "a.example", 443), "POST / HTTP/1.1\r\nhost: a.example\r\n"),
        (
            "http://[2606:4700::1111]:81/",
            ("http", "2606:4700::1111", 81),
            "POST / HTTP/1.1\r\nhost: [2606:4700::1111]:81\r\n",
        ),
        (
            "http://bücher.example/a b/ä?ü=%20",
            ("http", "xn--bcher-kva.example", 80),
            "POST /a%20b/%C3%A4?%C3%BC=%20 HTTP/1.1\r\nhost: xn--bcher-kva.example\r\n",
        ),
        (
            "https://me:se%3Acret@a.example/",
            ("https", "a.example", 443),
            "POST / HTTP/1.1\r\nhost: a.example\r\nauthorization: Basic bWU6c2U6Y3JldA==\r\n",
        ),
    ],
)
def test_urls(url: str, origin: tuple[str, str, int], head: str) -> None:
    target = target_of(url)
    assert (target.origin, target.head) == (Origin(*origin), head)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.example/x",
        "ftp://a.example/",
        "file:///etc/passwd",
        "http://",
        "http:///x",
        "http://a.example:0/",
        "http://a.example:99999/",
        "http://a.example:x/",
        "http://[::1/",
        "http://a b.example/",
        "http://a\x00.example/",
        "http://a_%0d%0a/" + "x" * 3 + "\ud800",
        "http://" + "ä" * 300 + ".example/",
        "http://" + "a" * 254 + "/",
    ],
)
def test_urls_that_can_not_be_used(url: str) -> None:
    with pytest.raises(BadUrl):
        target_of(url)


@given(st.text(), st.text())
def test_no_url_breaks_out_of_its_line(host: str, path: str) -> None:
    """Whatever a tenant writes, the head has its two or three lines."""
    try:
        target = target_of(f"http://{host}/{path}")
    except BadUrl:
        return
    lines = target.head.encode("latin-1").split(b"\r\n")
    assert len(lines) == 4 if b"authorization" in target.head.encode() else len(lines) == 3
    assert lines[0].startswith(b"POST /")
    assert lines[0].count(b" ") == 2
    assert target.head.isascii()
    assert target.head.count("\n") == len(lines) - 1


def test_redirects_are_relative_to_their_source() -> None:
    source = target_of("https://a.example/hooks/one?x=y")
    assert redirected(source, "two").url == "https://a.example/hooks/two"
    assert redirected(source, "//b.example/z").origin == Origin("https", "b.example", 443)


def test_a_redirect_does_not_leave_tls() -> None:
    with pytest.raises(BadUrl, match="in the clear"):
        redirected(target_of("https://a.example/"), "http://a.example/")
    assert redirected(target_of("http://a.example/"), "https://a.example/").origin.scheme == "https"
