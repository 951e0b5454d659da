"""Following a redirect by hand: where to, with what, and where not to."""

from collections.abc import Mapping
from dataclasses import dataclass

from yarl import URL

from checks.run import AGENT, Reason
from probes.conclusion import Conclusion, ours, theirs

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEP_METHOD = frozenset({307, 308})
_BOUND_TO_ORIGIN = frozenset({"authorization", "cookie", "host", "proxy-authorization"})


class RedirectError(Exception):
    """The server redirects to where we do not go; `conclusion` says what that means."""

    def __init__(self, conclusion: Conclusion) -> None:
        super().__init__(conclusion.message)
        self.conclusion = conclusion


@dataclass(frozen=True, slots=True)
class Request:
    """One request to send.

    `private` headers hold secrets and stay with the origin they were written for; so does the body if `body_private`.
    """

    url: URL
    method: str
    headers: Mapping[str, str]
    private: Mapping[str, str]
    body: bytes | None
    body_private: bool = False

    def redirected(self, status: int, location: str) -> "Request":
        """Return the request that a browser would send after this redirect.

        Raises:
            RedirectError: The address cannot be read or is not http(s), or a secret would have to go along.
        """
        url = _target(self.url, location)
        becomes_get = status not in _KEEP_METHOD and self.method not in ("GET", "HEAD")
        method, body = ("GET", None) if becomes_get else (self.method, self.body)
        headers, private = self.headers, self.private
        if url.origin() != self.url.origin():
            if body is not None and self.body_private:
                message = f"Trang chuyển hướng biểu mẫu có bí mật sang {url.host}; phép đo không gửi theo"
                raise RedirectError(ours(AGENT, Reason.CONFIG, message))
            private = {}
            headers = {name: value for name, value in headers.items() if name.lower() not in _BOUND_TO_ORIGIN}
        return Request(url, method, headers, private, body, self.body_private)


def _target(base: URL, location: str) -> URL:
    try:
        url = base.join(URL(location)).with_fragment(None)
        (url.raw_host or "").encode("idna")
    except ValueError:  # UnicodeError is one
        raise _astray("Trang chuyển hướng tới một địa chỉ không đọc được") from None
    if url.scheme not in ("http", "https") or not url.raw_host:
        raise _astray(f"Trang chuyển hướng tới địa chỉ không phải http(s) ({url.scheme}:)")
    return url


def _astray(message: str) -> RedirectError:
    return RedirectError(theirs(Reason.REDIRECT, message))
