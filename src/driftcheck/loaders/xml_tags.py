"""XML tags: a look at the start of an XML document, with entities and DOCTYPE refused."""

from __future__ import annotations

from itertools import islice
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from driftcheck.errors import InputError
from driftcheck.loaders.source import Source

_N_TAGS = 50
_N_EVENTS = 20_000


def xml_tags(source: Source) -> list[str]:
    """List the tag of the root and of its first children, without namespaces.

    Raises:
        InputError: no XML, or one with a DOCTYPE.

    """
    tags: list[str] = []
    depth = 0
    with source.open() as stream:
        events = iterparse(stream, events=("start", "end"), forbid_dtd=True)
        try:
            for event, element in islice(events, _N_EVENTS):
                if event == "start":
                    if depth < 2:
                        tags.append(local_name(element))
                        if len(tags) > _N_TAGS:
                            break
                    depth += 1
                else:
                    depth -= 1
                    element.clear()
        except ParseError as error:
            if not tags:
                raise InputError(f"{source.name}:{error.position[0]}", f"broken XML: {error}") from None
        except DefusedXmlException:
            raise InputError(source.name, "has a DOCTYPE, which is not read", "remove it") from None
        except (LookupError, ValueError):  # the encoding that its first line names
            raise InputError(source.name, "is XML in an unknown encoding", "save it as UTF-8") from None
    return tags


def local_name(element: Element) -> str:
    """Return the tag of an element without its namespace."""
    return element.tag.rpartition("}")[2]
