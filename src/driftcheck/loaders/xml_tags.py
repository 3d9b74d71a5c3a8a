"""XML tags: an XML document as a stream of them, and a look at its start, with entities and DOCTYPE refused."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, iterparse

from driftcheck.errors import InputError
from driftcheck.loaders.encoding import BINARY, CP1252, UTF8, TextReader, Utf8Stream, sniff_encoding
from driftcheck.loaders.source import Source

_N_TAGS = 50
_N_EVENTS = 20_000
_SNIFF = 1 << 20
_CHUNK = 1 << 15
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)""")


@contextmanager
def xml_events(source: Source) -> Iterator[Iterator[tuple[str, Element]]]:
    """Stream the starts and ends of tags as (event, element), a DOCTYPE refused.

    The bytes are believed where the declaration is wrong: Windows tools write UTF-16, and old ones Windows-1252, under
    a first line that says UTF-8.
    """
    with source.open() as stream:
        head = stream.read(_SNIFF)
    encoding, bom = sniff_encoding(head, is_whole=len(head) < _SNIFF)
    declared = _DECLARED.match(head)
    is_wrong = encoding not in (UTF8, CP1252, BINARY) or (
        encoding == CP1252 and (declared is None or declared[1].lower() in (b"utf-8", b"utf8"))
    )
    with source.open() as stream:
        events = ("start", "end")
        if is_wrong:
            text = io.BufferedReader(Utf8Stream(TextReader(stream, encoding, bom)), _CHUNK)
            parser = DefusedXMLParser(target=TreeBuilder(), encoding=UTF8, forbid_dtd=True)
            yield iterparse(text, events, parser)
        else:
            yield iterparse(stream, events, forbid_dtd=True)


def xml_tags(source: Source) -> list[str]:
    """List the tag of the root and of its first children, without namespaces.

    Raises:
        InputError: no XML, or one with a DOCTYPE.

    """
    tags: list[str] = []
    depth = 0
    with xml_events(source) as events:
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
