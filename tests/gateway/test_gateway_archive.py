"""The message log's archive: written from a real gateway's log, checked as a chain, safe to be killed and run again."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from lienthong.blocks.trust.archives import ArchiveWriter, Link, archive_check, folder_check
from lienthong.gateway import archive
from lienthong.gateway.archive_job import ArchiveJob
from lienthong.gateway.config import ConfigError, config_of
from lienthong.gateway.envelope import MessageSignature
from tests.gateway.conftest import Exchange, environment
from tests.gateway.control import ONE, TWO
from tests.gateway.test_gateway_evidence import late
from tests.nation.programs import wait_until

FAR = datetime(2999, 1, 1, tzinfo=UTC)


def root() -> Path:
    return Path(os.environ["LIENTHONG_KEYS"]) / "authority" / "root.pem"


def lienthong(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lienthong.config.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment())


def asked(exchange: Exchange, count: int) -> list[str]:
    """Ids of messages that are time-stamped."""
    ids = [f"ar/{uuid4()}" for _ in range(count)]
    for one in ids:
        assert exchange.ask("POST", "echo", headers={"X-Road-Id": one}, content=b"{}").status_code == 200
    wait_until(lambda: late(exchange) == 0, seconds=20)
    return ids


def archived(exchange: Exchange, folder: Path) -> subprocess.CompletedProcess[str]:
    config = exchange.configs[ONE]
    path = folder.with_suffix(".toml")
    given = f"archive = {str(folder)!r}\narchive_after_h = 0.0\n"
    path.write_text(given + config.read_text())
    return lienthong("gateway", "archive", "--config", str(path))


def names(folder: Path) -> list[str]:
    return [path.name for path in sorted(folder.glob("mlog-*.zip"))]


@pytest.fixture(scope="module")
def folder(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files of archive, and the ids in them beside it."""
    made = tmp_path_factory.mktemp("archive") / "mlog"
    ids = []
    for _ in range(2):
        ids += asked(exchange, 3)
        done = archived(exchange, made)
        assert done.returncode == 0, done.stderr
        assert "in 1 files; dropped: none" in done.stdout
    assert archived(exchange, made).stdout.strip() == "0 exchanges in 0 files; dropped: none"
    (made / "ids.txt").write_text("\n".join(ids))
    return made


def test_every_stamped_message_is_archived_once_and_the_chain_holds(exchange: Exchange, folder: Path) -> None:
    assert len(names(folder)) == 2
    entries = [one for name in names(folder) for one in zipfile.ZipFile(folder / name).namelist()]
    assert len(entries) == len(set(entries)) + 1  # linkinginfo twice
    for one in (folder / "ids.txt").read_text().split():
        found = [name for name in entries if name.startswith(one.replace("/", "%2F"))]
        assert sorted(name.rsplit("-", 2)[1] for name in found) == ["request", "response"]
    done = lienthong("evidence", "archive", str(folder), "--trust", str(root()))
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == f"2 files, {len(entries) - 2} containers: whole"


def test_the_linking_is_x_roads(folder: Path) -> None:
    """Worked out anew, without our code: hex(H(digest before + hex(H(container)))), SHA-512."""
    before, name_before = "", "-"
    for path in sorted(folder.glob("mlog-*.zip"), key=lambda one: one.stat().st_mtime):
        with zipfile.ZipFile(path) as opened:
            head, *lines = opened.read("linkinginfo").decode().splitlines()
            assert head == f"{before or '-'} {name_before} SHA-512"
            for line in lines:
                told, name = line.split(" ", 1)
                own = hashlib.sha512(opened.read(name)).hexdigest()
                before = hashlib.sha512((before + own).encode()).hexdigest()
                assert told == before
        assert path.name.endswith(f"-{before[:16]}.zip")
        name_before = path.name


def test_a_run_killed_before_its_file_was_noted_makes_the_same_file_again(
    exchange: Exchange, folder: Path, tmp_path: Path
) -> None:
    last = names(folder)[-1]
    content = (folder / last).read_bytes()
    with psycopg.connect(exchange.databases[ONE]) as connection:
        connection.execute(
            "update gateway.archive set name = '', digest = '', made_at = null where name = %s", [last]
        )
    (folder / ".mlog.new").write_bytes(b"a draft of a killed process")
    done = archived(exchange, folder)
    assert done.stdout.splitlines()[0] == last
    assert (folder / last).read_bytes() == content
    assert sorted(path.name for path in folder.iterdir()) == sorted([*names(folder), "ids.txt"])


def test_two_runs_at_once_are_one(exchange: Exchange, folder: Path) -> None:
    with psycopg.connect(exchange.databases[ONE]) as connection, archive._alone(connection):
        done = archived(exchange, folder)
    assert done.returncode == 1
    assert "another process" in done.stderr


@pytest.mark.parametrize("harm", ["changed", "removed", "swapped", "gap", "forked", "cut"])
def test_whatever_is_changed_in_an_archive_is_found(folder: Path, tmp_path: Path, harm: str) -> None:
    from lienthong.config.evidence import roots_of

    trusted = roots_of(root())
    copy = tmp_path / "mlog"
    shutil.copytree(folder, copy)
    first, second = (one.name for one in folder_check(folder, trusted=trusted))
    if harm == "gap":
        rewritten(copy / second, previous="mlog-20200101000000-20200101000000-x.zip")
    elif harm == "forked":
        shutil.copy(copy / second, copy / second.replace(".zip", "0.zip"))
    elif harm == "cut":
        (copy / first).write_bytes((copy / first).read_bytes()[:-40])
    else:
        rewritten(copy / first, harm=harm)
    found = list(folder_check(copy, trusted=trusted))
    assert any(one.problem for one in found)
    assert lienthong("evidence", "archive", str(copy), "--trust", str(root())).returncode == 1


def rewritten(path: Path, *, harm: str = "", previous: str = "") -> None:
    with zipfile.ZipFile(path) as opened:
        entries = [(name, opened.read(name)) for name in opened.namelist()]
    if harm == "changed":
        entries[0] = (entries[0][0], entries[0][1].replace(b'"purpose":"testing"', b'"purpose":"pestering"'))
    elif harm == "removed":
        del entries[1]
    elif harm == "swapped":
        entries[0], entries[1] = (entries[0][0], entries[1][1]), (entries[1][0], entries[0][1])
    with zipfile.ZipFile(path, "w") as made:
        for name, content in entries:
            if not previous or name != "linkinginfo":
                made.writestr(name, content)
                continue
            head, rest = content.decode().split("\n", 1)
            digest, _, algorithm = head.split(" ")
            made.writestr(name, f"{digest} {previous} {algorithm}\n{rest}")


def test_the_first_files_may_be_kept_elsewhere(folder: Path, tmp_path: Path) -> None:
    from lienthong.config.evidence import roots_of

    first, second = (one.name for one in folder_check(folder, trusted=roots_of(root())))
    shutil.copy(folder / second, tmp_path / second)
    done = lienthong("evidence", "archive", str(tmp_path), "--trust", str(root()))
    assert done.returncode == 0, done.stdout
    assert f"goes on from {first}, which is not here" in done.stdout


def test_a_month_goes_once_all_of_it_is_archived_and_it_is_old_enough(
    exchange: Exchange, folder: Path
) -> None:
    with psycopg.connect(exchange.databases[ONE]) as connection:
        connection.execute(
            "create table gateway.message_2020_01 partition of gateway.message"
            " for values from ('2020-01-01 00:00+00') to ('2020-02-01 00:00+00')"
        )
        connection.commit()
        late_month = datetime(2020, 1, 31, tzinfo=UTC)
        assert list(archive._months_drop(connection, late_month)) == []
        assert list(archive._months_drop(connection, late_month + timedelta(days=2))) == ["message_2020_01"]
    with psycopg.connect(exchange.databases[TWO]) as connection:
        connection.execute(archive.SCHEMA)
        assert list(archive._months_drop(connection, FAR)) == []
        # The present month, were it old: not all of it is archived.
        connection.execute(
            "insert into gateway.archive (first_serial, last_serial, name) values (0, 0, 'mlog')"
        )
        assert list(archive._months_drop(connection, FAR)) == []
        connection.execute("delete from gateway.archive")


def test_a_writer_that_fails_leaves_nothing_and_one_of_nothing_is_none(tmp_path: Path) -> None:
    writer = ArchiveWriter(tmp_path, Link())
    writer.add("a.asice", b"x", at=datetime(2026, 11, 23, tzinfo=UTC))
    writer.abandon()
    with pytest.raises(ValueError, match="nothing"):
        ArchiveWriter(tmp_path, Link()).close()
    assert names(tmp_path) == []
    assert archive_check(tmp_path / "absent.zip", trusted=[]).problem


def test_settings_of_the_archive_are_checked(exchange: Exchange) -> None:
    given = tomllib.loads(exchange.configs[ONE].read_text())
    assert config_of({**given, "archive_every_h": 0}).archive_every_h == 0
    with pytest.raises(ConfigError, match="archive_after_h"):
        config_of({**given, "archive_after_h": -1})
    done = lienthong("gateway", "archive", "--config", str(exchange.configs[ONE]))
    assert (done.returncode, "archive: the folder" in done.stderr) == (1, True)


def test_a_message_refused_for_its_signature_is_kept_as_it_came(tmp_path: Path) -> None:
    from lienthong.blocks.trust.hashchain import tree_build
    from tests.blocks.trust.test_timestamps import ISSUING

    archivist = archive.Archivist("", tmp_path, {}, ISSUING.certificate)
    signature = MessageSignature("AA==", "nobody", "2026-11-23T02:00:00+00:00").text()
    chain = archive._Chain(tree_build([bytes(32), bytes(32)]), 0, b"")
    for given in (signature, "no signature at all"):
        row = {"question": b"\xff{}", "question_signature": given}
        ending, content = archivist._content(row, "question", chain)
        assert ending == "refused.json"
        told = json.loads(content)
        assert (base64.b64decode(told["message"]), told["signature"]) == (b"\xff{}", given)


def test_the_gateway_archives_by_itself_and_lets_go_when_it_stops(exchange: Exchange) -> None:
    runs: list[float] = []

    class Job(ArchiveJob):
        def run(self) -> archive.Archived:
            runs.append(time.monotonic())
            if len(runs) == 1:
                raise archive.AtWorkError
            if len(runs) == 3:
                assert self._stop.wait(5)
            return archive.Archived((), 0, ())

    async def lived(**settings: float | str) -> None:
        given = tomllib.loads(exchange.configs[ONE].read_text()) | settings
        job = Job(config_of(given), None, None)  # type: ignore[arg-type] - its run asks for neither
        await job.start()
        for _ in range(300):
            await asyncio.sleep(0.01)
            if len(runs) == 3:
                break
        await job.stop()

    asyncio.run(lived(archive_every_h=0.000_01))
    assert runs == []
    asyncio.run(lived(archive="/nowhere", archive_every_h=0))
    assert runs == []
    asyncio.run(lived(archive="/nowhere", archive_every_h=0.000_01))
    assert len(runs) == 3
