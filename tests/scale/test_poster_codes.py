"""Every format, many codes, longer addresses, more spots: what the normal run tries a share of.

`.venv/bin/python -m pytest -m scale -s tests/scale/test_poster_codes.py` also prints the table: of each hundred readings, how many
were right.
"""

from collections import defaultdict
from pathlib import Path

import pytest

import publish
from tests.unit.poster_support import SUFFERINGS, code_picture, codes, damaged, make

FORMATS = [
    *((name, "") for name in ("a4", "a4-large", "a5", "a5-large", "a6", "plate", "roll-58x40")),
    *(("sticker", sheet) for sheet in ("63x38-21", "99x38-14", "99x67-8", "35x35-35")),
]
ORGANIZATIONS = (
    *("primersk-school-1", "primersk-school-12", "primersk-polyclinic-1", "primersk-library-1", "etalonsk-hospital-1"),
    *("urnyak-school-1", "primersk-social-centre-1", "primersk-theatre-1"),
)
RESOLUTIONS = (100, 150, 300)


@pytest.fixture(scope="module")
def demo(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    named = ("--packages", str(project_root / "data_packages/demo"))
    output = ("--output", str(tmp_path_factory.mktemp("demonstration") / "site"))
    assert publish.main(["build", *named, *output]) == 0
    return (*named, *output)


@pytest.mark.scale
@pytest.mark.parametrize(("form", "sheet"), FORMATS, ids=lambda value: value or None)
def test_codes_of_a_format_are_read(form: str, sheet: str, demo: tuple[str, ...], tmp_path: Path) -> None:
    right: dict[tuple[int, str], int] = defaultdict(int)
    tried: dict[tuple[int, str], int] = defaultdict(int)
    for organization in ORGANIZATIONS:
        out = tmp_path / f"{organization}.pdf"
        named = ("--format", form, *(("--sheet", sheet) if sheet else ()))
        assert make(out, *demo, "--organization", organization, *named) == 0
        [target] = codes(code_picture(out, 0, 300))
        for dpi in RESOLUTIONS:
            picture = code_picture(out, 0, dpi)
            worn = {name: [suffer(picture)] for name, suffer in SUFFERINGS.items()}
            worn["5 % damaged"] = [damaged(picture, seed) for seed in range(20)]
            for name, spoilt in worn.items():
                tried[dpi, name] += len(spoilt)
                right[dpi, name] += sum(codes(each) == [target] for each in spoilt)
    shares = {worn: right[worn] / tried[worn] for worn in tried}
    print(f"\n{form} {sheet}: " + ", ".join(f"{dpi} {name} {100 * share:.1f}" for (dpi, name), share in shares.items()))
    assert {worn: share for worn, share in shares.items() if "damaged" not in worn[1] and share < 1} == {}
    assert min(share for (_, name), share in shares.items() if "damaged" in name) >= 0.98


@pytest.mark.scale
@pytest.mark.parametrize("length", [40, 60, 80])
def test_longer_addresses_are_read_or_refused(length: int, demo: tuple[str, ...], tmp_path: Path) -> None:
    """A finer code is either read in every way, or its format refuses the address."""
    host = ("very-long-" * 12)[: length - len("https://.example/q/MFKWV59B60")].strip("-")
    (tmp_path / "publication.yaml").write_text(f"widget_url: https://{host}.example\n", "utf-8")
    refused = 0
    for form, sheet in FORMATS:
        out = tmp_path / f"{form}{sheet}.pdf"
        named = ("--format", form, *(("--sheet", sheet) if sheet else ()))
        one = ("--organization", "primersk-school-12", "--config", str(tmp_path / "publication.yaml"))
        status = make(out, *demo[:2], *one, *named)
        refused += status == 1
        assert status in (0, 1)
        if status == 0:
            assert codes(code_picture(out, 0, 150)) == [f"HTTPS://{host}.EXAMPLE/Q/MFKWV59B60".upper()], (form, sheet)
    assert refused < len(FORMATS)
