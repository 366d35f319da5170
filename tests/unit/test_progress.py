"""What a person sees of a long work: a bar on a terminal, plain lines elsewhere, and where the time went."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from pathlib import Path

import pytest

import publish
from nok.errors import Said
from nok.site import progress
from nok.site.progress import Profile, Stage
from tests.conftest import valid_tables

Factory = Callable[..., Path]
PARTS = ("read", "check", "load", "score", "render", "write", "link", "verify")


def build(output: Path, package: Path, *options: str) -> int:
    return publish.main(
        ["build", "--output", str(output), "--packages", str(package), "--jobs", "1", "--lang", "en", *options]
    )


@pytest.fixture
def told_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN", 0.0)


class Terminal:
    """A terminal that remembers everything that was sent to it."""

    def __init__(self) -> None:
        self._master, slave = os.openpty()
        self.file = os.fdopen(slave, "w", encoding="utf-8")
        self._sent: list[bytes] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        try:
            while piece := os.read(self._master, 4096):
                self._sent.append(piece)
        except OSError:
            return  # the other end is closed: all has been said

    def close(self) -> str:
        """What was sent, all of it."""
        if not self.file.closed:
            self.file.close()
            self._reader.join()
            os.close(self._master)
        return b"".join(self._sent).decode()

    def screen(self) -> list[str]:
        """The lines that a person sees in the end."""
        lines = [""]
        for piece in re.findall(r"\r\n|\r|\x1b\[K|[^\r\x1b]+", self.close()):
            if piece == "\r\n":
                lines.append("")
            elif piece in ("\r", "\x1b[K"):
                lines[-1] = ""
            else:
                lines[-1] += piece
        return lines


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


# ---- on a terminal -------------------------------------------------------------------------------------------------


def test_a_terminal_shows_a_bar_that_grows_with_rate_and_time_left(
    terminal: Terminal, told_always: None, package_factory: Factory, tmp_path: Path
) -> None:
    with redirect_stderr(terminal.file):
        assert build(tmp_path / "output", package_factory(organizations=60)) == 0
    drawn = re.findall(r"\r\x1b\[K(━* *) writing pages: (\d+) %, [\d,]+ a second(, \d+ s left)?", terminal.close())
    lengths = [bar.count("━") for bar, _, _ in drawn]
    shares = [int(share) for _, share, _ in drawn]
    assert len(drawn) > 2
    assert lengths == sorted(lengths) and lengths[-1] == 24
    assert shares == sorted(shares) and shares[-1] == 100
    assert drawn[0][2] and not drawn[-1][2]
    assert {len(bar) for bar, _, _ in drawn} == {24}


def test_only_finished_bars_stay_on_the_terminal(
    terminal: Terminal, package_factory: Factory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with redirect_stderr(terminal.file):
        assert build(tmp_path / "output", package_factory()) == 0
    pages, search, rest = terminal.screen()
    assert pages.startswith("━" * 24 + " writing pages: 100 %")
    assert search.startswith("━" * 24 + " writing files for the search: 100 %")
    assert rest == "", "the report begins a line of its own"
    assert capsys.readouterr().out.startswith("Published 3 organisations")


def test_a_failure_begins_a_line_of_its_own(terminal: Terminal, package_factory: Factory, tmp_path: Path) -> None:
    tables = valid_tables(3, 1)
    tables["reviews"][0]["rating"] = 7
    with redirect_stderr(terminal.file):
        assert build(tmp_path / "output", package_factory(tables=tables)) == 2
    lines = terminal.screen()
    assert lines[0].startswith("demo")
    assert not any("…" in line for line in lines)


# ---- elsewhere -----------------------------------------------------------------------------------------------------


def test_elsewhere_each_stage_is_a_plain_line(
    package_factory: Factory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(tmp_path / "output", package_factory()) == 0
    said = capsys.readouterr().err
    assert "\r" not in said and "\x1b" not in said and "━" not in said
    lines = said.splitlines()
    assert lines[:2] == ["checking the packages …", "loading the warehouse …"]
    assert lines[-1] == "publishing …"
    assert lines[-3].startswith("writing pages: 100 %")
    assert lines[-2].startswith("writing files for the search: 100 %")


def test_elsewhere_one_stage_is_not_told_more_often_than_every_five_seconds(
    told_always: None, package_factory: Factory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(tmp_path / "output", package_factory(organizations=60)) == 0
    written = [line for line in capsys.readouterr().err.splitlines() if line.startswith("writing pages")]
    assert len(written) == 2, "the first and the last"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_of_much_data_every_stage_tells_how_far_it_is(
    jobs: str,
    told_always: None,
    package_factory: Factory,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nok.site.fill.SMALL_WORK_BYTES", 0)
    assert build(tmp_path / "output", package_factory(organizations=60), "--jobs", jobs) == 0
    told = re.findall(r"^([^:\n]+): (\d+) %", capsys.readouterr().err, re.MULTILINE)
    stages: dict[str, list[int]] = {}
    for stage, share in told:
        stages.setdefault(stage, []).append(int(share))
    assert list(stages) == [
        "checking the packages",
        "loading the warehouse",
        "writing tables of release demo 1.0.0",
        "writing other forms of release demo 1.0.0",
        "writing workbooks of regions, release demo 1.0.0",
        "writing pages",
        "writing files for the search",
    ]
    assert all(shares == sorted(shares) and shares[-1] == 100 for shares in stages.values()), stages


@pytest.mark.parametrize(
    ("stage", "line"),
    [
        (
            Stage(what=Said("stage-pages"), done=500, total=1000, seconds=50),
            "writing pages: 50 %, 10 a second, 50 s left",
        ),
        (
            Stage(what=Said("stage-pages"), done=4000, total=400_000, seconds=2),
            "writing pages: 1 %, 2,000 a second, 3 min left",
        ),
        (Stage(what=Said("stage-pages"), done=3, total=400_000, seconds=2), "writing pages: 0 %, 2 a second"),
        (
            Stage(what=Said("stage-pages"), done=3000, total=400_000, seconds=5),
            "writing pages: 0 %, 600 a second, 11 min left",
        ),
        (Stage(what=Said("stage-pages"), total=1000), "writing pages: 0 %, 0 a second"),
        (Stage(what=Said("stage-pages"), done=1000, total=1000, seconds=8), "writing pages: 100 %, 125 a second"),
        (
            Stage(what=Said("stage-packages"), done=30, total=60, seconds=8, is_counted=False),
            "checking the packages: 50 %, 8 s left",
        ),
        (Stage(what=Said("stage-site")), "reading the site …"),
    ],
)
def test_rate_and_time_left_are_those_of_the_work_so_far(
    stage: Stage, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    publish.Teller("en")(stage)
    assert capsys.readouterr().err == f"{line}\n"


# ---- where the time went -------------------------------------------------------------------------------------------


def seconds_of(said: str) -> dict[str, float]:
    return {name: float(number) for name, number in re.findall(r"^(\w+)(?: ×)? +(-?\d+\.\d\d) s$", said, re.MULTILINE)}


def test_the_profile_names_what_a_build_spends_its_time_on(
    package_factory: Factory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, tables = tmp_path / "output", valid_tables(60, 6)
    for rating in ("1", "2"):  # the second build updates the warehouse, and links what has not changed
        tables["reviews"][0]["rating"] = rating
        assert build(output, package_factory(tables=tables), "--profile") == 0
        seconds = seconds_of(capsys.readouterr().out)
        assert set(PARTS) <= seconds.keys()
        assert min(seconds.values()) >= 0
        assert seconds["check"] > 0


def test_a_build_without_a_change_tells_how_long_it_looked(
    package_factory: Factory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, package = tmp_path / "output", package_factory()
    assert build(output, package) == 0
    capsys.readouterr()
    assert build(output, package, "--profile") == 0
    seconds = seconds_of(capsys.readouterr().out)
    assert seconds["render"] == seconds["check"] == 0


def test_what_one_part_took_is_not_counted_as_another(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 4.0, 9.0])
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    profile = Profile()
    with profile.part("outer"), profile.part("inner"):
        pass
    assert (profile.seconds["outer"], profile.seconds["inner"]) == (6.0, 3.0)
