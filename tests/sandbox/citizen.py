"""A citizen without a browser: fills in what the catalogue says and follows where the province leads."""

import re
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin

import aiohttp
import pyotp

from sandbox.account import ACCOUNT_NUMBER, OTP_FILE, PASSWORD_FILE, practice_secret
from sandbox.catalogue import Service
from sandbox.province import Province

PDF = b"%PDF-1.4\n%practice\n"


class Form(HTMLParser):
    """The last form of a page that posts: its fields as they stand when the page opens."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.heading = ""
        self._in_heading = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._in_heading = tag == "h1"
        if tag == "form":
            self.values = {}
        name, kind = given.get("name"), given.get("type", "text")
        chosen = kind not in {"radio", "checkbox"} or "checked" in given
        if tag == "input" and name and chosen and kind != "file":
            self.values[name] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._in_heading:
            self.heading += data
            self._in_heading = False


@dataclass
class Page:
    """One answer: where it came from, its status, its text, and the form on it."""

    url: str
    status: int
    text: str

    @property
    def form(self) -> dict[str, str]:
        return Form(self.text).values

    @property
    def heading(self) -> str:
        return unescape(Form(self.text).heading)

    @property
    def step(self) -> str:
        return self.url.split("?")[0].rsplit("/", 1)[-1]

    def link(self, fragment: str) -> str:
        found = re.search(rf'(?:href|src)="([^"]*{fragment}[^"]*)"', self.text)
        assert found, f"no link with {fragment} on {self.url}"
        return urljoin(self.url, unescape(found.group(1)))


class Citizen:
    """Walks through a province with one cookie jar, as one browser would."""

    def __init__(self, province: Province, session: aiohttp.ClientSession) -> None:
        self.province = province
        self.session = session

    async def get(self, url: str) -> Page:
        async with self.session.get(url) as response:
            return Page(str(response.url), response.status, await response.text())

    async def post(self, page: Page, values: dict[str, str], files: tuple[str, ...] = ()) -> Page:
        data = aiohttp.FormData({**page.form, **values})
        for name in files:
            data.add_field(name, PDF, filename=f"{name}.pdf", content_type="application/pdf")
        async with self.session.post(page.url, data=data) as response:
            return Page(str(response.url), response.status, await response.text())

    async def find(self, service: Service) -> Page:
        """From the home page to the form's first page, not signed in yet for those that ask for it."""
        portal = self.province.url("cong-quoc-gia")
        await self.get(portal + "/")
        results = await self.get(f"{portal}/thu-tuc?tu-khoa={service.name}")
        if not service.units:
            return await self.get(results.link(f"/bat-dau/{service.id}"))
        detail = await self.get(results.link(f"/thu-tuc/{service.id}"))
        place = await self.get(detail.link("/noi-nop"))
        return await self.post(place, {"don_vi": service.units[0], "truong_hop": service.cases[0]})

    async def sign_in(self, service: Service, page: Page) -> Page:
        """Through the outside sign-on and back."""
        if not service.sign_in:
            return page
        sign_on = await self.get(page.link("/chuyen"))
        secret = practice_secret(PASSWORD_FILE)
        page = await self.post(sign_on, {"so_dinh_danh": ACCOUNT_NUMBER, "mat_khau": secret})
        if service.otp:
            page = await self.post(
                page, {"ma_otp": pyotp.TOTP(practice_secret(OTP_FILE)).at(self.province.world.now())}
            )
        if page.step == "khung":
            page = await self.get(page.link("to-khai-1"))
        return page

    async def fill_in(self, service: Service, page: Page) -> Page:
        """Every form page with the catalogue's samples; prefilled fields stay as they are."""
        for form_page in service.pages:
            standing = page.form
            typed = {f.name: f.sample for f in form_page.fields if not standing.get(f.name)}
            page = await self.post(page, typed)
            assert page.status == 200, page.text
        if page.step == "khung-xong":
            page = await self.get(page.link("giay-to"))
        return page

    async def attach_and_pay(self, service: Service, page: Page, how: str = "Trực tuyến") -> Page:
        """Upload every document and settle the fee; ends on the review page."""
        if service.documents:
            page = await self.post(page, {}, tuple(document.name for document in service.documents))
        if service.fee_vnd:
            page = await self.post(page, {"hinh_thuc": how})
            if how == "Trực tuyến":
                page = await self.post(page, {"phuong_thuc": "Thẻ nội địa"})
        return page

    async def review(self, service: Service) -> Page:
        """From the home page to the review page."""
        page = await self.sign_in(service, await self.find(service))
        return await self.attach_and_pay(service, await self.fill_in(service, page))

    async def submit(self, service: Service) -> str:
        """The whole way; returns the mã hồ sơ."""
        page = await self.post(await self.review(service), {"cam_doan": "1"})
        found = re.search(r'id="ma-ho-so">([^<]+)<', page.text)
        assert found, page.text
        return found.group(1)
