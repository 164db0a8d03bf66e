"""What was done, from the records: the answers of `martlet status`, `reports`, `history`, … as plain objects.

Nothing is run or planned, and no script is needed. Every function takes `state`, the state directory; without it the
one that counts where the program was started. What is refused raises `RecordsError`.

    from martlet import records

    for family in records.status().families:
        print(family.name, family.done, family.failed)
"""

from __future__ import annotations

from .questions import compact, diff, estimate, executions, explain, history, show, status, verify
from .refusal import RecordsError
from .values import (
    Amount,
    CheckedOutput,
    Compaction,
    Difference,
    Estimate,
    Execution,
    FamilyEstimate,
    FamilyStatus,
    Spread,
    Status,
    TaskHistory,
    TreeRow,
    Verification,
)

__all__ = [
    "Amount", "CheckedOutput", "Compaction", "Difference", "Estimate", "Execution", "FamilyEstimate", "FamilyStatus",
    "RecordsError", "Spread", "Status", "TaskHistory", "TreeRow", "Verification", "compact", "diff", "estimate",
    "executions", "explain", "history", "show", "status", "verify",
]  # fmt: skip
