import re

import pytest

from sandbox.catalogue import SERVICES, Service, find_service
from sandbox.province import Province
from tests.sandbox.citizen import Citizen

CODE = re.compile(r"000\.00\.\d\d\.M67-\d{6}-\d{4}")


def service(service_id: str) -> Service:
    found = find_service(service_id)
    assert found is not None
    return found


@pytest.mark.parametrize("each", SERVICES, ids=lambda each: str(each.id))
async def test_every_service_can_be_submitted_and_looked_up(
    each: Service, province: Province, citizen: Citizen
) -> None:
    code = await citizen.submit(each)
    assert CODE.fullmatch(code)
    result = await citizen.get(f"{province.url(each.system)}/tra-cuu?ma-ho-so={code}")
    assert "Đã tiếp nhận" in result.text
    assert each.name in result.text
    assert province.counters.submissions == {each.id: 1}
    assert province.counters.uploads[each.id] == len(each.documents)
    assert province.counters.sign_ins["succeeded"] == int(each.sign_in)
    assert province.counters.payments[each.id] == int(bool(each.fee_vnd))
