"""How a store says no: one error with the rule that would be broken.

Raised by the stores' own decisions (``stores.oa``, ``stores.crm``, ``stores.erp``) before anything is
written; whoever called shows the message. Not for broken data: that is the database's constraint.
"""


class Refusal(Exception):
    """A store refuses; ``rule`` names the rule, the message says what came, what is allowed, what to do."""

    def __init__(self, message: str, *, rule: str) -> None:
        super().__init__(message)
        self.rule = rule
