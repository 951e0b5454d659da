"""The table of docs/blocked.md: every sign by which a page that turns robots away is known."""

import re
from collections.abc import Iterator

from probes.blocked import SIGNS, Sign

_TABLE = re.compile(r"(<!-- signs -->\n).*?(<!-- end -->)", re.DOTALL)
_WHERE = {
    "words": "title and words",
    "header": "header field",
    "frame": "frames",
    "script": "scripts",
    "widget": "boxes of a captcha",
}


def renewed(page: str) -> str:
    """Return `page` with its table written anew."""
    return _TABLE.sub(lambda mark: "\n".join((mark[1], *_rows(), "", mark[2])), page)


def _rows() -> Iterator[str]:
    yield from ("| product | looked for in | sign | on a page | it is | verdict, reason |", "|---|---|---|---|---|---|")
    for sign in SIGNS:
        pattern = _code(sign.pattern) + (f", unless {_code(sign.unless)}" if sign.unless else "")
        page = f"{sign.page}, not 5xx" if sign.not_5xx else sign.page
        yield f"| {sign.product} | {_WHERE[sign.where]} | {pattern} | {page} | {sign.means} | {_verdict(sign)} |"


def _code(pattern: str) -> str:
    return f"<code>{pattern.replace('|', '&#124;').replace('<', '&lt;')}</code>"


def _verdict(sign: Sign) -> str:
    kind = "blocked" if sign.blame is None else f"inconclusive, `{sign.blame}`"
    return f"{kind}, `{sign.reason.value}`"
