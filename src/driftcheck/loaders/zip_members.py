"""Members of a ZIP file, stored, deflated or packed with zstd (method 93), within bounds."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from typing import BinaryIO

from driftcheck.errors import InputError
from driftcheck.loaders.source import FREE_OF_RATIO, MAX_RATIO

MAX_MEMBER = 256 << 20
"""Largest member in bytes, unpacked."""
MAX_MEMBERS = 1_000_000
_ZSTD = 93
_MAX_WINDOW = 1 << 27
_HEADER = struct.Struct("<26xHH")


def _refusal(info: zipfile.ZipInfo) -> str | None:
    """Say why a member is not read: a link, or a name that leads out, though nothing is unpacked to the disk anyway."""
    if stat.S_ISLNK(info.external_attr >> 16):
        return "it is a link"
    name = info.filename.replace("\\", "/")
    if name.startswith("/") or name[1:2] == ":" or ".." in name.split("/"):
        return "its name leads out of the archive"
    return None


class ZipMembers:
    """An open ZIP file."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._name = name
        self._stream = stream
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
            # NotImplementedError is zipfile's word for a version, a disk or a compression that it does not know
            stream.close()
            raise InputError(name, f"is a damaged ZIP file: {error}") from None
        infos = [info for info in self._zip.infolist() if not info.is_dir()]
        if len(infos) > MAX_MEMBERS:
            self.close()
            raise InputError(name, f"is a ZIP file of {len(infos)} members", "too many")
        n_bytes = stream.seek(0, 2)
        if sum(info.compress_size for info in infos) > n_bytes:
            self.close()
            raise InputError(name, "is a ZIP file whose members overlap, as bombs do: not loaded")
        why = {info.filename: reason for info in infos if (reason := _refusal(info))}
        self.names = [info.filename for info in infos if info.filename not in why]
        self.refused = list(why.items())
        """Members that are never read, each with the reason."""

    def read(self, member: str) -> bytes:
        """Read a member whole.

        Raises:
            InputError: no such member, damaged, or larger than MAX_MEMBER.

        """
        where = f"{self._name}!{member}"
        try:
            info = self._zip.getinfo(member)
            if info.flag_bits & 1:
                raise InputError(where, "is encrypted")
            if why := _refusal(info):
                raise InputError(where, f"is not loaded: {why}")
            if info.file_size > max(FREE_OF_RATIO, MAX_RATIO * info.compress_size):
                raise InputError(where, f"unpacks to more than {MAX_RATIO} times its size, as bombs do: not loaded")
            if info.compress_type == _ZSTD:
                data = self._read_zstd(info, where)
            else:
                with self._zip.open(info) as stream:
                    data = stream.read(MAX_MEMBER + 1)
        except KeyError:
            raise InputError(where, "no such member in the ZIP file") from None
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, struct.error) as error:
            raise InputError(where, f"is damaged: {error}") from None
        except NotImplementedError as error:  # a compression that zipfile does not know
            raise InputError(where, f"cannot be unpacked: {error}") from None
        if len(data) > MAX_MEMBER:
            raise InputError(where, f"is larger than {MAX_MEMBER >> 20} MB unpacked")
        return data

    def _read_zstd(self, info: zipfile.ZipInfo, where: str) -> bytes:
        """Read a member packed by method 93, which zipfile knows from Python 3.14 on."""
        try:
            import zstandard
        except ImportError:
            raise InputError(where, "is packed with zstd", "pip install zstandard") from None
        self._stream.seek(info.header_offset)
        n_name, n_extra = _HEADER.unpack(self._stream.read(_HEADER.size))
        self._stream.seek(n_name + n_extra, 1)
        packed = self._stream.read(info.compress_size)
        unpacker = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
        try:
            with unpacker.stream_reader(packed, read_across_frames=True) as stream:
                return stream.read(MAX_MEMBER + 1)
        except zstandard.ZstdError as error:
            raise InputError(where, f"is damaged: {error}") from None

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._stream.close()
