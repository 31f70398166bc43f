"""PostgreSQL servers of a test's own: a primary, a standby that streams from it, and their ends.

They run as an unprivileged user, listen on sockets in a folder of their own, and are stopped by process id. A test that needs
them is left out where the programs or such a user are missing.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.left_out import Want, leave_out
from tests.waiting import PATIENCE_SECONDS, is_alive, wait_for

USER = "acredita"
DATABASE = "acredita"
SYSTEM_USER = "postgres"
FIRST_PORT = 5_431  # a name of a socket in the folder; nothing listens on a network
QUICK = {"max_wal_senders": "4", "wal_keep_size": "64MB", "shared_buffers": "16MB", "max_connections": "40"}


def programs() -> Path:
    """Return the folder of PostgreSQL's programs. Leaves the test out where there is none, or nobody to run them as."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not folders:
        leave_out(Want.POSTGRESQL, "servers of a test's own")
    if os.getuid() == 0 and not _has_user(SYSTEM_USER):
        leave_out(Want.POSTGRESQL, f"servers of a test's own, which run as {SYSTEM_USER}")
    return folders[-1].parent


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@dataclass
class Server:
    """One server: its folder, and its process while it runs."""

    programs: Path
    folder: Path
    port: int
    pid: int | None = None
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / f"data-{self.port}"

    def url(self, **query: str) -> str:
        """Return the SQLAlchemy URL; `query` adds to it."""
        more = "".join(f"&{name}={value}" for name, value in query.items())
        return f"postgresql+psycopg://{USER}@/{DATABASE}?host={self.folder}&port={self.port}{more}"

    def start(self) -> None:
        options = {"listen_addresses": "", "unix_socket_directories": str(self.folder), "port": str(self.port)}
        words = " ".join(f"-c {name}='{value}'" for name, value in {**options, **QUICK, **self.settings}.items())
        log = self.folder / f"log-{self.port}"
        run(self.programs / "pg_ctl", "-D", self.data, "-w", "-s", "-l", log, "-o", words, "start")
        self.pid = int((self.data / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        """End the server as a power cut does: every process of it at once."""
        assert self.pid is not None
        children = [row[0] for row in self.ask("SELECT pid FROM pg_stat_activity")]
        for pid in (self.pid, *children):
            _kill(pid)
        for pid in (self.pid, *children):
            wait_for(lambda pid=pid: not is_alive(pid), "the end of a killed server")  # type: ignore[misc]
        self.pid = None

    def stop(self) -> None:
        """Stop the server in order, if it runs."""
        if self.pid is not None:
            run(self.programs / "pg_ctl", "-D", self.data, "-w", "-s", "-m", "fast", "stop")
            self.pid = None

    def promote(self) -> None:
        run(self.programs / "pg_ctl", "-D", self.data, "-w", "-s", "promote")

    def set(self, name: str, value: str) -> None:
        """Change a setting of the server that runs."""
        self.ask(f"ALTER SYSTEM SET {name} = '{value}'")
        self.ask("SELECT pg_reload_conf()")
        wait_for(lambda: self.ask(f"SHOW {name}") == [(value,)], f"{name} = {value}")

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement in a session of its own."""
        with self.session() as session:
            cursor = session.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def session(self) -> "Iterator[psycopg.Connection[tuple[Any, ...]]]":
        patience = int(PATIENCE_SECONDS)
        with psycopg.connect(
            host=str(self.folder),
            port=self.port,
            user=USER,
            dbname=DATABASE,
            autocommit=True,
            connect_timeout=patience,
        ) as opened:
            yield opened

    def standby(self, port: int) -> "Server":
        """Make a standby that streams from this server, and start it."""
        standby = Server(self.programs, self.folder, port, settings={"hot_standby": "on"})
        target = ("-h", self.folder, "-p", str(self.port), "-U", USER, "-D", standby.data)
        run(self.programs / "pg_basebackup", *target, "-R", "-X", "stream", "-c", "fast", "--no-sync")
        standby.start()
        self.wait_for_standby()
        return standby

    def wait_for_standby(self) -> None:
        wait_for(lambda: self.ask("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"), "a standby")


def run(program: Path, *words: object) -> None:
    """Run a program of PostgreSQL as a user who is not root: the server refuses to run as root."""
    as_user: dict[str, Any] = {"user": SYSTEM_USER, "group": SYSTEM_USER, "extra_groups": []} if _is_root() else {}
    command = [str(word) for word in (program, *words)]
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
    # Not a pipe: the server that pg_ctl starts would inherit it and keep it open.
    with tempfile.TemporaryFile() as output:
        ended = subprocess.run(command, cwd="/", env=environment, stdout=output, stderr=output, check=False, **as_user)
        output.seek(0)
        assert ended.returncode == 0, output.read().decode(errors="replace")


@contextmanager
def servers(**settings: str) -> Iterator[Server]:
    """Yield a primary that runs, in a folder that is removed with every server of it."""
    found = programs()
    # Not below pytest's folder: others cannot enter it, and the path of a socket has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="acredita-pg-"))
    if _is_root():
        shutil.chown(folder, SYSTEM_USER)
    folder.chmod(0o755)
    try:
        primary = Server(found, folder, FIRST_PORT, settings=settings)
        run(
            found / "initdb",
            "-D",
            primary.data,
            "-A",
            "trust",
            "-U",
            USER,
            "--no-sync",
            "-E",
            "UTF8",
            "--wal-segsize=1",
        )
        primary.start()
        with psycopg.connect(host=str(folder), port=primary.port, user=USER, dbname="postgres", autocommit=True) as one:
            one.execute(f"CREATE DATABASE {DATABASE}")
        yield primary
    finally:
        for file in folder.glob("data-*/postmaster.pid"):
            _end(int(file.read_text().split()[0]))
        shutil.rmtree(folder)


def _end(pid: int) -> None:
    """End a server at once, if it runs."""
    try:
        os.kill(pid, signal.SIGQUIT)
    except ProcessLookupError:
        return
    wait_for(lambda: not is_alive(pid), "the end of a server")


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _is_root() -> bool:
    return os.getuid() == 0
