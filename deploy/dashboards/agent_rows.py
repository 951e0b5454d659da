"""The row on the agent: whether what it says can be trusted."""

from grafana_foundation_sdk.models.common import BigValueTextMode

from deploy.dashboards.panels import GREEN, RED, YELLOW, Query, Section, curves, figure


def agent() -> Section:
    """How the agent itself is."""
    return Section(
        "Máy đo",
        (
            figure("Phép kiểm tra", Query("sum(dvcwatch_config_checks)"), about="Đang được cấu hình."),
            figure(
                "Thư chờ gửi",
                Query("sum(dvcwatch_outbox_pending)"),
                about="Chưa gửi được và chưa bỏ.",
                steps=((None, GREEN), (1, YELLOW), (20, RED)),
            ),
            figure(
                "Lỗi kho kết quả, 24 giờ",
                Query("sum(increase(dvcwatch_store_errors_total[1d]))"),
                about="Thao tác mà kho từ chối.",
                steps=((None, GREEN), (1, RED)),
            ),
            figure(
                "Cấu hình",
                Query("min(dvcwatch_config_last_reload_success)"),
                about="1: lần nạp cấu hình gần nhất thành công.",
                steps=((None, RED), (1, GREEN)),
            ),
            figure(
                "Nạp cấu hình lúc",
                Query("max(dvcwatch_config_last_reload_timestamp_seconds) * 1000"),
                about="Thời điểm nạp cấu hình đang dùng.",
                unit="dateTimeAsLocal",
            ),
            figure(
                "Phiên bản",
                Query("dvcwatch_build_info", "{{version}} · {{browser}}"),
                about="Phiên bản máy đo và trình duyệt.",
            ).text_mode(BigValueTextMode.NAME),
            curves(
                "Hàng đợi và lượt đang chạy",
                Query("dvcwatch_queue_length", "đang chờ"),
                Query("dvcwatch_runs_in_progress", "đang chạy"),
                Query("dvcwatch_hosts_resting", "máy chủ đang được để yên"),
                about="Hàng đợi dài nghĩa là máy không đủ sức cho lịch này.",
            ),
            curves(
                "Sức đi thử",
                Query("dvcwatch_browser_demand", "lịch cần"),
                Query("dvcwatch_browser_capacity", "máy có"),
                Query("dvcwatch_walks_held", "đang chờ máy rảnh"),
                about="Số lượt đi thử cùng lúc, tính trung bình. Cần nhiều hơn có thì một số lượt bị bỏ.",
            ),
            curves(
                "Độ trễ vòng lặp",
                Query("dvcwatch_loop_lag_seconds", "{{instance}}"),
                about="Đồng hồ của máy đo kêu trễ bao lâu.",
                unit="s",
            ),
            curves(
                "Máy đo có đủ nhanh",
                Query("dvcwatch_agent_slowdown", "trang đối chứng, số lần so với lúc rảnh"),
                Query("dvcwatch_agent_cpu_pressure", "phần thời gian chờ bộ xử lý"),
                Query("dvcwatch_agent_cpu_steal", "bộ xử lý bị máy khác lấy"),
                Query("max by (cause) (dvcwatch_agent_degraded_cause)", "quá giới hạn: {{cause}}"),
                about="Trang đối chứng chậm hơn 1,5 lần lúc rảnh thì không dịch vụ nào bị coi là chậm.",
            ),
            curves(
                "Bộ nhớ của tiến trình",
                Query('process_resident_memory_bytes{job="dvcwatch"}', "{{instance}}"),
                about="Không gồm trình duyệt.",
                unit="bytes",
            ),
            curves(
                "Bộ xử lý của tiến trình",
                Query('rate(process_cpu_seconds_total{job="dvcwatch"}[$__rate_interval])', "{{instance}}"),
                about="Số lõi đang dùng, không gồm trình duyệt.",
            ),
            curves(
                "Lượt bị bỏ và lượt đo khi quá tải",
                Query("sum by (reason) (increase(dvcwatch_slots_skipped_total[1h]))", "bỏ: {{reason}}"),
                Query("increase(dvcwatch_queue_dropped_total[1h])", "nhường lượt mới hơn"),
                Query("sum(increase(dvcwatch_degraded_runs_total[1h]))", "đo khi quá tải"),
                about="Trong một giờ.",
            ),
            curves(
                "Lượt bị chậm, vì sao",
                Query("sum by (cause) (increase(dvcwatch_run_degradations_total[1h]))", "{{cause}}"),
                about="Số lượt trong một giờ có số đo của máy đo quá giới hạn; một lượt có thể quá nhiều giới hạn.",
            ),
            curves(
                "Thư và trình duyệt",
                Query("increase(dvcwatch_mails_sent_total[1h])", "thư đã gửi"),
                Query("increase(dvcwatch_mails_failed_total[1h])", "lần gửi lỗi"),
                Query("increase(dvcwatch_browser_launches_total[1h])", "khởi động trình duyệt"),
                Query("sum by (where) (increase(dvcwatch_unknown_errors_total[1h]))", "lỗi chưa có tên: {{where}}"),
                about="Trong một giờ.",
            ),
            curves(
                "Chờ lâu nhất",
                Query("dvcwatch_queue_wait_seconds", "{{instance}}"),
                about="Lượt chờ lâu nhất đã chờ bao lâu.",
                unit="s",
            ),
            curves(
                "Mạng của máy đo",
                Query("dvcwatch_network_up", "mạng"),
                Query("dvcwatch_reference_up", "{{reference}}"),
                Query("dvcwatch_systems_failing_together", "hệ thống cùng hỏng"),
                about="1: trả lời. Các địa chỉ đối chứng cho biết lỗi ở mạng của máy đo hay ở hệ thống.",
            ),
            curves(
                "Đồng hồ của máy đo",
                Query("dvcwatch_clock_ahead_seconds", "lệch so với đối chứng"),
                Query("dvcwatch_clock_held_seconds", "chờ đồng hồ bị lùi"),
                Query("increase(dvcwatch_clock_troubles_total[1h])", "lần bị chỉnh hoặc ngủ trong một giờ"),
                about="Giây, và số lần trong một giờ.",
            ),
            curves(
                "Kho dữ liệu",
                Query("dvcwatch_store_up", "trả lời"),
                Query("dvcwatch_spooled_outcomes", "kết quả giữ tạm trên đĩa"),
                Query("increase(dvcwatch_spool_dropped_total[1h])", "kết quả không giữ được trong một giờ"),
                about="Khi kho không trả lời, kết quả được giữ trên đĩa rồi lưu sau.",
            ),
        ),
    )
