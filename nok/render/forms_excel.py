"""Tables for Excel, which reads a plain CSV file wrongly: a neutralised `.excel.csv`, and workbooks of real cells.

Names and reviews come from strangers. In a CSV file a cell that begins with `=`, `+`, `-`, `@`, a tab or a line end is
run as a formula by programs for spreadsheets, so that such texts get an apostrophe there (CWE-1236); in a workbook a text
is a text by its type, and stays what it is. The exact CSV is never changed. Numbers are numbers in both.
"""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from html import escape
from io import BufferedWriter
from pathlib import Path
from typing import IO, Any

import polars as pl

from nok.render.forms_tables import Table, texts

_FORMULA = "^[=+\\-@\t\r\n\x00]"
_NUMBERS = ("integer", "number", "year")
BOM = b"\xef\xbb\xbf"


def write_excel_csv(table: Table, target: Path) -> int:
    """Writes `table` as Excel with Russian settings opens it: UTF-8 with a mark, `;`, decimal comma; how many rows."""
    count = 0
    with target.open("wb") as file:
        _write_header(table, file)
        for batch in texts(table):
            count += batch.height
            safe = batch.select(_neutral(field) for field in table.fields)
            safe.write_csv(file, include_header=False, separator=";", line_terminator="\r\n")
    return count


def _write_header(table: Table, file: BufferedWriter) -> None:
    file.write(BOM)
    header = pl.DataFrame([table.columns], schema=dict.fromkeys(table.columns, pl.String), orient="row")
    header = header.select(_neutral({"name": name}) for name in table.columns)
    header.write_csv(file, include_header=False, separator=";", line_terminator="\r\n")


def _neutral(field: Mapping[str, Any]) -> pl.Expr:
    text = pl.col(field["name"])
    if field.get("type") in _NUMBERS:
        safe = text.str.replace(".", ",", literal=True)
    else:
        safe = pl.when(text.str.contains(_FORMULA)).then(pl.lit("'") + text).otherwise(text)
    return pl.when(text != "").then(safe).alias(field["name"])


# ---- workbooks ------------------------------------------------------------------------------------------------------

ROWS_PER_SHEET = 1_048_575
"""What a sheet holds below its header; a longer table goes on in a second sheet of the same name."""

LONGEST_CELL = 32_767
"""A cell holds no more characters. A longer text is cut here, and whole in every other form."""

_EPOCH, _FIRST_DAY = date(1899, 12, 30), date(1900, 3, 1)
"""Days are counted from here; before the first of March 1900 Excel counts a day that never was."""

_QUICK = 1
"""The highest level takes five times as long and makes a workbook a third smaller."""

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WIDTHS = {"integer": 12, "number": 12, "year": 8, "boolean": 10, "date": 12}


def write_workbook(tables: Sequence[Table], about: Sequence[tuple[str, str]], target: Path) -> int:
    """Writes a workbook with `about` (pairs of texts) as its first sheet and a sheet for each of `tables`.

    The first row of a sheet holds the titles of the columns. Returns the rows of all tables.
    """
    count, names = 0, ["О файле"]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        with _member(book, "xl/worksheets/sheet1.xml") as sheet:
            _write_about(sheet, about)
        for table in tables:
            parts = _sheets(texts(table))
            for number, batches in enumerate(parts, start=1):
                names.append(_sheet_name(table.title, number))
                with _member(book, f"xl/worksheets/sheet{len(names)}.xml") as sheet:
                    count += _write_sheet(sheet, table, batches)
        for path, text in _frame_of_book(names):
            with _member(book, path) as file:
                file.write(text.encode())
    return count


def _member(book: zipfile.ZipFile, path: str) -> IO[bytes]:
    """A file of the archive, dated as all are: the same rows give the same bytes."""
    info = zipfile.ZipInfo(path, _ZIP_TIME)
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    info._compresslevel = _QUICK  # type: ignore[attr-defined]
    return book.open(info, "w", force_zip64=False)


def _sheets(batches: Iterator[pl.DataFrame]) -> Iterator[Iterator[pl.DataFrame]]:
    """The batches of each sheet; there is always one."""
    waiting: list[pl.DataFrame] = []
    done = False

    def of_one_sheet() -> Iterator[pl.DataFrame]:
        nonlocal done
        room = ROWS_PER_SHEET
        while room:
            batch = waiting.pop() if waiting else next(batches, None)
            if batch is None:
                done = True
                return
            if batch.height > room:
                waiting.append(batch.slice(room))
            yield batch.head(room)
            room -= min(room, batch.height)
        following = next(batches, None) if not waiting else None
        done = following is None and not waiting
        if following is not None:
            waiting.append(following)

    while not done:
        yield of_one_sheet()


def _sheet_name(title: str, number: int) -> str:
    """A name that a workbook may have: 31 characters, none of `[]:*?/\\`."""
    plain = "".join(" " if char in "[]:*?/\\'" else char for char in title)
    suffix = f" ({number})" if number > 1 else ""
    return plain[: 31 - len(suffix)].strip() + suffix


def _write_about(sheet: IO[bytes], about: Sequence[tuple[str, str]]) -> None:
    rows = "".join(f"<row>{_text_cell(name, style=1)}{_text_cell(said)}</row>" for name, said in about)
    columns = '<cols><col min="1" max="1" width="28" customWidth="1"/><col min="2" max="2" width="90" customWidth="1"/></cols>'
    sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}">{columns}<sheetData>{rows}</sheetData></worksheet>\n'.encode())


def _write_sheet(sheet: IO[bytes], table: Table, batches: Iterator[pl.DataFrame]) -> int:
    head = "".join(_text_cell(str(field.get("title") or field["name"]), style=1) for field in table.fields)
    widths = "".join(
        f'<col min="{number}" max="{number}" width="{_WIDTHS.get(field.get("type", ""), 24)}" customWidth="1"/>'
        for number, field in enumerate(table.fields, start=1)
    )
    view = '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}">{view}<cols>{widths}</cols><sheetData><row>{head}</row>'.encode())
    count = 0
    cells = [_cell(field) for field in table.fields]
    row = pl.concat_str([pl.lit("<row>"), *cells, pl.lit("</row>")])
    for batch in batches:
        for piece in batch.iter_slices(20_000):
            sheet.write(str(piece.select(row.str.join("\n")).item()).encode())
        count += batch.height
    sheet.write(b"</sheetData></worksheet>\n")
    return count


def _cell(field: Mapping[str, Any]) -> pl.Expr:
    """The XML of a cell. An empty one keeps its place, for cells do not say where they stand."""
    text, kind = pl.col(field["name"]), field.get("type", "string")
    if kind in _NUMBERS:
        filled = pl.lit("<c><v>") + text + pl.lit("</v></c>")
    elif kind == "boolean":
        filled = (
            pl.when(text == "true").then(pl.lit('<c t="b"><v>1</v></c>')).otherwise(pl.lit('<c t="b"><v>0</v></c>'))
        )
    elif kind == "date":
        day = text.str.to_date("%Y-%m-%d", strict=False)
        number = (day - pl.lit(_EPOCH)).dt.total_days().cast(pl.String)
        filled = (
            pl.when(day >= _FIRST_DAY)
            .then(pl.lit('<c s="2"><v>') + number + pl.lit("</v></c>"))
            .otherwise(_inline(text))
        )
    else:
        filled = _inline(text)
    return pl.when(text != "").then(filled).otherwise(pl.lit("<c/>"))


def _inline(text: pl.Expr) -> pl.Expr:
    """A text as markup cannot read it, nor Excel, which takes `_x0041_` for a letter."""
    safe = text.str.slice(0, LONGEST_CELL).str.replace_all("_(x[0-9A-Fa-f]{4}_)", "_x005F_$1")
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
        safe = safe.str.replace_all(char, entity, literal=True)
    return pl.lit('<c t="inlineStr"><is><t xml:space="preserve">') + safe + pl.lit("</t></is></c>")


def _text_cell(text: str, style: int = 0) -> str:
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(text, quote=False)}</t></is></c>'


def _frame_of_book(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The parts that hold the sheets together."""
    numbers = range(1, len(names) + 1)
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{office}.worksheet+xml"/>'
        for number in numbers
    )
    yield (
        "[Content_Types].xml",
        f'{_HEAD}<Types xmlns="{package}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{office}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{office}.styles+xml"/>{kinds}</Types>\n',
    )
    yield "_rels/.rels", _relations([("rId1", f"{_RELATIONS}/officeDocument", "xl/workbook.xml")])
    sheets = [(f"rId{number}", f"{_RELATIONS}/worksheet", f"worksheets/sheet{number}.xml") for number in numbers]
    yield (
        "xl/_rels/workbook.xml.rels",
        _relations([*sheets, (f"rId{len(names) + 1}", f"{_RELATIONS}/styles", "styles.xml")]),
    )
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, start=1)
    )
    yield (
        "xl/workbook.xml",
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets></workbook>\n',
    )
    yield "xl/styles.xml", _STYLES


def _relations(found: Sequence[tuple[str, str, str]]) -> str:
    rows = "".join(f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>' for name, kind, target in found)
    return f'{_HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>\n'


_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font>'
    '</fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3">'
    '<xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/><xf xfId="0" numFmtId="164" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>\n"
)
"""Plain, bold (titles), and a date."""
