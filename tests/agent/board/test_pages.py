from tests.agent.board.conftest import Site
from tests.agent.board.province import BROKEN


async def test_every_page_answers(site: Site) -> None:
    run = site.seeded.runs[BROKEN].id
    for path in ("/", "/services/khai-sinh", f"/checks/{BROKEN}", f"/runs/{run}", "/agencies/so-xay-dung", "/ranking",
                 "/incidents", f"/incidents/{site.seeded.incident}", "/agent", "/measures"):  # fmt: skip
        assert "</html>" in await site.text(path)
