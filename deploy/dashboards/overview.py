"""The overview dashboard, printed as JSON by `python -m deploy.dashboards.overview`.

Keep it with `python -m deploy.dashboards.overview > deploy/grafana/dashboards/overview.json`.
"""

import json
import sys

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync

from deploy.dashboards.agent_rows import agent
from deploy.dashboards.panels import choice
from deploy.dashboards.service_rows import availability, state_now
from deploy.dashboards.walk_rows import durations, effort, steps


def overview() -> Dashboard:
    """Return the dashboard, rows in the order in which an operator asks."""
    board = (
        Dashboard("Giám sát dịch vụ công trực tuyến")
        .uid("dvcwatch-overview")
        .description("Dịch vụ nào dùng được, nhanh hay chậm, người dân phải làm gì, và máy đo có đáng tin không.")
        .tags(["dvcwatch"])
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .timezone("Asia/Ho_Chi_Minh")
        .week_start("monday")
        .time("now-24h", "now")
        .refresh("1m")
        .with_variable(choice("system", "Hệ thống", "label_values(dvcwatch_check_info, system)"))
        .with_variable(choice("check", "Phép kiểm tra", 'label_values(dvcwatch_check_info{system=~"$system"}, check)'))
    )
    for section in (state_now(), availability(), durations(), steps(), effort(), agent()):
        board = board.with_row(Row(section.title))
        for panel in section.panels:
            board = board.with_panel(panel)
    return board


def document() -> str:
    """Return the dashboard as JSON, the same bytes every time."""
    return json.dumps(overview().build(), cls=JSONEncoder, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
