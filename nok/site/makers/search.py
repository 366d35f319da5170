"""Files of the search index."""

from collections.abc import Iterator

from nok import urls
from nok.site.manifest import Wanted
from nok.site.search_files import search_file
from nok.site.worker import Task, Worker


def search_files(worker: Worker, task: Task) -> Iterator[Wanted]:
    """Words, misspellings and names, as the page of search asks for them."""
    for unit in task.units:
        worker.begin(task, unit)
        _, kind, name = unit.name.split("/")
        worker.writer.write(urls.search_file(kind, name), search_file(worker.search, kind, name).encode())
        yield unit
