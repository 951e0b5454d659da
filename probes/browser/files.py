"""The files a citizen attaches to a form and takes home from it."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import FilePayload

from checks.attached import attached
from checks.elements_vi import quoted
from checks.journey import Download, Upload
from checks.run import Reason, Verdict
from checks.targets import DownloadTarget, UploadTarget
from probes.browser.aim import Want
from probes.browser.attachment import MIME, content
from probes.browser.goals import Done
from probes.browser.means import Means
from probes.browser.pointer import Pointer
from probes.browser.received import fault
from probes.browser.stage import Awaited, Failure, StepError, unwalkable

FileAction = Upload | Download


@dataclass(slots=True)
class Files:
    """Attaches files and waits for those that come."""

    means: Means
    pointer: Pointer

    async def perform(self, action: FileAction) -> Done:
        """Do one thing; see `Actions.perform`."""
        match action:
            case Upload():
                return await self._upload(action.upload)
            case Download():
                return await self._download(action.download)

    async def _upload(self, target: UploadTarget) -> Done:
        stage = self.means.stage
        aim = await self.means.finder.aim(target, Want(seen=False))
        self.means.guard.typing(str(aim.state["href"]))
        file = await self._file(target)
        began = stage.clock()
        await aim.element.set_input_files(file, timeout=self.means.timeout_ms())
        stage.tally.attached()
        return Done(began, stage.clock())

    async def _file(self, target: UploadTarget) -> Path | FilePayload:
        stage, made = self.means.stage, target.file
        if target.path is None:
            name = f"{stage.resolve(made.name)}.{made.type}"
            return {"name": name, "mimeType": MIME[made.type], "buffer": content(made)}
        try:  # once more: what lies there may have changed since checks.yaml was read
            return await asyncio.to_thread(attached, stage.folder, target.path)
        except ValueError:
            raise unwalkable(f"không có tệp {quoted(target.path)} trong thư mục của checks.yaml") from None

    async def _download(self, target: DownloadTarget) -> Done:
        stage = self.means.stage
        arrived = stage.watch.downloads
        while not arrived.empty():
            arrived.get_nowait()
        click = await self.pointer.click(target, Want(press=True, strike=True), submits=False)
        stage.awaited = Awaited(says="không có tệp nào được tải về", reason=Reason.DOWNLOAD)
        download = await arrived.get()
        try:
            path = await download.path()
        except PlaywrightError:
            raise self._bad_file("tệp tải về bị đứt giữa chừng") from None
        ended = stage.clock()
        name = None if target.file.name is None else stage.resolve(target.file.name)
        told = download.suggested_filename
        wrong = await asyncio.to_thread(fault, target.file, name, told, path, stage.secrets.redact)
        if wrong:
            raise self._bad_file(wrong)
        newest = stage.page
        if stage.watch.tabs > stage.tabs and newest.url in ("", ":", "about:blank"):
            await newest.close()  # opened for the file alone; a full browser closes it by itself
        return Done(click.began, ended, goal=True, acted=click.ended)

    def _bad_file(self, message: str) -> StepError:
        stage = self.means.stage
        blame = stage.target.owners.blame(stage.page.url)
        return StepError(Failure(Verdict.FAILED, Reason.DOWNLOAD, blame, message))
