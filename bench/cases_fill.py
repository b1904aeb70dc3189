"""Existing cases for the benchmark of cases: copies of one real case with all its rows, made by SQL alone.

A copy differs from its pattern where rows of real cases differ: ids, numbers, applicant, moments. Ids grow as those of
real cases do. All indexes are there at the end, and the tables are vacuumed, analysed and written out.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

PER_PERSON = 12
CHUNK = 50_000
APART = "interval '15 seconds'"
"""Between two cases: a million of them in half a year."""

OPENING = "onestop/dossiers-open/v1"
PERSON_FIRST, BSN_FIRST = 10_000_000_000, 100_000_000

Rule = Callable[[str, str], str | None]
"""(column, its type) to the SQL of a copy's value, over the pattern's row `t` and the serial `g.n`; None: as usual."""


@dataclass(frozen=True)
class Pattern:
    """Rows of one table that belong to the pattern, and how a copy's row differs."""

    table: str
    where: str
    rule: Rule
    omitted: tuple[str, ...] = ()


def copies(url: str, patterns: Iterable[Pattern], *, above: int, upto: int, said: str) -> None:
    """Copies with the serials above+1 .. upto, a chunk in a transaction; plain indexes are made anew afterwards."""
    patterns = list(patterns)
    tables = sorted({pattern.table for pattern in patterns})
    with psycopg.connect(url) as connection:
        connection.execute(
            "set session_replication_role = replica"
        )  # copies of consistent rows are consistent
        connection.execute("set maintenance_work_mem = '512MB'")
        indexes = connection.execute(INDEXES, [tables]).fetchall()
        statements = [_statement(connection, place, pattern) for place, pattern in enumerate(patterns)]
        for name, _ in indexes:
            connection.execute(sql.SQL("drop index {}").format(sql.Identifier(name)))
        for low in range(above, upto, CHUNK):
            high = min(low + CHUNK, upto)
            for statement in statements:
                connection.execute(statement, {"low": low + 1, "high": high})
            print(f"\r  {said}: {high:,} existing cases", end="", file=sys.stderr, flush=True)
        for _, definition in indexes:
            connection.execute(definition)
    print(file=sys.stderr)
    settle(url, tables)


INDEXES = (
    "select c.relname, pg_get_indexdef(c.oid) from pg_index i join pg_class c on c.oid = i.indexrelid"
    " join pg_class t on t.oid = i.indrelid where t.relname = any(%s) and not i.indisunique"
    " and t.relnamespace = current_schema()::regnamespace"
)


def settle(url: str, tables: Iterable[str]) -> None:
    """Statistics and visibility as after a night of PostgreSQL's own housekeeping, and nothing left to write out."""
    with psycopg.connect(url, autocommit=True) as connection:
        names = sql.SQL(", ").join(sql.Identifier(table) for table in sorted(tables))
        connection.execute(sql.SQL("vacuum analyze {}").format(names))
        connection.execute("checkpoint")


def _statement(connection: psycopg.Connection[Any], place: int, pattern: Pattern) -> sql.Composed:
    """The copying of rows that are kept aside, so that no growing table is looked through."""
    table, aside = sql.Identifier(pattern.table), sql.Identifier(f"pattern_{place}")
    where = sql.SQL(pattern.where)  # type: ignore[arg-type]  # made in this file, of ids that it read itself
    connection.execute(
        sql.SQL("create temporary table {} as select * from {} t where {}").format(aside, table, where)
    )
    columns = connection.execute(
        "select column_name, data_type from information_schema.columns"
        " where table_schema = current_schema() and table_name = %s order by ordinal_position",
        [pattern.table],
    ).fetchall()
    kept = [(name, kind) for name, kind in columns if name not in pattern.omitted]
    values = [pattern.rule(name, kind) or default(name, kind) for name, kind in kept]
    return sql.SQL(
        "insert into {} ({}) select {} from {} t, generate_series(%(low)s::bigint, %(high)s::bigint) g(n)"
    ).format(
        table,
        sql.SQL(", ").join(sql.Identifier(name) for name, _ in kept),
        sql.SQL(", ").join(sql.SQL(value) for value in values),  # type: ignore[arg-type]  # the same
        aside,
    )


def default(name: str, kind: str) -> str:
    if kind == "uuid":
        return uuid_of(f't."{name}"')
    if kind.startswith("timestamp"):
        return f't."{name}" - g.n * {APART}'
    if kind == "date":
        return f't."{name}" - (g.n / 5760)::integer'
    return f't."{name}"'


def uuid_of(value: str) -> str:
    """The pattern's id with the serial in front: in order, as the real ones are."""
    return f"(lpad(to_hex(g.n), 8, '0') || substr(replace({value}::text, '-', ''), 9))::uuid"


# --- ours ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OurPattern:
    """A parent case of the portal and its dossier at an agency, as the journey made them."""

    numbers: tuple[str, str]
    applicant: str
    agency: str


def person(serial: int) -> str:
    """The applicant of a dozen of our existing cases."""
    return f"0{PERSON_FIRST + serial}"


def our_pattern(*, serial: int) -> OurPattern:
    """One example of the health card under six, sent on the portal and waiting for an officer's decision."""
    from dataclasses import replace

    from django.conf import settings

    from lienthong.blocks.casework import selectors
    from lienthong.blocks.exchange import log
    from lienthong.ground import clock
    from lienthong.nation import examples
    from lienthong.nation.families import Stage
    from lienthong.nation.jobs_now import settle as jobs_settle
    from lienthong.nation.people import communes

    found = examples.examples_of(settings.LIENTHONG_CONTENT / "procedures" / "1.003077")
    example = next(one for one in found if one.name == "granted")
    now = clock.now().replace(tzinfo=None).isoformat()
    first, second = communes()[:2]
    played, _ = examples.example_begin(
        replace(example, raw={**example.raw, "at": now}), Stage(first.commune, second.commune, serial)
    )
    jobs_settle()
    while log.seal_pending():
        pass
    card = selectors.case_get(number=played.number)
    dossier = selectors.case_get(number=card.children[0].number)
    if dossier.open_task is None:
        raise RuntimeError(f"dossier {dossier.number} waits for nobody")
    return OurPattern((card.number, dossier.number), card.applicant, dossier.agency)


def ours(url: str, pattern: OurPattern, *, above: int, upto: int) -> None:
    """`upto` dossiers that wait at one desk, each with its case at the portal, journal, opening call and inbox row."""
    numbers = ", ".join(f"'{number}'" for number in pattern.numbers)
    ids = f"(select id from casework_case where number in ({numbers}))"
    opening = f"\"case\" in ({numbers}) and service = '{OPENING}'"
    calls = f"(select message_id from exchange_message where {opening})"
    of_case = ("statuschange", "entry", "step", "child", "signal", "casefile", "deadline")
    applicant = f"'0' || ({PERSON_FIRST} + g.n / {PER_PERSON})"

    def rule(name: str, kind: str) -> str | None:
        if name in {"number", "case", "reference"} and kind == "character varying":
            return f'case when t."{name}" in ({numbers}) then t."{name}" || \'-\' || g.n else t."{name}" end'
        if name in {"applicant", "actor"}:
            return f"case when t.{name} = '{pattern.applicant}' then {applicant} else t.{name} end"
        return None

    patterns = [Pattern("casework_case", f"t.number in ({numbers})", rule)]
    for table in of_case:
        omitted = () if table in {"step", "signal"} else ("id",)
        patterns.append(Pattern(f"casework_{table}", f"t.case_id in {ids}", rule, omitted))
    patterns += [
        Pattern("exchange_message", opening, rule, ("id",)),
        Pattern("exchange_inbox", f"t.message_id in {calls}", rule, ("id",)),
    ]
    copies(url, patterns, above=above, upto=upto, said="ours")


# --- Open Zaak ----------------------------------------------------------------------------------------------

THEIR_FIRST = 1_000_000


def their_person(serial: int) -> str:
    """The applicant of a dozen of Open Zaak's existing cases."""
    return str(BSN_FIRST + serial)


def theirs(url: str, zaak: str, *, above: int, upto: int) -> None:
    """`upto` copies of the case with this uuid: number, case, status, role, person, and its audit rows."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select n.id, n.identificatie from zaken_zaak z join zaken_zaakidentificatie n"
            " on n.id = z.identificatie_ptr_id where z.uuid = %s",
            [zaak],
        ).fetchone()
    if row is None:
        raise RuntimeError(f"Open Zaak has no case {zaak}")
    case, identification = row
    key = f"{THEIR_FIRST + 10 * above} + g.n"  # clear of the cases that were made after the fill before
    copy = uuid_of("'" + zaak + "'")
    given = {
        "zaak_id": key,
        "rol_id": key,
        "identificatie_ptr_id": key,
        "number": f"'{identification.rpartition('-')[0]}-' || lpad(({key})::text, 10, '0')",
        "inp_bsn": f"({BSN_FIRST} + g.n / {PER_PERSON})::text",
        **{name: f"replace(t.{name}, '{zaak}', {copy}::text)" for name in ("hoofd_object", "resource_url")},
    }

    def rule(name: str, _kind: str) -> str | None:
        return given.get(name)

    def keyed(name: str, kind: str) -> str | None:
        return key if name == "id" else rule(name, kind)

    def numbered(name: str, kind: str) -> str | None:
        return keyed("number" if name == "identificatie" else name, kind)

    rol = f"(select id from zaken_rol where zaak_id = {case})"
    patterns = [
        Pattern("zaken_zaakidentificatie", f"t.id = {case}", numbered),
        Pattern("zaken_zaak", f"t.identificatie_ptr_id = {case}", rule),
        Pattern("zaken_status", f"t.zaak_id = {case}", keyed),
        Pattern("zaken_rol", f"t.zaak_id = {case}", keyed),
        Pattern("zaken_natuurlijkpersoon", f"t.rol_id in {rol}", keyed),
        Pattern("audittrails_audittrail", f"t.hoofd_object like '%{zaak}'", rule, ("id",)),
    ]
    copies(url, patterns, above=above, upto=upto, said="Open Zaak")
    with psycopg.connect(url, autocommit=True) as connection:
        for table in ("zaakidentificatie", "status", "rol", "natuurlijkpersoon"):
            name = f"zaken_{table}"
            connection.execute(
                f"select setval(pg_get_serial_sequence('{name}', 'id'), (select max(id) from {name}))"
            )
