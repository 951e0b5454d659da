import aiohttp
import pytest

from sandbox.catalogue import SERVICES
from sandbox.faults import FAULT_KINDS
from sandbox.province import Province
from tests.sandbox.citizen import Citizen


@pytest.fixture
def api(province: Province) -> str:
    return province.control_url + "/api"


async def test_faults_are_set_listed_and_cleared_over_http(api: str, citizen: Citizen) -> None:
    asked = {"target": "service:khai-sinh", "fault": "slow", "params": {"seconds": 2, "path": "xem-lai"}}
    async with citizen.session.post(api + "/faults", json=asked) as response:
        assert response.status == 201
    async with citizen.session.get(api + "/faults") as response:
        listed = await response.json()
    assert [fault["fault"] for fault in listed["active"]] == ["slow"]
    assert listed["active"][0]["params"] == {"seconds": 2.0}
    assert [kind["fault"] for kind in listed["kinds"]] == [kind.name for kind in FAULT_KINDS]
    async with citizen.session.delete(api + "/faults?target=service:khai-sinh&fault=slow") as response:
        assert await response.json() == {"cleared": 1}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"target": "host:cdn", "fault": "x"}',
        '{"target": "host:cdn", "fault": "slow", "params": 3}',
        '{"target": "host:cdn", "fault": "slow", "params": {"seconds": "lâu"}}',
    ],
)
async def test_a_request_that_makes_no_sense_is_answered_400(api: str, citizen: Citizen, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    async with citizen.session.post(api + "/faults", data=body.encode(), headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["error"]


async def test_pages_of_other_origins_cannot_switch_faults(api: str, province: Province, citizen: Citizen) -> None:
    foreign = {"Origin": province.url("cong-quoc-gia")}
    asked = {"target": "host:cdn", "fault": "slow"}
    async with citizen.session.post(api + "/faults", json=asked, headers=foreign) as response:
        assert response.status == 403
    assert province.faults.active() == ()


async def test_the_panel_lists_everything_and_its_buttons_work(province: Province, citizen: Citizen) -> None:
    panel = await citizen.get(province.control_url + "/")
    assert all(service.name in panel.text for service in SERVICES)
    assert "Không có sự cố nào" in panel.text
    async with citizen.session.post(
        province.control_url + "/su-co", data={"dich": "host:cdn", "su_co": "http_500", "thoi_han": ""}
    ) as response:
        assert "Tắt tất cả" in await response.text()
    assert [fault.kind.name for fault in province.faults.active()] == ["http_500"]
    async with citizen.session.post(province.control_url + "/su-co", data={"thao_tac": "tat"}) as response:
        assert response.status == 200
    assert province.faults.active() == ()


async def test_an_impossible_choice_on_the_panel_is_explained(province: Province, citizen: Citizen) -> None:
    async with citizen.session.post(
        province.control_url + "/su-co", data={"dich": "host:cdn", "su_co": "nxdomain"}
    ) as response:
        assert "nxdomain cannot be applied to cdn" in await response.text()


async def test_counters_count_pages_and_can_be_reset(api: str, province: Province, citizen: Citizen) -> None:
    await citizen.get(province.url("cong-quoc-gia") + "/thu-tuc/khai-sinh")
    async with citizen.session.delete(api + "/counters") as response:
        counts = await response.json()
    row = {"system": "cong-quoc-gia", "service": "khai-sinh", "step": "chi-tiet", "count": 1}
    assert counts["page_views"] == [row]
    assert counts["submissions_total"] == 0
    async with citizen.session.get(api + "/counters") as response:
        assert (await response.json())["page_views"] == []


@pytest.mark.parametrize(
    "report", ["", "[]", '{"counts": {"visits": 1}}', '{"counts": {"clicks": 1e9}}', '{"hands": [1]}']
)
async def test_a_report_of_usage_that_makes_no_sense_is_refused(
    province: Province, citizen: Citizen, report: str
) -> None:
    async with citizen.session.post(province.url("mot-cua-xa") + "/thong-ke", data=report) as response:
        assert response.status == 400
    assert province.counters.visitors.as_json() == []


async def test_a_visitor_is_one_on_all_systems(api: str, province: Province, citizen: Citizen) -> None:
    counts = {"clicks": 2, "keystrokes": 9}
    for system, hand in (("mot-cua-xa", "mouse"), ("thanh-toan", "keys")):
        report = {"counts": counts, "hands": [[1.0, hand]], "tab": system}
        async with citizen.session.post(province.url(system) + "/thong-ke", json=report) as response:
            assert response.status == 204
    async with citizen.session.get(api + "/counters") as response:
        (visitor,) = (await response.json())["visitors"]
    assert (visitor["clicks"], visitor["keystrokes"], visitor["hand_changes"], visitor["new_tabs"]) == (4, 18, 1, 1)


async def test_info_tells_what_a_monitor_needs_but_no_secret(api: str, province: Province, citizen: Citizen) -> None:
    async with citizen.session.get(api + "/info") as response:
        info, text = await response.json(), await response.text()
    assert info["urls"]["mot-cua-xa"] == province.url("mot-cua-xa")
    assert info["account"] == "012345678901"
    assert info["ca_file"] == str(province.ca_file)
    assert len(info["services"]) == len(SERVICES)
    assert "AnBinh-luyen-tap" not in text


async def test_files_come_with_their_type(province: Province, citizen: Citizen) -> None:
    for name, kind in (("giao-dien.css", "text/css"), ("cong.js", "text/javascript")):
        async with citizen.session.get(f"{province.url('cdn')}/{name}") as response:
            assert response.content_type == kind
    with pytest.raises(aiohttp.ClientResponseError, match="404"):
        async with citizen.session.get(province.url("cdn") + "/khong-co.css", raise_for_status=True):
            pass
