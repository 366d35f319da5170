"""What machines look for at the root: the sitemap."""

from collections.abc import Iterable, Iterator
from html import escape
from itertools import count, islice

from nok import urls

ADDRESSES_PER_SITEMAP = 50_000
"""The limit of the sitemap protocol."""

_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def sitemap(public_url: str, paths: Iterable[str]) -> str:
    """The sitemap of a site that has no more than `ADDRESSES_PER_SITEMAP` pages.

    Addresses are sorted, so that the same site has the same file.
    """
    return _urlset(sorted(urls.absolute(public_url, path) for path in paths))


def region_sitemaps(public_url: str, region_code: str, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(path, text) of each file of the pages of one region, of a site whose sitemap is an index."""
    addresses = iter(sorted(urls.absolute(public_url, path) for path in paths))
    for number in count(1):
        if not (batch := list(islice(addresses, ADDRESSES_PER_SITEMAP))):
            return
        yield urls.sitemap(region_code, number), _urlset(batch)


def sitemap_index(public_url: str, names: Iterable[str]) -> str:
    """The sitemap that names the files of all regions."""
    addresses = (urls.absolute(public_url, name) for name in sorted(names))
    lines = "".join(f"<sitemap><loc>{escape(address)}</loc></sitemap>\n" for address in addresses)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<sitemapindex {_NAMESPACE}>\n{lines}</sitemapindex>\n'


def _urlset(addresses: list[str]) -> str:
    whole = escape("\n".join(addresses))  # a call for each address costs more than all the rest
    lines = "".join(f"<url><loc>{address}</loc></url>\n" for address in whole.split("\n"))
    return f'<?xml version="1.0" encoding="utf-8"?>\n<urlset {_NAMESPACE}>\n{lines}</urlset>\n'
