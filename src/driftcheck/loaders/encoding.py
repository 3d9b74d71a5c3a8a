"""Text encodings: UTF-8 and UTF-16 with or without a byte-order mark, else Windows-1252."""

from __future__ import annotations

import codecs
import io
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

UTF8 = "utf-8"
CP1252 = "cp1252"
_CHUNK = 1 << 20
BINARY = "binary"
FALLBACK = "driftcheck-cp1252"
"""Error handler that reads bytes which are no UTF-8 as Windows-1252."""

_BOMS = (
    (codecs.BOM_UTF8, UTF8),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1b\b"))


def sniff_encoding(head: bytes, *, is_whole: bool = True) -> tuple[str, int]:
    """Name the encoding of a text that starts with `head`, and the length of its byte-order mark.

    The name is `binary` where `head` is no text. Where it is not the whole text, a character may be cut at its end.

    >>> sniff_encoding("café".encode("latin-1"))
    ('cp1252', 0)
    """
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name, len(bom)
    if b"\0" in head:
        sample = head[: 1 << 12]
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        half = max(len(sample) // 2, 1)
        if odd > 0.3 * half and even < 0.05 * half:
            return "utf-16-le", 0
        if even > 0.3 * half and odd < 0.05 * half:
            return "utf-16-be", 0
        return BINARY, 0
    if len(head.translate(None, _CONTROL)) < 0.95 * len(head):
        return BINARY, 0
    try:
        codecs.getincrementaldecoder(UTF8)().decode(head, final=is_whole)
    except UnicodeDecodeError:
        return CP1252, 0
    return UTF8, 0


class TextReader:
    """Reads a binary stream as text, in pieces of any size."""

    def __init__(self, stream: BinaryIO, encoding: str, skip: int, *, cr_only: bool = False) -> None:
        """Read `stream` from behind `skip` bytes, its byte-order mark; `cr_only` makes line ends of its CRs."""
        self._cr_only = cr_only
        stream.read(skip)
        self._stream = stream
        name = UTF8 if encoding == CP1252 else encoding
        errors = FALLBACK if name == UTF8 else "replace"
        self._decoder = codecs.getincrementaldecoder(name)(errors)
        self._ended = False

    def read(self, size: int) -> str:
        """Read about `size` characters; an empty string is the end."""
        while not self._ended:
            data = self._stream.read(size)
            self._ended = not data
            text = self._decoder.decode(data, final=self._ended)
            if text:
                return text.replace("\r", "\n") if self._cr_only else text
        return ""

    def read_whole(self, limit: int) -> str | None:
        """Read all that is left; None where that is more than `limit` characters."""
        pieces, n = [], 0
        while piece := self.read(_CHUNK):
            pieces.append(piece)
            n += len(piece)
            if n > limit:
                return None
        return "".join(pieces)

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()


class Utf8Stream(io.RawIOBase):
    """The bytes of a text as UTF-8 without a byte-order mark, whatever encoding the stream has."""

    def __init__(self, text: TextReader) -> None:
        self._text = text
        self._rest = b""

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill the buffer as far as there is text, and tell how far."""
        view = memoryview(buffer).cast("B")
        if not self._rest:
            self._rest = self._text.read(len(view)).encode(UTF8, "replace")
        data, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the stream below."""
        self._text.close()
        super().close()


def _read_as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    try:
        return bad.decode(CP1252), error.end
    except UnicodeDecodeError:  # five bytes that Windows-1252 leaves undefined
        return bad.decode("latin-1"), error.end


codecs.register_error(FALLBACK, _read_as_cp1252)
