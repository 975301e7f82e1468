"""Errors by fate: what happens next is the class, what went wrong is the message.

Third-party errors are translated once, in the connector. A message says where, what came, what was
expected and what to do; it never holds a secret.
"""


class TriadaError(Exception):
    """Any error the product raises on purpose."""


class Unreachable(TriadaError):
    """The system did not answer: retry."""


class Refused(TriadaError):
    """The system answered no (credentials, contract): stop."""


class Misconfigured(TriadaError):
    """Settings or declarations are wrong: never start."""


class CountMismatch(TriadaError):
    """A run does not add up: stop, and leave the cursor where it was."""


class LeaseHeld(TriadaError):
    """Another worker runs the flow: come later."""


class LeaseLost(TriadaError):
    """This worker was away too long and another took over: stop; nothing of it was written."""


class RowError(TriadaError):
    """One row cannot be moved; ``rule`` names the rule it breaks."""

    def __init__(self, message: str, *, rule: str) -> None:
        super().__init__(message)
        self.rule = rule


class RecordRejected(RowError):
    """The row is wrong: quarantine."""


class MissingDependency(RowError):
    """The row is right but what it points to is not there yet: wait."""
