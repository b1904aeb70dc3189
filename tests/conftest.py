"""A real PostgreSQL for every test: one server a run, one migrated template, one database a worker."""

import atexit
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from lienthong.config import postgres
from lienthong.ground import clock

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.journeys.running import Running

ROOT = Path(__file__).resolve().parents[1]
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
_SCRATCH = os.environ.get("LIENTHONG_TEST_SCRATCH") or tempfile.mkdtemp(prefix="lienthong-test-")
os.environ["LIENTHONG_TEST_SCRATCH"] = _SCRATCH
os.environ["LIENTHONG_VAR"] = str(Path(_SCRATCH) / _WORKER)
os.environ["LIENTHONG_KEYS"] = str(Path(_SCRATCH) / "keys")
os.environ["LIENTHONG_KEEP_CONNECTIONS"] = "0"
os.environ["LIENTHONG_LOG_LEVEL"] = "ERROR"
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(Path(_SCRATCH) / "hypothesis"))

if "LIENTHONG_TEST_SERVER" not in os.environ:
    atexit.register(shutil.rmtree, _SCRATCH, ignore_errors=True)  # before the server's: it runs after
    given = os.environ.get("LIENTHONG_DATABASE_URL")
    os.environ["LIENTHONG_TEST_SERVER"] = given or postgres.ensure(Path(_SCRATCH) / "pg", scratch=True)
SERVER = os.environ["LIENTHONG_TEST_SERVER"]


def database_url(name: str) -> str:
    """The address of the database `name` on the run's server."""
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(SERVER) | {"dbname": name}
    auth = ":".join(str(parts[key]) for key in ("user", "password") if parts.get(key))
    return f"postgresql://{auth}@/{name}?host={parts.get('host', 'localhost')}&port={parts.get('port', 5432)}"


DATABASE = f"lienthong_{os.getpid()}_{_WORKER}"
COUNTRY = f"{DATABASE}_country"
JOINED = "lienthong_joined"
os.environ["LIENTHONG_DATABASE_URL"] = database_url(DATABASE)


def _django() -> None:
    """Django reads its settings after this run's database and folders are in the environment, and before the
    conftests of the folders below ask for its models."""
    import django

    (Path(os.environ["LIENTHONG_VAR"]) / "static").mkdir(parents=True, exist_ok=True)
    os.environ["DJANGO_SETTINGS_MODULE"] = "lienthong.config.settings"
    django.setup()
    # A worker of xdist inherits the environment, and would read the settings before its own conftest.
    del os.environ["DJANGO_SETTINGS_MODULE"]


_django()


CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

settings.register_profile(
    "house", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow], print_blob=False
)
settings.load_profile("house")


def server_execute(*statements: sql.Composable) -> None:
    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def clone_database(name: str, template: str = "lienthong_template") -> str:
    server_execute(
        sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)),
        sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template)),
    )
    return database_url(name)


def _python(code: str, database: str) -> None:
    """Run code in a process of its own against one of the run's databases, with Django set up."""
    environment = {
        **os.environ,
        "LIENTHONG_DATABASE_URL": database_url(database),
        "DJANGO_SETTINGS_MODULE": "lienthong.config.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }
    subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {code}"], env=environment, check=True
    )


def _make_templates() -> None:
    """Once a run, whichever worker comes first: a migrated database; one in which the small country stands; one with
    its packages too."""
    with (Path(_SCRATCH) / "template.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        done = Path(_SCRATCH) / "template.done"
        if done.exists():
            return
        server_execute(
            sql.SQL("drop database if exists lienthong_template with (force)"),
            sql.SQL("create database lienthong_template template template0 encoding 'UTF8'"),
        )
        _python(
            "from django.core.management import call_command as c; c('migrate', verbosity=0)",
            "lienthong_template",
        )
        clone_database(JOINED)
        _python("from tests.systems.country import country_prepare; country_prepare()", JOINED)
        clone_database("lienthong_country", JOINED)
        _python("from tests.systems.country import country_publish; country_publish()", "lienthong_country")
        done.touch()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Generator[None]:
    """Replaces pytest-django's: a copy of the template instead of migrations for each worker."""
    del django_db_blocker
    _make_templates()
    clone_database(DATABASE)
    clone_database(COUNTRY, JOINED)
    yield
    from django.db import connections

    connections.close_all()
    for name in (DATABASE, COUNTRY):
        server_execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


LONG = ("tests/journeys/", "tests/nation/", "tests/gateway/", "tests/docs/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The folders of long files first: a file goes to one worker whole, and what begins last should be short."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A test of the small country runs where it stands already: making it anew would take most of the test's time.

    Before any fixture, as the fixture that opens the transaction may be asked for by a mark. A test that commits
    makes its country itself, and leaves this one alone.
    """
    mark = item.get_closest_marker("django_db")
    commits = "transactional_db" in item.fixturenames or (mark is not None and mark.kwargs.get("transaction"))
    stands = "country" in item.fixturenames and not commits
    if stands:
        _database_use(COUNTRY)
    try:
        return (yield)
    finally:
        if stands:
            _database_use(DATABASE)
        if commits:
            _jobs_forget()


def _jobs_forget() -> None:
    """What a test that commits has enqueued: Django empties the tables of its own models alone."""
    with psycopg.connect(database_url(DATABASE), autocommit=True) as connection:
        connection.execute("truncate procrastinate_jobs cascade")


def _database_use(name: str) -> None:
    """This process asks the database `name` from now on."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = name


@pytest.fixture(autouse=True)
def _no_program_means_skip(request: pytest.FixtureRequest) -> None:
    """`needs(program)`: skipped on a bare machine, a failure where everything is required."""
    for marker in request.node.iter_markers("needs"):
        name = str(marker.args[0])
        present = (ROOT / name).exists() if "_" in name else shutil.which(name) is not None
        if not present:
            if os.environ.get("LIENTHONG_REQUIRE_ALL"):
                pytest.fail(f"{name} is required here and absent")
            pytest.skip(f"{name} is absent")


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Generator[None]:
    """What a process remembers of the database (certificates, agencies, plans) ends with each test."""
    yield
    if (trust := sys.modules.get("lienthong.blocks.trust.services")) is not None:
        trust.caches_clear()
    if (agencies := sys.modules.get("lienthong.blocks.registry.agencies")) is not None:
        agencies.forget()
    if (kept := sys.modules.get("lienthong.ground.kept")) is not None:
        kept.Kept.all_forget()
    if (engine := sys.modules.get("lienthong.blocks.casework.engine")) is not None:
        engine.plan_of.cache_clear()


@pytest.fixture
def at() -> Generator[datetime]:
    """A quiet Monday morning on which the clock stands: 23 November 2026, 09:00."""
    with clock.fixed(datetime(2026, 11, 23, 9, 0, tzinfo=clock.VIETNAM)) as moment:
        yield moment


@pytest.fixture(scope="session")
def running(django_db_blocker: Any) -> Generator["Running"]:
    """One running system for all tests of this worker. Here, once: two would share a database."""
    from tests.journeys.running import system

    with system("running", django_db_blocker) as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Generator["Browser"]:
    """A browser for the tests of one file: its event loop must be gone before others ask Django."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS
        )
        yield browser
        browser.close()
