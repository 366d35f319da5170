"""What Pelican needs to make our pages: a reader of records as articles, and a generator that writes them by itself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pelican import signals
from pelican.generators import Generator
from pelican.readers import BaseReader
from pelican.utils import SafeDatetime

_DAY = SafeDatetime(2026, 7, 1)


class RecordReader(BaseReader):  # type: ignore[misc]  # pelican has no types
    """A JSON file of one page record as an article without a text."""

    enabled = True
    file_extensions = ("json",)

    def read(self, source_path: str) -> tuple[str, dict[str, Any]]:
        """The empty text, and metadata that hold the record and say where its page stands."""
        record = json.loads(Path(source_path).read_text("utf-8"))
        path = record["path"]
        return "", {"title": record["title"], "date": _DAY, "save_as": path, "url": path, "record": record}


class RecordGenerator(Generator):  # type: ignore[misc]  # pelican has no types
    """Writes a page for each record of the file that the setting RECORDS names."""

    def generate_output(self, writer: Any) -> None:
        """Renders and writes one record after another."""
        template = self.get_template("organization")
        for record in self._records():
            writer.write_file(record["path"], template, self.context, record=record)

    def _records(self) -> Iterator[dict[str, Any]]:
        with Path(self.settings["RECORDS"]).open(encoding="utf-8") as stream:
            yield from map(json.loads, stream)


def register() -> None:
    """Pelican's entry of a plug-in."""
    signals.readers_init.connect(_add_reader)
    signals.get_generators.connect(_add_generator)


def _add_reader(readers: Any) -> None:
    readers.reader_classes["json"] = RecordReader


def _add_generator(pelican: Any) -> Any:
    return RecordGenerator if pelican.settings["RECORDS"] else None
