"""Hold the answers to the questions of `node init`, and check them: from options, or asked for at the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from acredita.cli.exit_codes import ArgumentRefused
from acredita.node.administration.init import did_web_of
from acredita.node.administration.node_role import NodeRole
from acredita.node.administration.public_address import PublicAddress, parse_address


@dataclass(frozen=True)
class InitAnswers:
    """One answer for each question; None, or an empty list, where there is none yet.

    `makes_passphrase`: somebody at the terminal wants the passphrase's file to be made.
    """

    role: NodeRole | None
    profile: str | None
    name: str | None
    base: str | None
    did_web: str | None
    did_key: bool
    timezone: str | None
    rpc: Sequence[str]
    depth: int | None
    passphrase_file: Path | None
    makes_passphrase: bool = False

    def missing(self) -> list[str]:
        """Return the options that must be given and are not."""
        if self.role is None:
            return ["--role"]
        missing = [] if self.base is not None or self.did_web else ["--base"]
        if self.role.has_institution:
            given = {"--profile": self.profile, "--name": self.name, "--passphrase-file": self.passphrase_file}
            missing += [option for option, value in given.items() if value is None]
        return missing + (["--depth"] if self.rpc and self.depth is None else [])

    def check(self) -> None:
        """Check that each answer belongs to the role, and that no two contradict each other. Raises ArgumentRefused."""
        role = self.role
        assert role is not None
        others: dict[str, object] = {"--profile": self.profile, "--name": self.name, "--timezone": self.timezone}
        others |= {"--passphrase-file": self.passphrase_file, "--did-key": self.did_key or None}
        foreign = [] if role.has_institution else [option for option, value in others.items() if value is not None]
        foreign += ["--did-web"] if role is NodeRole.MIRROR and self.did_web else []
        foreign += ["--rpc"] if role is NodeRole.SINGLE_OPERATOR and self.rpc else []
        if foreign:
            raise ArgumentRefused(f"{foreign[0]}: not an option of a node of role {role.value}")
        if self.did_key and self.did_web:
            raise ArgumentRefused("--did-web or --did-key expected, one of the two")
        if self.depth is not None and not self.rpc:
            raise ArgumentRefused("--depth goes with --rpc")

    def address(self) -> PublicAddress:
        """Return the public address; without one, that of the did:web. Raises FormatRefused."""
        if self.base is not None:
            return parse_address(self.base, "--base")
        host = str(self.did_web).strip("/").split("/")[0]
        return parse_address(f"https://{host}", "--did-web")

    def did(self) -> str:
        """Return the did:web; empty for a did:key, or a node without one. Raises ArgumentRefused, FormatRefused."""
        if self.did_web:
            return did_web_of(self.did_web)
        if self.role is NodeRole.MIRROR or self.did_key:
            return ""
        did = self.address().did_web()
        if not did and self.role is not NodeRole.AUTHORITY:
            raise ArgumentRefused(
                f"--did-web HOST or --did-key expected: no did:web can be read at {self.address().text}"
            )
        return did
