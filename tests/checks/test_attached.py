"""Files to be attached lie in the folder of checks.yaml, whatever a path or a link says."""

from pathlib import Path

import pytest

from checks.attached import attached


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "cau-hinh"
    (made / "mau").mkdir(parents=True)
    (made / "mau" / "to-khai.pdf").write_bytes(b"%PDF-")
    (tmp_path / "ngoai.txt").write_text("bí mật", encoding="utf-8")
    return made


def test_a_file_of_the_folder_is_found_however_it_is_spelled(folder: Path) -> None:
    for path in ("mau/to-khai.pdf", "./mau/../mau/to-khai.pdf"):
        assert attached(folder, path) == (folder / "mau" / "to-khai.pdf").resolve()


def test_links_inside_the_folder_are_followed_even_when_the_folder_is_a_link(folder: Path, tmp_path: Path) -> None:
    (folder / "noi.pdf").symlink_to("mau/to-khai.pdf")
    (tmp_path / "loi-tat").symlink_to(folder)
    assert attached(tmp_path / "loi-tat", "noi.pdf").read_bytes() == b"%PDF-"


@pytest.mark.parametrize(
    "path", ["../ngoai.txt", "mau/../../ngoai.txt", "../khong-co.txt", "lien-ket.txt", "ra/ngoai.txt"]
)
def test_nothing_outside_the_folder_is_attached_and_nothing_told_of_it(folder: Path, path: str) -> None:
    (folder / "lien-ket.txt").symlink_to("../ngoai.txt")
    (folder / "ra").symlink_to("..")
    with pytest.raises(ValueError, match=r"leads out of the folder"):
        attached(folder, path)


@pytest.mark.parametrize("path", ["/etc/hostname", "${env:TEP}", "mau/${ten}.pdf"])
def test_a_path_is_written_out_from_the_folder_on(folder: Path, path: str) -> None:
    with pytest.raises(ValueError, match=r"must be written out"):
        attached(folder, path)


@pytest.mark.parametrize("path", ["khong-co.pdf", "mau", "vong", "mau/to-khai.pdf/x"])
def test_what_is_no_file_is_not_there(folder: Path, path: str) -> None:
    (folder / "vong").symlink_to("vong")
    with pytest.raises(ValueError, match=r"there is no file"):
        attached(folder, path)


@pytest.mark.parametrize("path", ["a\0b", "x" * 300])
def test_an_impossible_name_is_refused(folder: Path, path: str) -> None:
    with pytest.raises(ValueError, match=r"there is no file"):
        attached(folder, path)
