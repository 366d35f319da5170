"""A new publication is written once, checked before it is written, and can be built at once."""

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

import publish
from nok.config import Config, parse_config
from nok.documents import parse_yaml
from nok.errors import NokError
from nok.site.new_publication import write_publication

Factory = Callable[..., Path]


def written(folder: Path) -> Config:
    return parse_config((folder / "content/publication.yaml").read_text("utf-8"))


def test_without_options_it_has_the_default_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert publish.main(["init", str(tmp_path / "new")]) == 0
    assert written(tmp_path / "new") == Config()
    assert list((tmp_path / "new/data_packages").iterdir()) == []
    said = capsys.readouterr().out
    assert "остаются навсегда" in said
    assert f"publish.py build --config {tmp_path / 'new/content/publication.yaml'}" in said


def test_without_a_folder_it_is_written_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert publish.main(["init", "--languages", "ru"]) == 0
    assert written(tmp_path).languages == ("ru",)


def test_what_is_given_is_written(tmp_path: Path) -> None:
    options = "--public-url https://a.example --widget-url https://b.example --languages en,ru --shards 2".split()
    assert publish.main(["init", str(tmp_path), "--title", 'Школы: "А" # и Б', "--title-en", "Schools", *options]) == 0
    assert written(tmp_path) == Config(
        title='Школы: "А" # и Б',
        title_en="Schools",
        public_url="https://a.example",
        widget_url="https://b.example",
        languages=("en", "ru"),
        address_shards=2,
    )


def test_ratings_are_taken_where_the_site_stands_unless_it_is_said(tmp_path: Path) -> None:
    assert publish.main(["init", str(tmp_path), "--public-url", "https://a.example"]) == 0
    assert written(tmp_path).widget_url == "https://a.example"


def test_the_shards_stand_in_the_file_with_their_reason(tmp_path: Path) -> None:
    assert publish.main(["init", str(tmp_path)]) == 0
    text = (tmp_path / "content/publication.yaml").read_text("utf-8")
    assert parse_yaml(text, "")["address_shards"] == 0
    assert "больше не меняйте.\naddress_shards: 0\n" in text


def test_a_publication_that_is_there_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert publish.main(["init", str(tmp_path), "--title", "Первая"]) == 0
    assert publish.main(["init", str(tmp_path), "--title", "Вторая", "--lang", "en"]) == 64
    assert written(tmp_path).title == "Первая"
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--public-url", "http://a.example"], 1, "option 'public_url' is 'http://a.example'"),
        (["--widget-url", "https://Ä.example"], 1, "option 'widget_url'"),
        (["--languages", "ru,German"], 1, "option 'languages'"),
        (["--languages", ""], 1, "option 'languages'"),
        (["--title", " "], 64, "expected a name in one line"),
        (["--shards", "1"], 64, "'1' is not known here"),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_nothing_is_written(
    options: list[str], code: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish.main(["init", str(tmp_path / "new"), *options, "--lang", "en"]) == code
    assert said in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "new").touch()
    assert publish.main(["init", str(tmp_path / "new")]) == 64


def test_a_new_publication_can_be_built(tmp_path: Path, package_factory: Factory) -> None:
    assert publish.main(["init", str(tmp_path / "new"), "--title", "Поликлиники", "--shards", "2"]) == 0
    shutil.copytree(package_factory(organizations=1), tmp_path / "new/data_packages/demo")
    config = tmp_path / "new/content/publication.yaml"
    assert publish.main(["build", "--config", str(config), "--jobs", "1"]) == 0
    pages = list((tmp_path / "new/output/current").resolve().glob("o/70/??/clinic-1.html"))
    assert len(pages) == 1
    assert "Поликлиники" in pages[0].read_text("utf-8")


@given(st.text(min_size=1).filter(str.strip))
def test_any_title_is_read_as_it_was_given(title: str) -> None:
    with TemporaryDirectory() as scratch:
        try:
            write_publication(Path(scratch), title=title)
        except NokError:
            assert not any(Path(scratch).iterdir())
        else:
            assert written(Path(scratch)).title == title
