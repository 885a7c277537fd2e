"""Slides: titles, lists, tables, charts, notes."""

import io

import pptx
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml

from tests.documents.readers.extraction.reading import only


def test_slides() -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Results"
    frame = slide.placeholders[1].text_frame
    frame.text = "first"
    deeper = frame.add_paragraph()
    deeper.text, deeper.level = "deeper", 1
    slide.notes_slide.notes_text_frame.text = "say hello"
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    group = slide.shapes.add_group_shape()
    run = group.shapes.add_textbox(0, 0, 9, 9).text_frame.paragraphs[0].add_run()
    run.text, run.hyperlink.address = "site", "https://e.org/"
    table = slide.shapes.add_table(2, 2, 0, 0, 9, 9).table
    table.cell(0, 0).text, table.cell(1, 1).text = "a|b", "c"
    table.cell(0, 0).merge(table.cell(0, 1))
    data = CategoryChartData()
    data.categories = ["East", "West"]
    data.add_series("Sales", (19.2, 21.4))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, 9, 9, data)
    slide._element.set("show", "0")
    stream = io.BytesIO()
    presentation.save(stream)

    found = only(stream.getvalue(), "a.pptx")

    assert found.text == (
        "## Results\n\n- first\n    - deeper\n\n> Notes:\n> say hello\n\n"
        "## Slide 2\n\n[site](https://e.org/)\n\n| a\\|b |  |\n|---|---|\n|  | c |\n\n"
        "- Sales: East 19.2, West 21.4\n"
    )
    assert [found.text[page:].split("\n")[0] for page in found.pages] == [
        "## Results",
        "## Slide 2",
    ]
    assert found.notes == ("hidden slides are read: 2",)


def test_formulas() -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    paragraph = slide.shapes.add_textbox(0, 0, 9, 9).text_frame.paragraphs[0]
    paragraph.text = "a_b is "
    run = "<m:r><m:t>{}</m:t></m:r>"
    fraction = f"<m:f><m:num>{run.format('x')}</m:num><m:den>{run.format('y')}</m:den></m:f>"
    paragraph._p.append(
        parse_xml(
            '<a14:m xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main" xmlns:m='
            '"http://schemas.openxmlformats.org/officeDocument/2006/math">'
            f"<m:oMathPara><m:oMath>{fraction}</m:oMath></m:oMathPara></a14:m>"
        )
    )
    stream = io.BytesIO()
    presentation.save(stream)
    assert only(stream.getvalue(), "a.pptx").text == "## Slide 1\n\na_b is $\\frac{x}{y}$\n"


def test_lists_with_numbers() -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Steps"
    frame = slide.placeholders[1].text_frame
    items = [("arabicPeriod", 0), ("alphaLcParenR", 1), ("alphaLcParenR", 1), ("arabicPeriod", 0)]
    for position, (kind, level) in enumerate(items):
        paragraph = frame.paragraphs[0] if not position else frame.add_paragraph()
        paragraph.text, paragraph.level = f"item{position}", level
        paragraph._p.get_or_add_pPr().append(
            parse_xml(
                '<a:buAutoNum xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
                f'type="{kind}"/>'
            )
        )
    stream = io.BytesIO()
    presentation.save(stream)

    assert only(stream.getvalue(), "a.pptx").text == (
        "## Steps\n\n1. item0\n    - a. item1\n    - b. item2\n2. item3\n"
    )
