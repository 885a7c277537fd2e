"""XML of a stranger: trees by local names, without entities, and with bounds.

Names of elements lose their namespaces, so that ISO's strict form of a format, which has others, is
read like the common one. Of attributes only ``r:`` of relations is kept, as "r:id" is not "id".
"""

import re
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element, ParseError, XMLParser

from ctxtools.errors import FormatError

_RELATIONS = "/relationships}"
_ENTITY = re.compile(rb"<!ENTITY|<\x00!\x00E\x00N\x00T\x00I|\x00<\x00!\x00E\x00N\x00T\x00I")
_MAX_DEPTH = 400
_NOT_USUAL = "no usual program writes such a file; if you trust it, open it and save it again"


def parse(data: bytes, where: str) -> Element:
    """A tree of XML.

    Args:
        data: the XML.
        where: what errors call it.

    Raises:
        FormatError: it is not well-formed, declares entities, or is nested too deeply.
    """
    if _ENTITY.search(data):
        raise FormatError(
            f"{where}: it declares XML entities, which could grow without bound", hint=_NOT_USUAL
        )
    parser: XMLParser = XMLParser()
    try:
        parser.feed(data)
        root: Element = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise FormatError(f"{where}: damaged XML ({error})") from error
    _simplify(root, where)
    return root


def _simplify(root: Element, where: str) -> None:
    names: dict[str, str] = {}
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > _MAX_DEPTH:
            reason = f"{where}: its XML is nested more than {_MAX_DEPTH} levels deep"
            raise FormatError(reason, hint=_NOT_USUAL)
        below: list[Element] = []
        for element in level:
            tag = element.tag
            element.tag = names.get(tag) or names.setdefault(tag, tag.rpartition("}")[2])
            if element.attrib:
                element.attrib = {
                    names.get(key) or names.setdefault(key, _short(key)): value
                    for key, value in element.attrib.items()
                }
            below.extend(element)
        level = below


def _short(key: str) -> str:
    space, _, name = key.rpartition("}")
    return f"r:{name}" if f"{space}}}".endswith(_RELATIONS) else name


def attribute(element: Element | None, name: str, default: str = "") -> str:
    """An attribute, or the default if it or the element is not there."""
    return default if element is None else element.get(name, default)


def number(element: Element | None, name: str, default: int = 0) -> int:
    """An attribute that is a whole number, or the default."""
    value = attribute(element, name)
    try:
        return int(value) if len(value) < 12 else default
    except ValueError:
        return default


def is_on(element: Element | None) -> bool:
    """Whether an element that switches something on is there, and does not switch it off."""
    return element is not None and element.get("val", "1") not in ("0", "false", "off", "none")


def child(element: Element | None, *path: str) -> Element | None:
    """The first element along a path of names."""
    for name in path:
        if element is None:
            return None
        element = element.find(name)
    return element


def inside(element: Element | None, *path: str) -> Iterable[Element]:
    """What is in the first element along a path of names; nothing if there is none."""
    found = child(element, *path)
    return () if found is None else found


def outermost(element: Element, name: str) -> Iterator[Element]:
    """The elements of a name that are in no other one of it, of alternatives in one alone."""
    if element.tag == name:
        yield element
        return
    for each in alternative(element) if element.tag == "AlternateContent" else element:
        yield from outermost(each, name)


def alternative(element: Element) -> Iterable[Element]:
    """Of the alternatives for programs of different ages, the newest one."""
    return inside(element, "Choice" if child(element, "Choice") is not None else "Fallback")


def texts(element: Element | None, name: str = "t") -> Iterator[str]:
    """The texts of all elements of a name."""
    for each in () if element is None else element.iter(name):
        if each.text:
            yield each.text
