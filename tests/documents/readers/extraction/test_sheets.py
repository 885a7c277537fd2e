"""Sheets: values as they are shown, tables where they are, and millions of empty rows."""

import io
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odfdo import Document, Table
from openpyxl.comments import Comment
from openpyxl.utils.datetime import from_excel

from ctxtools.documents.readers.extraction.office.number_formats import shown
from tests.documents.readers.extraction.making import changed
from tests.documents.readers.extraction.reading import only


def _saved(workbook: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.1 + 0.2, "General", "0.3"),
        (1234567.891, "#,##0.00", "1234567.89"),
        (0.125, "0.0%", "12.5%"),
        (2.5, "0", "2"),
        (123456789012, "General", "123456789012"),
        (-4.0, '"EUR" #,##0.00;[Red]-#,##0.00', "-4.00"),
        (True, "General", "TRUE"),
        (date(2024, 3, 1), "dd/mm/yyyy", "2024-03-01"),
        (datetime(2024, 3, 1, 13, 45, 30), "yyyy-mm-dd hh:mm:ss", "2024-03-01 13:45:30"),
        (datetime(2024, 3, 1, 13, 45, 30), "m/d/yy h:mm", "2024-03-01 13:45"),
        (time(7, 5), "h:mm", "07:05"),
        (timedelta(hours=30), "[h]:mm:ss", "30:00:00"),
        (date(2024, 3, 1), '"Q"mmm yyyy', "2024-03"),
        ("=1+2", "General", "=1+2"),
        ("#REF!", "General", "#REF!"),
        ("*a* | b", "General", "\\*a\\* | b"),
    ],
)
def test_values_as_they_are_shown(value: object, code: str, text: str) -> None:
    workbook = openpyxl.Workbook()
    workbook.active["B3"] = value
    workbook.active["B3"].number_format = code

    assert only(_saved(workbook), "a.xlsx").text == f"## Sheet\n\n{text}\n"


@given(st.floats(0, 2_958_465.99, allow_nan=False))
def test_dates_are_those_of_openpyxl(days: float) -> None:
    expected = from_excel(days)
    moment = datetime.fromisoformat(shown(days, "yyyy-mm-dd hh:mm:ss", since_1904=False))

    if isinstance(expected, datetime) and days >= 61:
        assert abs(moment - expected) <= timedelta(seconds=1)


def test_tables_between_empty_rows() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in [["a", None, "b"], [1, None, 2], [], [None, "c", "d"], [None, 3, None]]:
        sheet.append(row)
    sheet["A1"].comment = Comment("why?", "Ann")
    workbook.create_sheet("More")["A1"] = "x"
    workbook["More"].sheet_state = "hidden"

    found = only(_saved(workbook), "a.xlsx")

    assert found.text == (
        "## Sheet\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n| c | d |\n|---|---|\n| 3 |  |\n\n"
        "- A1: why?\n\n## More\n\nx\n"
    )
    assert [found.text[page:].split()[1] for page in found.pages] == ["Sheet", "More"]
    assert found.notes == ("hidden sheets are read: More",)


def test_a_formula_has_its_stored_value() -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "=SUM(1,2)"
    data = _saved(workbook)

    found = only(data, "a.xlsx")
    assert found.text == "## Sheet\n\n=SUM(1,2)\n"
    assert found.notes == ("1 formula without a stored value written as it is",)
    calculated = changed(
        data,
        "xl/worksheets/sheet1.xml",
        lambda old: old.replace(b"<v></v>", b"<v>3</v>").replace(b"<v />", b"<v>3</v>"),
    )
    assert only(calculated, "a.xlsx").text == "## Sheet\n\n3\n"


def test_a_million_empty_rows() -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "first"
    rows = b'<row r="2"/>' * 100_000 + b'<row r="1048576"><c r="XFD1048576"><v>7</v></c></row>'
    data = changed(
        _saved(workbook),
        "xl/worksheets/sheet1.xml",
        lambda old: old.replace(b"</sheetData>", rows + b"</sheetData>"),
    )

    assert only(data, "a.xlsx").text == "## Sheet\n\nfirst\n\n7\n"


def test_repeated_cells_of_open_document() -> None:
    document = Document("spreadsheet")
    document.body.clear()
    table = Table("Data")
    table.set_values([["a", "b"], [1, 2.5]])
    document.body.append(table)
    stream = io.BytesIO()
    document.save(stream)
    cell = b'<table:table-cell table:number-columns-repeated="16384"/>'
    rows = b'<table:table-row table:number-rows-repeated="1048576">' + cell + b"</table:table-row>"
    data = changed(
        stream.getvalue(),
        "content.xml",
        lambda old: old.replace(b"</table:table>", rows + b"</table:table>"),
    )

    assert only(data, "a.ods").text == "## Data\n\n| a | b |\n|---|---|\n| 1 | 2.5 |\n"
