"""Search over real registers, in a browser, against hand-written questions: who is asked for is among the first five."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from playwright.sync_api import Page

import publish
from tests.browser.conftest import Server
from tests.browser.questions import LONDON, MOSCOW, Question

pytestmark = pytest.mark.shared

ASK = """async (questions) => {
  const { SearchIndex } = await import(document.querySelector('script[type=module]').src.replace(/search\\.\\w+\\.js/, '%s'));
  const { shards, kinds } = JSON.parse(document.getElementById('facts').textContent);
  const filters = { kinds: new Set(), regions: new Set(), place: '', band: 0 };
  const answers = [];
  for (const text of questions) {
    const index = new SearchIndex(new URL('./', location.href), shards, kinds);
    performance.clearResourceTimings();
    const { results } = await index.find(text, filters);
    const bytes = performance.getEntriesByType('resource').reduce((sum, one) => sum + one.decodedBodySize, 0);
    answers.push({ found: results.slice(0, 5).map(({ title, place }) => [title, place]), bytes });
  }
  return answers;
}"""


def ask(page: Page, output: Path, questions: Sequence[Question]) -> list[dict[str, Any]]:
    """The first five answers to each question, and the bytes that its files take when nothing compresses them."""
    page.evaluate("() => performance.setResourceTimingBufferSize(5000)")
    module = next((output / "current/static").glob("search-index.*.js")).name
    answers: list[dict[str, Any]] = page.evaluate(ASK % module, [question.text for question in questions])
    return answers


def misses(questions: Sequence[Question], answers: Sequence[dict[str, Any]]) -> list[str]:
    def fits(question: Question, title: str, place: str) -> bool:
        named = re.search(question.name, title, re.IGNORECASE)
        return bool(named) and question.place.casefold() in place.casefold()

    return [
        question.text
        for question, answer in zip(questions, answers, strict=True)
        if not any(fits(question, title, place) for title, place in answer["found"])
    ]


def build(root: Path, mappings: Sequence[tuple[str, str]], shared_data: Path, folder: Path, language: str) -> Path:
    """A site of one language from what mappings make of real files."""
    packages: list[str] = []
    for mapping, source in mappings:
        package = folder / mapping
        command = ["import", "--mapping", str(root / f"content/mappings/{mapping}.yaml"), "--out", str(package)]
        assert publish.main([*command, "--source", str(shared_data / source)]) == 0
        packages += ["--packages", str(package)]
    config = folder / "content/publication.yaml"
    config.parent.mkdir()
    config.write_text(f"languages: [{language}]\n", "utf-8")
    assert publish.main(["build", "--config", str(config), *packages, "--output", str(folder / "output")]) == 0
    return folder / "output"


def test_moscow_is_found(
    project_root: Path, shared_data: Path, tmp_path: Path, page: Page, server: Callable[..., Server]
) -> None:
    schools = "ru-schools-moscow"
    mappings = [
        (schools, f"{schools}/schools_2013.csv"),
        ("ru-gymnasiums-moscow", f"{schools}/gymnasiums_2013.csv"),
        ("ru-lyceums-moscow", f"{schools}/lyceums_2013.csv"),
        ("ru-nok-results", "ru-nok-results/nok_results.csv"),
    ]
    output = build(project_root, mappings, shared_data, tmp_path, "ru")
    page.goto(f"{server(output=output).url}/search/")
    answers = ask(page, output, MOSCOW)
    assert misses(MOSCOW, answers) == []
    assert mean(answer["bytes"] for answer in answers) < 100_000


@pytest.mark.scale
def test_london_is_found(
    project_root: Path, shared_data: Path, tmp_path: Path, page: Page, server: Callable[..., Server]
) -> None:
    mapping = "uk-fhrs-london-2022"
    output = build(project_root, [(mapping, f"{mapping}/establishments.csv")], shared_data, tmp_path, "en")
    page.goto(f"{server(output=output).url}/search/")
    answers = ask(page, output, LONDON)
    assert len(misses(LONDON, answers)) <= 0.05 * len(LONDON), misses(LONDON, answers)


def test_there_are_sixty_questions() -> None:
    assert len(MOSCOW) + len(LONDON) >= 60
    assert len({question.text for question in (*MOSCOW, *LONDON)}) == len(MOSCOW) + len(LONDON)
