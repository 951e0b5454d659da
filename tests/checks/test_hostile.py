"""Files that no careful person writes: each is refused with an address, quickly, and never with a traceback."""

from pathlib import Path

import pytest

from tests.checks.test_load import SOUND, problems, written

ENDLESS = "is nested or repeated without end (look at the anchors and aliases)"


def with_settings(text: str) -> str:
    return SOUND.replace("settings:\n", f"settings:\n{text}", 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("? [a, b]\n: c\n" + SOUND, "1: a key must be text, not a list or a mapping"),
        ("? {a: b}\n: c\n" + SOUND, "1: a key must be text, not a list or a mapping"),
        (with_settings("  ? [a]\n  : 1\n"), "4: settings: a key must be text, not a list or a mapping"),
        (
            with_settings("  <<: 5\n"),
            "4: settings.<<: merges mappings only (an alias of one, or a list of such aliases)",
        ),
        (with_settings("  province: !!bool foo\n"), "4: settings.province: is not a plain value: 'foo' is no bool"),
        (with_settings('  province: !!int ""\n'), "4: settings.province: is not a plain value: '' is no int"),
        (
            with_settings("  timezone: !!timestamp foo\n"),
            "4: settings.timezone: is not a plain value: 'foo' is no timestamp",
        ),
        ('include: ["a\\0b"]\n' + SOUND, "1: include: there is no file 'a\\x00b'"),
        (f"include: [{'a' * 5000}]\n" + SOUND, f"1: include: there is no file '{'a' * 200}…'"),
        ("include: [5]\n" + SOUND, "1: include: must be the name of a file, as text"),
        ("include: [{a: b}]\n" + SOUND, "1: include: must be the name of a file, as text"),
        ("version: 1\nx: " + "[" * 200_000, "2: is nested deeper than any configuration needs to be"),
        ("version: 1\nx: " + "{a: " * 200_000, "2: is nested deeper than any configuration needs to be"),
        ("version: 1\nx: [" + "x," * 400_000 + "]", f"2: {ENDLESS}"),
        ("#" * 5_000_001, "1: is larger than 5MB"),
    ],
    ids=lambda value: value[:30],
)
def test_it_is_refused_with_its_address(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    assert problems(path) == [f"{path}:{said}"]


def test_merges_cannot_multiply_a_mapping(tmp_path: Path) -> None:
    levels = "".join(f"a{n + 1}: &a{n + 1}\n  <<: [{','.join([f'*a{n}'] * 9)}]\n" for n in range(9))
    said = problems(written(tmp_path, "a0: &a0 {k: 1}\n" + levels + SOUND))
    assert len(said) == 10
    assert all("unknown key" in line for line in said)


def test_a_large_mapping_merged_again_and_again_is_refused(tmp_path: Path) -> None:
    keys = ",".join(f"k{n}: 1" for n in range(50_000))
    path = written(tmp_path, f"x: &a {{{keys}}}\ny: {{<<: [{'*a,' * 100_000}]}}\n{SOUND}")
    assert problems(path) == [f"{path}:2: {ENDLESS}"]


@pytest.mark.parametrize("text", ["x: &a {<<: *a}\n", "x: &a {b: &b {<<: *a}, <<: *b}\n"])
def test_a_mapping_that_merges_itself_is_refused(tmp_path: Path, text: str) -> None:
    assert any("merges without end" in line for line in problems(written(tmp_path, text + SOUND)))


def test_a_file_that_is_included_twice_is_refused_where_it_is_included(tmp_path: Path) -> None:
    written(tmp_path, "agencies: []\n", "more.yaml")
    path = written(tmp_path, "include: [more.yaml, more.yaml]\n" + SOUND)
    assert problems(path) == [f"{path}:1: include: 'more.yaml' is included already"]


def test_a_long_chain_of_includes_is_refused(tmp_path: Path) -> None:
    for n in range(30):
        written(tmp_path, f"include: [{n + 1}.yaml]\n", f"{n}.yaml")
    path = written(tmp_path, "include: [0.yaml]\n" + SOUND)
    assert problems(path) == [f"{tmp_path}/19.yaml:1: include: more than 20 files include one another"]


def test_a_key_with_line_breaks_stays_on_one_line(tmp_path: Path) -> None:
    path = written(tmp_path, '"a\\r\\nb": 1\n' + SOUND)
    assert problems(path) == [f"{path}:1: a\\r\\nb: unknown key"]
