"""What the citizen does with the browser itself: its address bar and its tabs."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError

from checks.journey import Goto, NewTab
from checks.run import Reason, Verdict
from probes.browser.alive import alive
from probes.browser.goals import Done
from probes.browser.look import look as look_at
from probes.browser.means import Means, unwalkable
from probes.browser.neterrors import code_of
from probes.browser.stage import Awaited, Failure, StepError

TabAction = Goto | NewTab


@dataclass(slots=True)
class Tabs:
    """Opens addresses and closes tabs."""

    means: Means

    async def perform(self, action: TabAction) -> Done:
        """Do one thing; see `Actions.perform`."""
        match action:
            case Goto():
                return await self._goto(self.means.stage.resolve(action.goto))
            case NewTab():
                return await self._close()

    async def _goto(self, url: str) -> Done:
        if urlsplit(url).scheme not in ("http", "https"):
            raise unwalkable("địa chỉ phải là http hoặc https")
        stage, last = self.means.stage, self.means.goals.last
        stage.awaited = Awaited()
        if last.ended > last.began:  # inside a step; between steps the screen has just been read out
            await self._look()
        began = stage.clock()
        try:
            await stage.page.goto(url, wait_until="commit", timeout=self.means.timeout_ms())
        except PlaywrightError as error:
            # The traffic monitor knows why; a page that moved on at once is not an error.
            if "Download is starting" in error.message:
                raise self._file_instead() from None
            if code_of(error.message) is None and "interrupted by another navigation" not in error.message:
                raise
            alive(stage, None)
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
