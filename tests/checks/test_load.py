"""Loading checks.yaml: a sound file becomes a Config, a faulty one a complete list of addressed problems."""

from pathlib import Path

import pytest

from checks.config import Config
from checks.errors import ConfigError
from checks.load import load
from checks.model import BrowserCheck, HttpCheck

HERE = Path(__file__).parent
SOUND = (HERE / "sound.yaml").read_text(encoding="utf-8")
ONE_FAULT = sorted((HERE / "one_fault").glob("*.yaml"))


def problems(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return [str(problem) for problem in caught.value.problems]


def written(folder: Path, text: str, name: str = "checks.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def config() -> Config:
    return load(HERE / "sound.yaml")


@pytest.mark.parametrize("path", ONE_FAULT, ids=lambda path: path.stem)
def test_one_fault_gives_its_exact_message(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = [f"{path.name}:{line.removeprefix('# expect ')}" for line in lines if line.startswith("# expect ")]
    assert expected, "the file must say what it expects"
    assert problems(Path(path.name)) == expected


def test_there_are_at_least_25_one_fault_files() -> None:
    assert len(ONE_FAULT) >= 25


def test_a_file_with_ten_faults_gives_ten_lines() -> None:
    said = problems(HERE / "ten_faults.yaml")
    assert len(said) == 10, "\n".join(said)
    lines = [int(line.split(":")[1]) for line in said]
    assert lines == sorted(lines)


def test_a_written_out_secret_is_never_repeated() -> None:
    with_secret = [path for path in ONE_FAULT if "Bimat123" in path.read_text(encoding="utf-8")]
    assert len(with_secret) >= 6
    for path in with_secret:
        assert "Bimat123" not in "".join(problems(path))


def test_a_check_stands_in_its_surroundings(config: Config) -> None:
    target = config.targets["khai-sinh"]
    assert target.service is not None
    assert (target.system.id, target.agency.id, target.service.id) == ("mot-cua", "so-tu-phap", "khai-sinh")
    assert target.title == "Đăng ký khai sinh"


def test_a_check_without_service_belongs_to_its_systems_agency(config: Config) -> None:
    target = config.targets["trang-chu"]
    assert target.service is None
    assert target.agency.id == "so-khcn"
    assert isinstance(target.check, HttpCheck)
    assert target.check.url == "http://mot-cua.anbinh.example/"


def test_defaults_lie_under_every_check(config: Config) -> None:
    assert {target.check.every for target in config.targets.values()} == {300.0}


def test_parameters_stand_in_the_steps_and_secrets_stay_references(config: Config) -> None:
    target = config.targets["khai-sinh"]
    assert isinstance(target.check, BrowserCheck)
    texts = target.steps[0].model_dump_json() + target.steps[1].model_dump_json()
    assert "Nguyễn Văn An" in texts
    assert "${file:secrets/mat-khau}" in texts
    assert "http://mot-cua.anbinh.example/dang-nhap" in texts


def test_the_digest_changes_with_the_text_and_only_with_it(tmp_path: Path, config: Config) -> None:
    assert load(written(tmp_path, SOUND)).digest == config.digest
    assert load(written(tmp_path, SOUND + "# a remark\n", "other.yaml")).digest != config.digest


def test_an_included_file_adds_its_items_and_keeps_its_own_addresses(tmp_path: Path) -> None:
    head, tail = SOUND.split("checks:\n")
    checks, alerts = tail.split("alerts:\n")
    written(tmp_path, "checks:\n" + checks, "more.yaml")
    main = written(tmp_path, f"include: [more.yaml]\n{head}alerts:\n{alerts}")
    assert list(load(main).targets) == ["khai-sinh", "trang-chu"]
    written(tmp_path, "checks:\n" + checks.replace("type: http", "type: htp"), "more.yaml")
    assert problems(main)[0].startswith(f"{tmp_path}/more.yaml:9: checks[1].type: must be http")


def test_an_include_that_includes_itself_is_refused(tmp_path: Path) -> None:
    main = written(tmp_path, "include: [checks.yaml]\n" + SOUND)
    assert problems(main) == [f"{main}:1: include: 'checks.yaml' includes itself"]


def test_merge_keys_are_followed_and_own_keys_win(tmp_path: Path) -> None:
    text = SOUND.replace("  - id: trang-chu\n    type: http", "  - &base\n    id: trang-chu\n    type: http")
    text = text.replace("alerts:\n", "  - <<: *base\n    id: trang-chu-2\n\nalerts:\n")
    targets = load(written(tmp_path, text)).targets
    assert list(targets) == ["khai-sinh", "trang-chu", "trang-chu-2"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "1: must be a mapping that begins with `version: 1`"),
        (b"- a\n", "1: must be a mapping that begins with `version: 1`"),
        (b"version: 1\nname: \xff\n", "2: is not UTF-8 text"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, raw: bytes, said: str) -> None:
    path = tmp_path / "checks.yaml"
    path.write_bytes(raw)
    assert problems(path) == [f"{path}:{said}"]


def test_a_file_that_is_not_there_is_one_problem(tmp_path: Path) -> None:
    path = tmp_path / "checks.yaml"
    assert problems(path) == [f"{path}:1: cannot be read: No such file or directory"]
