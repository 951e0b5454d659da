"""Addresses: what names no host is refused, and a password inside one is never repeated."""

import pytest
from pydantic import TypeAdapter, ValidationError

from checks.text import Url

ADDRESS: TypeAdapter[str] = TypeAdapter(Url)


@pytest.mark.parametrize(
    "text",
    [
        "http://u:Bimat123@cong.example/",
        "HTTP://u:Bimat123@cong.example/",
        "//u:Bimat123@cong.example",
        "http:/\\u:Bimat123@cong.example",
        "http:/u:Bimat123@cong.example",
        "u:Bimat123@cong.example",
        "ftp://u:Bimat 123@cong.example",
        "http://cong.example\\@khac.example",
        "${system.url}@khac.example",
    ],
)
def test_a_user_before_the_host_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ADDRESS.validate_python(text)
    said = caught.value.errors()[0]["msg"]
    assert said == "Value error, must not hold a user name or password; use secret_headers"


@pytest.mark.parametrize("text", ["http://a.example:0/", "http://a.example:70000/", "http:///x", "http://[::1/"])
def test_an_address_without_a_sound_host_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="names no host, or a port that is none"):
        ADDRESS.validate_python(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://a.example/x@y",
        "https://a.example:8443?u=//x@y",
        "${system.url}/x@y",
        "http://${may}/",
        "http://[::1]:80/",
    ],
)
def test_a_sound_address_is_kept(text: str) -> None:
    assert ADDRESS.validate_python(text) == text
