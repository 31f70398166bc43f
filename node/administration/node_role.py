"""Name what a node is for. Nothing heavy is imported here, because the help of `node init` is made from it."""

from enum import StrEnum


class NodeRole(StrEnum):
    """Kinds of nodes that `node init` makes."""

    INSTITUTION = "institution"  # issues, on a chain of several parties
    AUTHORITY = "authority"  # publishes the registry: trust files, documents, catalogue
    SINGLE_OPERATOR = "single-operator"  # a school or a trial: one folder holds every key and the chain
    MIRROR = "mirror"  # copies and serves what others publish

    @property
    def has_institution(self) -> bool:
        """True where the node signs for an institution, and therefore has a keystore."""
        return self in (NodeRole.INSTITUTION, NodeRole.SINGLE_OPERATOR)
