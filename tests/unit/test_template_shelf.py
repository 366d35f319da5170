"""Templates that an earlier build has bound: taken as they are where they are whole, made anew where they are not."""

import marshal
from collections.abc import Callable
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest

import publish
from nok.template_shelf import TemplateShelf
from nok.templating import Theme
from tests.conftest import valid_tables, write_small_package


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small publication in one language."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    write_small_package(tmp_path / "small", valid_tables(3, 1))
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "publication.yaml").write_text("languages: [ru]\n", "utf-8")
    return tmp_path


def build(folder: Path, *options: str) -> dict[str, bytes]:
    """All files of the site."""
    config = ["--config", str(folder / "content" / "publication.yaml"), "--packages", str(folder / "small")]
    places = ["--output", str(folder / "site"), "--state", str(folder / "state"), "--jobs", "1"]
    assert publish.main(["build", *config, *places, *options]) == 0
    site = folder / "site" / "current"
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def kept(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "state" / "templates").rglob("*") if path.is_file())


def test_a_second_build_binds_nothing_and_says_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build(folder)
    assert len(kept(folder)) > 20
    monkeypatch.setattr(Theme, "_code", lambda *_: pytest.fail("a template was bound again"))
    assert build(folder, "--full") == first


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda content: content[: len(content) // 2], id="cut"),
        pytest.param(lambda content: content[:-1] + bytes([content[-1] ^ 1]), id="one bit"),
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda content: b"\0\0\0\0" + content[4:], id="another Python"),
    ],
)
def test_what_is_damaged_is_made_anew(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    shelf, code = TemplateShelf(tmp_path / "look"), compile("1", "template", "exec")
    shelf.keep("page.html ru ../", code)
    (file,) = (tmp_path / "look").iterdir()
    assert shelf.recall("page.html ru ../") == code
    file.write_bytes(spoil(file.read_bytes()))
    assert shelf.recall("page.html ru ../") is None
    shelf.keep("page.html ru ../", code)
    assert shelf.recall("page.html ru ../") == code


def test_a_file_with_the_right_head_is_what_a_later_build_reads(tmp_path: Path) -> None:
    shelf, code = TemplateShelf(tmp_path / "look"), compile("1", "template", "exec")
    shelf.keep("name", code)
    (file,) = (tmp_path / "look").iterdir()
    content = file.read_bytes()
    assert content.startswith(MAGIC_NUMBER)
    assert content.endswith(marshal.dumps(code))


def test_another_look_has_a_shelf_of_its_own_and_the_old_one_goes(folder: Path) -> None:
    before, old = build(folder)["index.html"], kept(folder)
    (folder / "content" / "publication.yaml").write_text("languages: [ru]\ntitle: Совсем другое название\n", "utf-8")
    after = build(folder)["index.html"]
    assert "Совсем другое название" in after.decode()
    assert after != before
    assert not {path.parent for path in old} & {path.parent for path in kept(folder)}


def test_without_the_cache_templates_are_bound_again(folder: Path) -> None:
    first = build(folder)
    for path in kept(folder):
        path.write_bytes(b"nothing")
    assert build(folder, "--no-cache") == first
    assert all(path.read_bytes() != b"nothing" for path in kept(folder))


def test_a_folder_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "look").write_bytes(b"a file where the folder should be")
    shelf = TemplateShelf(tmp_path / "look" / "below")
    shelf.keep("name", compile("1", "template", "exec"))
    assert shelf.recall("name") is None
    assert not shelf.is_there
