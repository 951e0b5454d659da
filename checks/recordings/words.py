"""Words of a recording turned into ids, names and addresses of a journey."""

import re
import unicodedata
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from checks.brittle import made_up

_MOST = 48
_CUT = re.compile(r"\s+[|•·»–—-]\s+")
_TOKEN_NAME = re.compile(
    r"(?:access|id|refresh|auth|csrf|xsrf)?_?token|j?session_?id|phpsessid|sid|signature|sig|saml\w*|password|passwd|pwd"
    r"|otp|api_?key|secret",
    re.IGNORECASE,
)
_MAYBE_TOKEN = re.compile(r"code|state|nonce|ticket", re.IGNORECASE)
_SHORTEST_TOKEN = 16
_TOKEN = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[\w.+/=-]{24,}")
_PATH_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)


def plain(text: str) -> str:
    """Return `text` without Vietnamese marks and in lower case."""
    letters = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def slug(text: str, otherwise: str) -> str:
    """Return `text` as an id: `Số định danh` -> `so-dinh-danh`; `otherwise` when nothing is left of it."""
    words = re.findall(r"[a-z0-9]+", plain(text))
    found = ""
    for word in words:
        if len(found) + len(word) >= _MOST:
            break
        found += f"-{word}" if found else word
    return found or otherwise


def one_line(text: str) -> str:
    """Return `text` as it can stand in a comment: on one line, with nothing that a reader of YAML refuses."""
    return "".join(letter if letter.isprintable() else "?" for letter in " ".join(text.split()))


def short(text: str, most: int = 60) -> str:
    """Return a name of a thing on a page as it can stand within another name: on one line and capped."""
    line = " ".join(text.split()).rstrip(" *:")
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def heading(title: str) -> str:
    """Return what a page's title says of the page itself, without the portal's name: `Tra cứu | Cổng` -> `Tra cứu`."""
    return short(_CUT.split(" ".join(title.split()))[0])


def parts_of(url: str) -> SplitResult:
    """Split an address; nothing is left of one that is none."""
    try:
        return urlsplit(url)
    except ValueError:  # brackets that do not match
        return urlsplit("")


def path_of(url: str) -> str:
    """Return the path of an address, without its query."""
    return parts_of(url).path or "/"


def lasting_path(url: str) -> str:
    """Return the part of a path that is the same at every visit: `/ho-so/7/to-khai` -> `/ho-so/`."""
    kept: list[str] = []
    for part in path_of(url).split("/"):
        if part.isdigit() or (part and made_up(part) is not None):
            return "/".join([*kept, ""])
        kept.append(part)
    return "/".join(kept)


def address(url: str) -> tuple[str, list[str]]:
    """Return an address without what belongs to one visit or one person, and the names of what was left out."""
    parts = parts_of(url)
    left: list[str] = []
    kept: list[tuple[str, str]] = []
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        long = len(value) >= _SHORTEST_TOKEN
        if _TOKEN_NAME.fullmatch(name) or _TOKEN.fullmatch(value) or (long and _MAYBE_TOKEN.fullmatch(name)):
            left.append(f"query parameter '{name}'")
        else:
            kept.append((name, value))
    netloc = parts.netloc.rpartition("@")[2]
    left += ["user name and password"] if netloc != parts.netloc else []
    path = _PATH_SESSION.sub("", parts.path)
    left += ["session number"] if path != parts.path else []
    left += ["fragment"] if _TOKEN.search(parts.fragment) or "=" in parts.fragment else []
    fragment = "" if "fragment" in left else parts.fragment
    query = parts.query if not any(one.startswith("query") for one in left) else urlencode(kept)
    return urlunsplit((parts.scheme, netloc, path, query, fragment)), left
