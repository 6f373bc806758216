"""Confrere with timeouts of a second in place of a minute: `python -m verification.impatient_process`.

Only what a client does with its connection expires sooner; nothing of this is in the product.
"""

from dataclasses import replace

from confrere.__main__ import main
from confrere.http import server
from confrere.http.connections import limits_for_descriptors

if __name__ == "__main__":
    limits = replace(limits_for_descriptors(), head_seconds=1.0, unread_seconds=1.0)
    server.limits_for_descriptors = lambda: limits  # type: ignore[attr-defined]
    main()
