"""What an agent in a process of its own says on its pages."""

import aiohttp

from tests.until import until


async def read(url: str, status: int = 200) -> str:
    """Return a page that answers so."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == status, url
        return await answer.text()


async def said(url: str, words: str) -> None:
    """Wait until a page says so."""
    await until(lambda: read(url), lambda page: words in page)
