"""The rows on the walks: how long they took, step by step, and what they asked of the citizen."""

from deploy.dashboards.panels import GREEN, MINE, RED, YELLOW, Column, Query, Section, bars, curves, grid


def durations() -> Section:
    """How long runs took, and where the time went."""
    quantile = 'histogram_quantile({q}, sum by (check, le) (rate(dvcwatch_run_seconds_bucket{{check=~"$check"}}[1h])))'
    return Section(
        "Thời gian",
        (
            curves(
                "Thời gian lượt mới nhất",
                Query(f"dvcwatch_run_duration_seconds{MINE}", "{{check}}"),
                about="Từ lúc bắt đầu mở trang đến khi đạt đích; không gồm khởi động trình duyệt.",
                unit="s",
            ),
            curves(
                "Trung vị và phân vị 95 trong một giờ",
                Query(quantile.format(q=0.5), "{{check}} p50"),
                Query(quantile.format(q=0.95), "{{check}} p95"),
                about="Lượt hết thời gian chờ được tính ít nhất bằng thời gian chờ.",
                unit="s",
            ),
            curves(
                "Các pha của lượt HTTP",
                Query(f"avg by (phase) (dvcwatch_http_phase_duration_seconds{MINE})", "{{phase}}"),
                about="Phân giải tên, kết nối, TLS, chờ byte đầu, truyền nội dung.",
                unit="s",
                stacked=True,
            ),
            curves(
                "Chờ trong hàng đợi của máy đo",
                Query(f"dvcwatch_queue_delay_seconds{MINE}", "{{check}}"),
                about="Từ lúc đến hạn đến lúc bắt đầu; không tính vào thời gian của dịch vụ.",
                unit="s",
            ),
        ),
    )


def steps() -> Section:
    """How long each step of a journey took."""
    return Section(
        "Các bước",
        (
            bars(
                "Thời gian từng bước, lượt mới nhất",
                Query(f"sort_desc(dvcwatch_step_duration_seconds{MINE})", "{{check}} · {{index}} {{step}}"),
                about="Từ thao tác đầu của bước đến khi đạt đích của bước.",
                unit="s",
            ).height(12),
            curves(
                "Từng bước theo thời gian",
                Query(f"dvcwatch_step_duration_seconds{MINE}", "{{check}} · {{index}} {{step}}"),
                about="Các bước chồng lên nhau thành cả hành trình; nên chọn một phép kiểm tra.",
                unit="s",
                stacked=True,
            ).height(12),
            curves(
                "Thời gian máy chủ trả lời theo bước",
                Query(f"dvcwatch_step_server_seconds{MINE}", "{{check}} · {{index}} {{step}}"),
                about="Từ lúc gửi yêu cầu trang chính đến byte đầu tiên.",
                unit="s",
            ).span(24),
        ),
    )


def effort() -> Section:
    """What the citizen had to do, and how the pages behaved."""
    columns = (
        ("steps", "Bước", "short"),
        ("clicks", "Lần bấm", "short"),
        ("clicks_to_find", "Bấm để tìm", "short"),
        ("fields", "Ô phải điền", "short"),
        ("keystrokes", "Phím gõ", "short"),
        ("choices", "Lựa chọn", "short"),
        ("uploads", "Tệp đính kèm", "short"),
        ("screens", "Màn hình", "short"),
        ("redirects", "Chuyển hướng", "short"),
        ("new_tabs", "Thẻ mới", "short"),
        ("re_entry", "Điền lại", "short"),
        ("forced_wait_seconds", "Phải chờ", "s"),
        ("handling_seconds", "Công sức ước tính", "s"),
    )
    return Section(
        "Trải nghiệm người dân",
        (
            grid(
                "Người dân phải làm gì",
                *(
                    Column(f"sum by (check) (dvcwatch_ux_{name}{MINE})", heading, unit)
                    for name, heading, unit in columns
                ),
                about="Đếm từ thao tác thật của lượt đạt gần nhất.",
                keys=(("check", "Phép kiểm tra"),),
            ),
            curves(
                "Hiển thị nội dung chính (LCP)",
                Query(f"dvcwatch_vitals_lcp_seconds{MINE}", "{{check}}"),
                about="Trang chậm nhất trong hành trình.",
                unit="s",
            ),
            curves(
                "Hiển thị đầu tiên (FCP) và byte đầu (TTFB)",
                Query(f"dvcwatch_vitals_fcp_seconds{MINE}", "{{check}} FCP"),
                Query(f"dvcwatch_vitals_ttfb_seconds{MINE}", "{{check}} TTFB"),
                about="Trang chậm nhất trong hành trình.",
                unit="s",
            ),
            curves(
                "Xê dịch bố cục (CLS)",
                Query(f"dvcwatch_vitals_cls{MINE}", "{{check}}"),
                about="Trang xê dịch nhiều nhất trong hành trình; dưới 0,1 là tốt.",
            ),
            curves(
                "Dung lượng theo bên sở hữu",
                Query(f"sum by (owner) (dvcwatch_owner_bytes{MINE})", "{{owner}}"),
                about="Dung lượng tải về từ máy chủ của từng bên.",
                unit="decbytes",
                stacked=True,
            ),
            bars(
                "Số yêu cầu theo bên sở hữu",
                Query(f"sum by (owner) (dvcwatch_owner_requests{MINE})", "{{owner}}"),
                about="Số yêu cầu gửi tới máy chủ của từng bên trong lượt đạt gần nhất.",
            ),
            bars(
                "Lỗi tiếp cận",
                Query(f"sum by (check, impact) (dvcwatch_accessibility_violations{MINE}) > 0", "{{check}} {{impact}}"),
                about="Phần tử vi phạm WCAG ở lần kiểm tra trọn vẹn gần nhất, theo mức độ.",
            ),
            bars(
                "Lần kiểm tra tiếp cận gần nhất",
                Query(f"sort_desc(time() - dvcwatch_accessibility_audit_timestamp_seconds{MINE})", "{{check}}"),
                about="Đã bao lâu kể từ lần kiểm tra trọn vẹn gần nhất.",
                unit="s",
                steps=((None, GREEN), (2 * 86400, YELLOW), (3 * 86400, RED)),
            ),
            bars(
                "Chứng thư số còn hạn",
                Query(f"sort(dvcwatch_certificate_expiry_timestamp_seconds{MINE} - time())", "{{check}}"),
                about="Thời gian còn lại của chứng thư số.",
                unit="s",
                steps=((None, RED), (14 * 86400, YELLOW), (30 * 86400, GREEN)),
            ),
        ),
    )
