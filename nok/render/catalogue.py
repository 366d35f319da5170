"""What machines look for at the root: the sitemap."""

from collections.abc import Iterable, Iterator
from html import escape
from itertools import islice

from nok import urls

ADDRESSES_PER_SITEMAP = 50_000
"""The limit of the sitemap protocol."""

_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def sitemaps(public_url: str, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(path, text) of each sitemap file and, where there are several, of the index that names them.

    Addresses are sorted, so that the same site has the same files.
    """
    addresses = iter(sorted(urls.absolute(public_url, path) for path in paths))
    parts = []
    while batch := list(islice(addresses, ADDRESSES_PER_SITEMAP)):
        parts.append(_urlset(batch))
    if len(parts) == 1:
        yield urls.sitemap(), parts[0]
        return
    names = [urls.sitemap(number) for number in range(1, len(parts) + 1)]
    yield from zip(names, parts, strict=True)
    yield urls.sitemap(), _index([urls.absolute(public_url, name) for name in names])


def _urlset(addresses: list[str]) -> str:
    whole = escape("\n".join(addresses))  # a call for each address costs more than all the rest
    lines = "".join(f"<url><loc>{address}</loc></url>\n" for address in whole.split("\n"))
    return f'<?xml version="1.0" encoding="utf-8"?>\n<urlset {_NAMESPACE}>\n{lines}</urlset>\n'


def _index(addresses: list[str]) -> str:
    lines = "".join(f"<sitemap><loc>{escape(address)}</loc></sitemap>\n" for address in addresses)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<sitemapindex {_NAMESPACE}>\n{lines}</sitemapindex>\n'
