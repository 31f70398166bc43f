"""Check the mechanical part of how docstrings read (CONTRIBUTING.md, "How docstrings read").

A docstring of a function begins with a verb of VERBS, in the imperative. A property or a class names a thing instead. No
docstring begins with a free relative, and public functions and classes have a docstring. The list of verbs grows by review.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

LAYERS = ("contracts", "anchoring", "registry", "devnet", "node", "cli")

FREE_RELATIVES = frozenset(
    [
        "What",
        "Whatever",
        "Who",
        "Whoever",
        "Whom",
        "Whose",
        "Which",
        "Whichever",
        "Where",
        "Wherever",
        "When",
        "Whenever",
        "Whether",
        "Why",
        "How",
        "However",
    ]
)

VERBS = frozenset(
    [
        "Accept",
        "Accredit",
        "Add",
        "Adopt",
        "Advance",
        "Allow",
        "Amend",
        "Anchor",
        "Announce",
        "Answer",
        "Append",
        "Apply",
        "Approve",
        "Ask",
        "Assert",
        "Assign",
        "Attach",
        "Attest",
        "Bake",
        "Begin",
        "Bind",
        "Block",
        "Book",
        "Bound",
        "Build",
        "Call",
        "Canonicalise",
        "Carry",
        "Charge",
        "Check",
        "Choose",
        "Claim",
        "Clear",
        "Close",
        "Collect",
        "Combine",
        "Compare",
        "Compile",
        "Complete",
        "Compress",
        "Compute",
        "Confirm",
        "Connect",
        "Consume",
        "Continue",
        "Convert",
        "Copy",
        "Correct",
        "Count",
        "Create",
        "Cut",
        "Decide",
        "Declare",
        "Decode",
        "Decompress",
        "Decrypt",
        "Define",
        "Delete",
        "Deliver",
        "Demand",
        "Deploy",
        "Derive",
        "Describe",
        "Detect",
        "Discard",
        "Divide",
        "Draft",
        "Draw",
        "Drop",
        "Dump",
        "Emit",
        "Encode",
        "Encrypt",
        "End",
        "Enter",
        "Erase",
        "Estimate",
        "Evaluate",
        "Execute",
        "Exclude",
        "Expand",
        "Expect",
        "Explain",
        "Export",
        "Extend",
        "Extract",
        "Fail",
        "Fetch",
        "Fill",
        "Filter",
        "Find",
        "Finish",
        "Flush",
        "Fold",
        "Follow",
        "Forget",
        "Format",
        "Forward",
        "Freeze",
        "Gather",
        "Generate",
        "Get",
        "Give",
        "Grant",
        "Group",
        "Guard",
        "Handle",
        "Hash",
        "Hold",
        "Identify",
        "Ignore",
        "Implement",
        "Import",
        "Include",
        "Index",
        "Infer",
        "Insert",
        "Inspect",
        "Install",
        "Invalidate",
        "Issue",
        "Iterate",
        "Join",
        "Judge",
        "Keep",
        "Label",
        "Land",
        "Lay",
        "Leave",
        "Lift",
        "Limit",
        "Link",
        "List",
        "Listen",
        "Load",
        "Locate",
        "Lock",
        "Log",
        "Look",
        "Make",
        "Map",
        "Mark",
        "Match",
        "Measure",
        "Meet",
        "Mend",
        "Merge",
        "Migrate",
        "Mine",
        "Move",
        "Name",
        "Negotiate",
        "Normalise",
        "Note",
        "Notify",
        "Number",
        "Observe",
        "Obtain",
        "Offer",
        "Omit",
        "Open",
        "Order",
        "Pack",
        "Pad",
        "Parse",
        "Pass",
        "Perform",
        "Persist",
        "Pick",
        "Pin",
        "Place",
        "Play",
        "Plan",
        "Point",
        "Poll",
        "Prefer",
        "Prepare",
        "Present",
        "Print",
        "Proceed",
        "Produce",
        "Promise",
        "Propose",
        "Prove",
        "Provide",
        "Prune",
        "Publish",
        "Push",
        "Put",
        "Query",
        "Queue",
        "Quote",
        "Raise",
        "Rank",
        "Read",
        "Rebuild",
        "Recall",
        "Recognise",
        "Recompute",
        "Reconcile",
        "Record",
        "Recover",
        "Redeploy",
        "Reduce",
        "Refuse",
        "Register",
        "Reinstate",
        "Reject",
        "Release",
        "Relate",
        "Remember",
        "Remove",
        "Rename",
        "Render",
        "Renew",
        "Reopen",
        "Repeat",
        "Replace",
        "Replay",
        "Report",
        "Request",
        "Requeue",
        "Require",
        "Reserve",
        "Reset",
        "Resolve",
        "Respond",
        "Restore",
        "Resume",
        "Retire",
        "Retract",
        "Retry",
        "Return",
        "Reverse",
        "Revert",
        "Review",
        "Revoke",
        "Rewrite",
        "Roll",
        "Rotate",
        "Round",
        "Run",
        "Save",
        "Scan",
        "Seal",
        "Search",
        "See",
        "Select",
        "Send",
        "Separate",
        "Serialise",
        "Serve",
        "Set",
        "Shift",
        "Show",
        "Shut",
        "Sign",
        "Simulate",
        "Skip",
        "Sort",
        "Split",
        "Spread",
        "Start",
        "State",
        "Stop",
        "Store",
        "Strip",
        "Submit",
        "Subtract",
        "Sum",
        "Supply",
        "Suspend",
        "Swap",
        "Switch",
        "Take",
        "Tell",
        "Test",
        "Throw",
        "Time",
        "Trace",
        "Track",
        "Transfer",
        "Translate",
        "Traverse",
        "Treat",
        "Trim",
        "Truncate",
        "Try",
        "Turn",
        "Undo",
        "Unpack",
        "Unwrap",
        "Update",
        "Upgrade",
        "Use",
        "Validate",
        "Verify",
        "View",
        "Visit",
        "Wait",
        "Wake",
        "Walk",
        "Warn",
        "Weigh",
        "Withdraw",
        "Withhold",
        "Work",
        "Wrap",
        "Write",
        "Yield",
        "Zero",
    ]
)

_WORD = re.compile(r"[A-Za-z]+")
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def faults(root: Path) -> list[str]:
    """Return `file: name: fault` for each docstring below `root` that breaks a rule."""
    return [
        f"{path.relative_to(root)}: {fault}"
        for layer in LAYERS
        for path in sorted((root / layer).rglob("*.py"))
        if "migrations/versions" not in path.as_posix()
        for fault in _of_module(ast.parse(path.read_text(encoding="utf-8")))
    ]


def _of_module(module: ast.Module) -> Iterator[str]:
    yield from _first_word("module", ast.get_docstring(module), verb=False)
    for name, node, public in _definitions(module, "", True):
        docstring = ast.get_docstring(node)
        if docstring is None and public and not _is_overload(node):
            yield f"{name}: has no docstring"
        yield from _first_word(name, docstring, verb=not isinstance(node, ast.ClassDef) and not _is_property(node))


def _definitions(parent: ast.AST, prefix: str, public: bool) -> Iterator[tuple[str, Definition, bool]]:
    """Yield each function and class with its qualified name; those inside functions are nobody's public name."""
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, Definition):
            name, is_public = f"{prefix}{node.name}", public and not node.name.startswith("_")
            yield name, node, is_public
            yield from _definitions(node, f"{name}.", is_public and isinstance(node, ast.ClassDef))
        else:
            yield from _definitions(node, prefix, public)


def _first_word(name: str, docstring: str | None, *, verb: bool) -> Iterator[str]:
    if docstring is None:
        return
    found = _WORD.match(docstring)
    word = found[0] if found else docstring[:12]
    if word in FREE_RELATIVES:
        yield f"{name}: begins with the free relative {word!r}"
    elif verb and word not in VERBS:
        yield f"{name}: begins with {word!r}, which is no verb of the list"


def _decorators(node: Definition) -> set[str]:
    return {ast.unparse(each.func if isinstance(each, ast.Call) else each) for each in node.decorator_list}


def _is_property(node: Definition) -> bool:
    names = _decorators(node)
    return bool(names & {"property", "cached_property", "functools.cached_property"}) or any(
        name.endswith(".setter") for name in names
    )


def _is_overload(node: Definition) -> bool:
    return bool(_decorators(node) & {"overload", "typing.overload"})


if __name__ == "__main__":  # python tests/house/docstrings.py [FOLDER]: the list, for a room or for all
    import sys

    for line in faults(Path(__file__).resolve().parents[2]):
        if len(sys.argv) == 1 or line.startswith(sys.argv[1]):
            print(line)
