"""What a typed place costs: the files of place names stay small, though villages share their first letters."""

import gzip
import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

import pytest

from nok.search_store import SearchEntry, SearchStore, place_shards, shards_for, update_search
from nok.site.search_files import search_file

FIRST = "Ново Старо Верхне Нижне Красно Бело Черно Средне Мало Велико Усть Больше Перво Алекс Петро Иван Михай Никол".split()
LAST = "дмитриевка павловка ивановка троицкое сергеево покровка николаевка успенское озёрное лесное луговое горское".split()
MIDDLE = "аба бур вал гор дон ерм жук зор ильк кам лип мор нар ост пес рос сос тал ула фил".split()


def villages(number: int) -> list[str]:
    """As skewed as real ones: one in twelve begins with «Ново»."""
    chance = random.Random(7)
    first = [*FIRST, *(a.capitalize() + b for a in MIDDLE for b in MIDDLE[:4])]
    weights = [9, 4, 3, 3, 4, *[2] * 13, *[1] * (len(first) - 18)]
    return [
        f"с. {chance.choices(first, weights)[0]}{chance.choice(MIDDLE)}{chance.choice(LAST)}" for _ in range(number)
    ]


def entry(key: int, village: str) -> SearchEntry:
    place = key // 5
    region, district = f"{place % 89:02}", f"{MIDDLE[place % 20].capitalize()}ский район"
    return SearchEntry(
        organization_id=f"o-{key}",
        stamp="1",
        names=(f"Школа № {key}",),
        kinds=("школа",),
        places=(district,),
        streets=(f"{village}, ул. Мира, 1",),
        numbers=(),
        region=region,
        kind="education/education.school",
        band=4,
        latitude=50 + key % 1000 / 100,
        longitude=40 + key % 3000 / 50,
        stands=((region, "", district), (region, district, village)),
        record="[]",
    )


@pytest.mark.parametrize(
    ("number", "most"),
    [(1_000, 9_000), pytest.param(40_000, 100_000, marks=pytest.mark.scale)],
    ids=["a region", "a country"],
)
def test_files_of_place_names_stay_small(number: int, most: int, tmp_path: Path) -> None:
    """`number` villages, five organisations each; `most` bytes are sent for one file when a server compresses."""
    names, organizations = villages(number), 5 * number

    def entries(keys: Sequence[int]) -> Iterator[SearchEntry]:
        return (entry(key, names[key // 5]) for key in keys)

    store = tmp_path / "search.sqlite"
    update_search(store, "", organizations, ((key, f"o-{key}", "1") for key in range(organizations)), entries)
    with closing(SearchStore(store)) as search:
        texts = [search_file(search, "l", str(at)) for at in range(place_shards(shards_for(organizations)))]
    sizes = [len(gzip.compress(text.encode())) for text in texts]
    assert names[0].removeprefix("с. ") in "".join(texts)
    assert max(sizes) <= most
    assert median(sizes) <= most / 2
    print(f"{number} villages: {len(sizes)} files, {median(sizes):.0f} bytes in the middle, {max(sizes)} at most")
