"""The command line of the exchange's data plane: its gateways, and the evidence that they leave."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

_CONFIG = click.option("--config", "path", type=click.Path(path_type=Path), help="the gateway's TOML file")
_TRUST = click.option("--trust", type=click.Path(exists=True, path_type=Path), help="root certificates, PEM")
_CONF = click.option(
    "--conf",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="a gateway's /verificationconf, in place of --trust",
)


@click.group(invoke_without_command=True)
@_CONFIG
@click.pass_context
def gateway(ctx: click.Context, path: Path | None) -> None:
    """Run a gateway of the exchange: X-Road clients on one side, other gateways on the other."""
    if ctx.invoked_subcommand is not None:
        return
    from lienthong.config import logs
    from lienthong.gateway.config import ConfigError, config_read
    from lienthong.gateway.serve import run

    logs.configure(level=os.environ.get("LIENTHONG_LOG_LEVEL", "WARNING"))
    try:
        run(config_read(_given(path)))
    except ConfigError as error:
        raise click.ClickException(str(error)) from error


@gateway.command("archive")
@_CONFIG
def gateway_archive(path: Path | None) -> None:
    """Write stamped messages of the log into archive files, and drop the months that are archived and old enough."""
    import asyncio

    from psycopg import Error as DatabaseError

    from lienthong.gateway.archive import AtWorkError
    from lienthong.gateway.archive_job import archive_once
    from lienthong.gateway.config import ConfigError, config_read
    from lienthong.gateway.keeper import NoConfigurationError

    try:
        made = asyncio.run(archive_once(config_read(_given(path))))
    except AtWorkError as error:
        raise click.ClickException("this log is being archived by another process") from error
    except NoConfigurationError as error:
        raise click.ClickException("no configuration yet: nobody's certificate is known") from error
    except (ConfigError, DatabaseError, OSError) as error:
        raise click.ClickException(str(error)) from error
    for name in made.files:
        click.echo(name)
    click.echo(
        f"{made.exchanges} exchanges in {len(made.files)} files; dropped: {', '.join(made.dropped) or 'none'}"
    )


def _given(path: Path | None) -> Path:
    if path is None:
        raise click.UsageError("Missing option '--config'.")
    return path


@click.group()
def evidence() -> None:
    """Containers of signed messages, and archives of them."""


@evidence.command("check")
@click.argument("container", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_TRUST
@_CONF
def evidence_check(container: Path, trust: Path | None, conf: Path | None) -> None:
    """Check a container (.asice) offline, part by part; exit code 1 where something does not hold."""
    from lienthong.config import evidence as checking

    known = checking.conf_of(conf) if conf else None
    found = checking.check(container.read_bytes(), trust, known)
    for line in [*checking.told(found), *(checking.member_told(found, known) if known else [])]:
        click.echo(line)
    sys.exit(0 if found.valid else 1)


@evidence.command("archive")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_TRUST
@_CONF
def evidence_archive(folder: Path, trust: Path | None, conf: Path | None) -> None:
    """Check every archive file of a folder, each container, and the chain that links all; exit code 1 if broken."""
    from lienthong.blocks.trust.archives import folder_check
    from lienthong.config import evidence as checking

    trusted = checking.trusted_of(trust, checking.conf_of(conf) if conf else None)
    files = containers = broken = 0
    for found in folder_check(folder, trusted=trusted):
        files, containers = files + 1, containers + found.containers
        if files == 1 and found.previous.name and found.problem is None:
            click.echo(f"goes on from {found.previous.name}, which is not here")
        if found.problem is None:
            click.echo(f"{found.name}: {found.containers} containers, {found.others} refused messages")
        else:
            broken += 1
            click.echo(f"{found.name}: {found.problem.vi}\n  {found.problem.en}")
    click.echo(f"{files} files, {containers} containers: {f'{broken} broken' if broken else 'whole'}")
    sys.exit(1 if broken or not files else 0)
