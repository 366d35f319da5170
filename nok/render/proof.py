"""Proof that what was printed can be scanned: pages are drawn as a printer would, and read as a telephone would.

The only place that knows a PDF renderer (pypdfium2) and a reader of codes (zxing-cpp). Neither knows the libraries that
made the pages, so that what they agree on is in the file itself.
"""

from collections.abc import Iterator, Mapping, Sequence

import pypdfium2
import zxingcpp

from nok.errors import Said, StorageError

PROOF_DPI = 150
"""A mean office printer draws 600 dots an inch; whoever reads a quarter of that reads it from the wall."""

SAMPLE = 100
"""One in so many pages is read back."""


def prove(content: bytes, targets: Mapping[int, Sequence[str]]) -> int:
    """Reads the codes of a sample of pages back and compares them with what they should lead to; how many were read.

    `targets` are the addresses on each page (from 0) that has any. The sample is every `SAMPLE`th of these pages, the first
    and the last among them.

    Raises:
        StorageError: a code cannot be read, or leads elsewhere. The file must not be used.
    """
    pages = sorted(targets)
    sample = sorted({*pages[::SAMPLE], *pages[-1:]})
    number = 0
    for page, found in read_codes(content, sample):
        expected = sorted(targets[page])
        if sorted(found) != expected:
            missing = next(iter(sorted(set(expected) - set(found))), "")
            strange = next(iter(sorted(set(found) - set(expected))), "")
            raise StorageError(
                "codes-unproved",
                page=page + 1,
                read=len(found),
                expected=len(expected),
                missing=Said("code-missing", code=missing) if missing else "",
                strange=Said("code-strange", code=strange) if strange else "",
            )
        number += len(found)
    return number


def read_codes(content: bytes, pages: Sequence[int], dpi: float = PROOF_DPI) -> Iterator[tuple[int, list[str]]]:
    """(page from 0, what its codes say) of some pages of a PDF, drawn at `dpi` dots an inch."""
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    document = pypdfium2.PdfDocument(content)
    try:
        for number in pages:
            page = document[number]
            picture = page.render(scale=dpi / 72, grayscale=True).to_numpy()
            page.close()
            codes = zxingcpp.read_barcodes(picture, formats=formats)
            yield number, [code.text for code in codes]
    finally:
        document.close()
