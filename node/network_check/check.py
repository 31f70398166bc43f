"""Look at all subjects of one endpoint, in an order in which each uses what came before, and write the report's document.

Invariant: a subject has exactly one line, whatever the endpoint does.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from acredita.anchoring.call_signer import ForeignSignatureRefused, SignerUnavailable
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.receipts import time_text
from acredita.node.network_check import access_subjects, chain_subjects, free_price, history_subjects, rule_subjects
from acredita.node.network_check.asking import AnswerUnavailable, QuestionRefused
from acredita.node.network_check.expected import ExpectedChain
from acredita.node.network_check.lines import CheckLine, unknown, worst_outcome
from acredita.node.network_check.subject import CheckContext, Subject
from acredita.registry.acts.shapes import Text
from acredita.registry.codes import Code

FORMAT: Final = "acredita-network-check/1"
EndpointLines = Mapping[str, CheckLine]

SUBJECTS: Final[Sequence[Subject]] = (
    Subject("authentication", Text("who may ask", "quién puede preguntar"), access_subjects.authentication),
    Subject("client", Text("program and version", "programa y versión"), chain_subjects.client),
    Subject("chain_id", Text("chain id", "número de cadena"), chain_subjects.chain_id),
    Subject("head", Text("newest block", "bloque más reciente"), chain_subjects.head),
    Subject("genesis", Text("first block", "bloque de origen"), chain_subjects.genesis),
    Subject(
        "named_blocks",
        Text("blocks of the trust file", "bloques del archivo de confianza"),
        chain_subjects.named_blocks,
    ),
    Subject("validators", Text("validators", "validadores"), chain_subjects.validators),
    Subject("seals", Text("sealed blocks", "bloques sellados"), chain_subjects.seals),
    Subject("syncing", Text("in step", "al día"), chain_subjects.syncing),
    Subject("peers", Text("peers", "nodos vecinos"), chain_subjects.peers),
    Subject("age", Text("age of the newest block", "edad del bloque más reciente"), chain_subjects.age),
    Subject("period", Text("seconds between blocks", "segundos entre bloques"), chain_subjects.period),
    Subject("base_fee", Text("base fee", "tarifa base"), rule_subjects.base_fee),
    Subject("gas_limit", Text("gas of a block", "gas de un bloque"), rule_subjects.gas_limit),
    Subject("push0", Text("opcode PUSH0", "instrucción PUSH0"), rule_subjects.push0),
    Subject("contract_size", Text("size of a contract", "tamaño de un contrato"), rule_subjects.contract_size),
    Subject("revert_reason", Text("reasons of refusals", "motivos de rechazo"), rule_subjects.revert_reason),
    Subject("pending", Text("pending block", "bloque pendiente"), rule_subjects.pending),
    Subject(
        "log_range", Text("blocks of a log query", "bloques de una consulta de eventos"), history_subjects.log_range
    ),
    Subject(
        "logs_beyond_head",
        Text("logs beyond the newest block", "eventos después del bloque más reciente"),
        history_subjects.logs_beyond_head,
    ),
    Subject(
        "beyond_head",
        Text("state beyond the newest block", "estado después del bloque más reciente"),
        history_subjects.beyond_head,
    ),
    Subject("state_proof", Text("proofs of state", "pruebas del estado"), history_subjects.state_proof),
    Subject("state_window", Text("old state", "estado antiguo"), history_subjects.state_window),
    Subject("allow_list", Text("whose transactions", "de quién son las transacciones"), access_subjects.allow_list),
    Subject("free_price", Text("price zero", "precio cero"), free_price.free_price),
)


def check_endpoint(context: CheckContext) -> Iterator[tuple[Subject, CheckLine]]:
    """Look at every subject, and yield each line as it is known. Raises nothing that an endpoint can cause."""
    for subject in SUBJECTS:
        yield subject, _line(subject, context)


def _line(subject: Subject, context: CheckContext) -> CheckLine:
    try:
        return subject.look(context)
    except QuestionRefused as error:
        return unknown(Code.QUESTION_REFUSED, error.words)
    except AnswerUnavailable as error:
        return unknown(error.code, str(error))
    except LedgerUnavailable as error:  # a token's file that was taken away
        return unknown(Code.LEDGER_UNREACHABLE, str(error))
    except (SignerUnavailable, ForeignSignatureRefused) as error:
        return unknown(Code.SIGNER_UNAVAILABLE, str(error))


def report_document(
    endpoints: Sequence[EndpointLines], expected: ExpectedChain, time: int, version: str
) -> dict[str, object]:
    """Return the report as a file has it. `time`: Unix seconds; `version`: of this program."""
    every_line = [line for lines in endpoints for line in lines.values()]
    return {
        "format": FORMAT,
        "time": time_text(time),
        "acredita": version,
        "expected": expected.document(),
        "outcome": str(worst_outcome(every_line)),
        "endpoints": [
            {"endpoint": place, "lines": {name: _line_document(line) for name, line in lines.items()}}
            for place, lines in enumerate(endpoints, 1)
        ],
    }


def _line_document(line: CheckLine) -> dict[str, str | None]:
    return {
        "outcome": str(line.outcome),
        "code": line.code,
        "seen": line.seen.en,
        "expected": line.expected.en,
    }
