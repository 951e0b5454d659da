"""What `once` says to an author beside the result: goals that prove nothing, and what was done after the walk."""

from agent.once import said
from checks.run import AfterRun, StepRun, Verdict
from tests.samples import run


def test_a_goal_that_was_true_before_is_warned_of_under_its_step() -> None:
    steps = (StepRun(name="Mở", verdict=Verdict.OK), StepRun(name="Lưu", verdict=Verdict.OK, goal_before=True))
    lines = said(run(steps=steps)).plain.splitlines()
    assert [line for line in lines if "goal was true" in line] == lines[-1:]
    assert "Lưu" in lines[-2]


def test_what_was_always_done_is_told_after_the_steps() -> None:
    after = (
        AfterRun(name="Đăng xuất", verdict=Verdict.OK),
        AfterRun(name="Dọn", verdict=Verdict.FAILED, message="không thấy nút “Xóa”"),
    )
    lines = said(run(steps=(StepRun(name="Mở", verdict=Verdict.OK),), after=after)).plain.splitlines()
    assert lines[-2].endswith("Đăng xuất")
    assert lines[-1].endswith("Dọn: không thấy nút “Xóa”")
