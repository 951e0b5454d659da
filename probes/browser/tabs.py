"""What the citizen does with the browser itself: its address bar, its buttons and its tabs."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urldefrag, urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from checks.journey import Back, Goto, NewTab, Reload
from checks.run import Reason, Verdict
from probes.browser.alive import EMPTY_ERROR, alive
from probes.browser.astray import admitted
from probes.browser.goals import Done
from probes.browser.look import look as look_at
from probes.browser.means import Means
from probes.browser.neterrors import code_of
from probes.browser.stage import Awaited, Failure, StepError, unwalkable
from probes.browser.traffic import Sent

TabAction = Goto | Back | Reload | NewTab


@dataclass(slots=True)
class Tabs:
    """Opens addresses, goes back, loads again and closes tabs."""

    means: Means

    async def perform(self, action: TabAction) -> Done:
        """Do one thing; see `Actions.perform`."""
        match action:
            case Goto():
                return await self._goto(self.means.stage.resolve(action.goto))
            case Back():
                return await self._back()
            case Reload():
                return await self._reload()
            case NewTab():
                return await self._close()

    async def _goto(self, url: str) -> Done:
        if urlsplit(url).scheme not in ("http", "https"):
            raise unwalkable("địa chỉ phải là http hoặc https")
        await admitted(self.means.stage, url)
        return await self._leave(lambda page, ms: page.goto(url, wait_until="commit", timeout=ms))

    async def _back(self) -> Done:
        stage = self.means.stage
        asked = stage.clock()
        before = await _before(stage.page)
        stage.watch.spent(stage.clock() - asked)
        if before is None:
            raise unwalkable("không có màn hình nào trước đó để quay lại")
        self._refuse_to_send_again(before)
        return await self._leave(lambda page, ms: page.go_back(wait_until="commit", timeout=ms))

    async def _reload(self) -> Done:
        self._refuse_to_send_again(self.means.stage.page.url)
        return await self._leave(lambda page, ms: page.reload(wait_until="commit", timeout=ms))

    def _refuse_to_send_again(self, url: str) -> None:
        if answers_a_form(self.means.stage.traffic.sent, url):
            raise unwalkable("không tải lại màn hình trả lời một biểu mẫu đã gửi, vì như thế có thể gửi lần nữa")

    async def _leave(self, going: Callable[[Page, float], Awaitable[object]]) -> Done:
        """Go to another document by the browser's own means, which tell the page nothing."""
        stage, last = self.means.stage, self.means.goals.last
        stage.awaited = Awaited()
        if last.ended > last.began:  # inside a step; between steps the screen has just been read out
            await self._look()
        began = stage.clock()
        try:
            await going(stage.page, self.means.timeout_ms())
        except PlaywrightError as error:
            # The traffic monitor knows why; a page that moved on at once is not an error.
            if "Download is starting" in error.message:
                raise self._file_instead() from None
            if code_of(error.message) is None and "interrupted by another navigation" not in error.message:
                raise
            alive(stage, None)
            if code_of(error.message) == EMPTY_ERROR:  # told before the traffic monitor was
                raise TimeoutError from None
            if code_of(error.message) not in (None, "ERR_ABORTED"):
                raise
        return Done(began, stage.clock())

    def _file_instead(self) -> StepError:
        stage = self.means.stage
        main = stage.traffic.main(stage.page)
        blame = stage.target.owners.blame(main.url if main is not None else stage.page.url)
        return StepError(Failure(Verdict.FAILED, Reason.DOWNLOAD, blame, "máy chủ gửi một tệp thay vì một trang"))

    async def _close(self) -> Done:
        stage = self.means.stage
        if len(stage.walk.context.pages) == 1:
            raise unwalkable("chỉ còn một thẻ, không thể đóng")
        await self._look(last=True)
        began = stage.clock()
        await stage.page.close()
        await stage.page.bring_to_front()
        return Done(began, stage.clock())

    async def _look(self, *, last: bool = False) -> None:
        """Read out the screen that is about to be left; the time it takes is ours."""
        stage = self.means.stage
        asked = stage.clock()
        await look_at(stage, last=last)
        stage.watch.spent(stage.clock() - asked)


def answers_a_form(sent: Iterable[Sent], url: str) -> bool:
    """Whether the screen at `url` may be the answer to something that was sent in this walk.

    One that was only answered with a redirect is no screen. The browser itself asks with GET for an address that a
    page has put into the bar by script.
    """
    asked = [one for one in sent if one.main and urldefrag(one.url).url == urldefrag(url).url]
    return any(one.request.method != "GET" and not one.moved for one in asked)


async def _before(page: Page) -> str | None:
    """Return the address of the screen before the present one; None when there is none."""
    session = await page.context.new_cdp_session(page)
    history = await session.send("Page.getNavigationHistory")
    await session.detach()
    earlier = [str(entry["url"]) for entry in history["entries"][: history["currentIndex"]]]
    return earlier[-1] if earlier and urlsplit(earlier[-1]).scheme in ("http", "https") else None
