"""Archives of evidence containers, each file linked to the one before: written as a stream, and checked as a chain.

X-Road's archive of the message log (UG-SYSPAR): `mlog-{from}-{to}-{id}.zip` of containers and a last entry
`linkinginfo`, whose first line is `previousDigest previousFile ALGORITHM` (a dash where there is none) and every other
`digest name`; digest = hex(H(digest before + hex(H(container)))), id the last digest's beginning. Plain Python.
"""

import hashlib
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from lienthong.blocks.trust.asic import container_check
from lienthong.ground.text import Text

LINKING: Final = "linkinginfo"
DEFAULT: Final = "SHA-512"
_ALGORITHMS: Final = {"SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_NONE: Final = "-"
# What zipfile raises at bytes that are no archive; RuntimeError: an encrypted or strangely compressed entry.
_UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, RuntimeError)
_ID_LENGTH: Final = 16
_ENTRY_MAX: Final = 65 * 1024 * 1024
_LINKING_MAX: Final = 64 * 1024 * 1024
_NAME: Final = re.compile(r"mlog-(?:.+-)?\d{14}-\d{14}-.+\.zip")
_LINE: Final = re.compile(r"([0-9a-f]{64,128}) ([^\n]+)")


@dataclass(frozen=True, slots=True)
class Link:
    """The end of an archive file: its last digest, hex, and its name; both empty before the first."""

    digest: str = ""
    name: str = ""


class ArchiveWriter:
    """One file, written beside its place and moved there whole; what was there by this name is the same bytes or older.

    A process that dies leaves at most a draft, which the next writer overwrites.
    """

    def __init__(self, folder: Path, previous: Link, *, algorithm: str = DEFAULT) -> None:
        self.folder = folder
        self._algorithm = _ALGORITHMS[algorithm]
        self._lines = [f"{previous.digest or _NONE} {previous.name or _NONE} {algorithm}"]
        self._digest = previous.digest
        self._from: datetime | None = None
        self._to: datetime | None = None
        self._draft = folder / ".mlog.new"
        self._zip = zipfile.ZipFile(self._draft, "w", zipfile.ZIP_DEFLATED)

    def add(self, name: str, content: bytes, *, at: datetime) -> None:
        """name: without spaces at its ends, slashes and line ends; at: when the message was logged."""
        self._digest = _linked(self._algorithm, self._digest, content)
        self._lines.append(f"{self._digest} {name}")
        self._from, self._to = min(self._from or at, at), max(self._to or at, at)
        self._zip.writestr(_entry(name, at), content)

    def close(self) -> Link:
        """On disk once this returns. ValueError where nothing was added."""
        if self._from is None or self._to is None:
            raise ValueError("an archive of nothing")
        self._zip.writestr(_entry(LINKING, self._to), "".join(f"{line}\n" for line in self._lines))
        self._zip.close()
        moments = "-".join(f"{one.astimezone(UTC):%Y%m%d%H%M%S}" for one in (self._from, self._to))
        name = f"mlog-{moments}-{self._digest[:_ID_LENGTH]}.zip"
        _flush(self._draft)
        self._draft.replace(self.folder / name)
        _flush(self.folder)
        return Link(self._digest, name)

    def abandon(self) -> None:
        """After an error: no draft stays."""
        self._zip.close()
        self._draft.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class ArchiveCheck:
    """One file: the link it goes on from, its own last digest, how many entries it holds; the first thing wrong."""

    name: str
    previous: Link = Link()
    digest: str = ""
    containers: int = 0
    others: int = 0
    problem: Text | None = None


def archive_check(path: Path, *, trusted: Sequence[x509.Certificate]) -> ArchiveCheck:
    """Every digest and every container of a file; answers for any bytes. One entry at a time is in memory."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _checked(path.name, archive, trusted)
    except _UNREADABLE as error:
        return ArchiveCheck(
            path.name, problem=Text(f"Không đọc được tệp: {error}.", f"The file cannot be read: {error}.")
        )


def _checked(name: str, archive: zipfile.ZipFile, trusted: Sequence[x509.Certificate]) -> ArchiveCheck:
    previous, algorithm, lines = _linking(archive)
    entries = [one for one in archive.infolist() if one.filename != LINKING]
    found = ArchiveCheck(name, previous)
    if [one.filename for one in entries] != [entry for _, entry in lines]:
        return replace(found, problem=_OTHER_ENTRIES)
    digest = previous.digest
    for entry, (told, _) in zip(entries, lines, strict=True):
        if entry.file_size > _ENTRY_MAX:
            raise ValueError(f"{entry.filename} is too large")
        content = archive.read(entry)
        digest = _linked(_ALGORITHMS[algorithm], digest, content)
        if digest != told:
            return replace(found, problem=_changed(entry.filename))
        if not entry.filename.endswith(".asice"):
            found = replace(found, others=found.others + 1)
            continue
        check = container_check(content, trusted=trusted)
        if check.problem is not None:
            return replace(found, problem=_bad(entry.filename, check.problem))
        found = replace(found, containers=found.containers + 1)
    return replace(found, digest=digest)


def _linking(archive: zipfile.ZipFile) -> tuple[Link, str, list[tuple[str, str]]]:
    """The link before, the algorithm, and each entry's digest and name. ValueError where it is of another form."""
    info = archive.getinfo(LINKING)
    if info.file_size > _LINKING_MAX:
        raise ValueError(f"{LINKING} is too large")
    head, *lines = archive.read(info).decode().splitlines()
    digest, name, algorithm = head.split(" ")
    if algorithm not in _ALGORITHMS:
        raise ValueError(f"{LINKING}: {algorithm}")
    found = [_LINE.fullmatch(line) for line in lines]
    told = [(one[1], one[2]) for one in found if one is not None]
    if len(told) != len(lines) or not told:
        raise ValueError(f"{LINKING} is of another form")
    return Link(digest.replace(_NONE, ""), "" if name == _NONE else name), algorithm, told


def folder_check(folder: Path, *, trusted: Sequence[x509.Certificate]) -> Iterator[ArchiveCheck]:
    """Every archive file of a folder in the order of their chain; a gap, a fork or a wrong link is its file's problem.

    The first may go on from one that is no longer kept here.
    """
    files = {path.name: path for path in folder.iterdir() if _NAME.fullmatch(path.name)}
    previous = {name: _previous(path) for name, path in files.items()}
    following: dict[str, list[str]] = {}
    for name in sorted(files):
        following.setdefault(previous[name] if previous[name] in files else "", []).append(name)
    starts = following.get("", [])
    order, met = list(starts[:1]), set(starts[:1])
    for name in order:
        order += [one for one in following.get(name, []) if one not in met]
        met |= set(following.get(name, []))
    order += [name for name in sorted(files) if name not in met]
    digests: dict[str, str] = {}
    taken: set[str] = set()
    for number, name in enumerate(order):
        found = archive_check(files[name], trusted=trusted)
        before = found.previous.name
        if found.problem is None and number and before not in digests:
            found = replace(found, problem=_GAP)
        elif (
            found.problem is None and number and (digests[before] != found.previous.digest or before in taken)
        ):
            found = replace(found, problem=_WRONG_LINK)
        taken.add(before)
        digests[name] = found.digest
        yield found


def _previous(path: Path) -> str:
    """The name in its first line; empty where it cannot be read, which its own check tells."""
    with suppress(*_UNREADABLE), zipfile.ZipFile(path) as archive:
        return _linking(archive)[0].name
    return ""


def _linked(algorithm: str, before: str, content: bytes) -> str:
    def digest(data: bytes) -> str:
        return hashlib.new(algorithm, data).hexdigest()

    return digest((before + digest(content)).encode())


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.astimezone(UTC).timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _flush(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


_OTHER_ENTRIES: Final = Text(
    "Các tệp bên trong không đúng như linkinginfo liệt kê.",
    "It holds other entries than its linkinginfo lists.",
)
_GAP: Final = Text(
    "Đứt chuỗi: tệp lưu trữ liền trước không có ở đây.",
    "The chain is broken: the file before it is not here.",
)
_WRONG_LINK: Final = Text(
    "Đứt chuỗi: không nối tiếp đúng tệp liền trước.",
    "The chain is broken: it does not go on from the file before it.",
)


def _changed(name: str) -> Text:
    return Text(f"{name} đã bị sửa, thêm, bớt hoặc đổi chỗ.", f"{name} was changed, added, removed or moved.")


def _bad(name: str, problem: Text) -> Text:
    return Text(f"{name}: {problem.vi}", f"{name}: {problem.en}")
