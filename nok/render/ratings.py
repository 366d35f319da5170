"""A page of a rating list as a table: exactly the rows and columns that the page shows."""

import io

from nok.model import RatingListPage
from nok.packages.write import RowWriter


def rating_csv(page: RatingListPage) -> bytes:
    """The headings and cells of the page in its language: numbers with its decimal sign, states as words."""
    buffer = io.StringIO(newline="")
    writer = RowWriter(buffer)
    writer.write([column.text for column in page.columns])
    for row in page.rows:
        writer.write([row.name, *(cell.text for cell in row.cells)])
    return buffer.getvalue().encode()
