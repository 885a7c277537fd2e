"""What documents, slides and sheets have in common: charts, diagrams, pictures."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ctxtools.documents.html.escapes import image
from ctxtools.documents.readers.extraction.office.markup import attribute, child, texts
from ctxtools.documents.readers.extraction.office.package import Package, Relations
from ctxtools.documents.readers.extraction.office.writing import escaped

_MAX_POINTS = 500  # of a series of a chart


def picture(properties: Element | None) -> str:
    """A picture by its description, "" without one."""
    described = attribute(properties, "descr").strip()
    return image(" ".join(described.split()), "") if described else ""


def diagram_lines(package: Package, relations: Relations, drawing: Element) -> Iterator[str]:
    """The lines of the charts and diagrams of a drawing."""
    for element in drawing.iter():
        if element.tag == "relIds":
            root = package.optional(relations.target(attribute(element, "r:dm")))
            if root is not None:
                yield from _paragraphs(root)
        elif element.tag == "chart" and (identifier := attribute(element, "r:id")):
            root = package.optional(relations.target(identifier))
            if root is not None:
                yield from _chart(root)


def _paragraphs(root: Element) -> Iterator[str]:
    for paragraph in root.iter("p"):
        if line := "".join(texts(paragraph)).strip():
            yield escaped(line)


def _chart(root: Element) -> Iterator[str]:
    """The titles of a chart and, for each of its series, names with values."""
    for title in root.iter("title"):
        yield from _paragraphs(title)
    for series in root.iter("ser"):
        name = " ".join(texts(child(series, "tx"), "v"))
        names = _points(series, "cat", "xVal")
        values = _points(series, "val", "yVal")
        pairs = [
            f"{names[key]} {value}" if key in names else value for key, value in values.items()
        ]
        line = ", ".join(pairs[:_MAX_POINTS])
        yield escaped(f"{name}: {line}" if name else line)


def _points(series: Element, *kinds: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind in kinds:
        part = child(series, kind)
        for point in () if part is None else part.iter("pt"):
            found[attribute(point, "idx")] = " ".join(texts(point, "v"))
    return found
