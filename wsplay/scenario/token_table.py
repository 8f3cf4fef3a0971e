"""What a scenario's tokens are made from: its `[tool.wsplay.tokens]` table."""

from __future__ import annotations

from wsplay.protocol.token import HMAC_ALGORITHMS, TokenKit
from wsplay.scenario.block import Fields


def parse_tokens(fields: Fields) -> TokenKit:
    """Read the table and report its problems; with a problem, the kit cannot be used."""
    fields.known("secret", "algorithm", "audience", "issuer", "subject", "lifetime", "claims", "headers")
    kit = TokenKit(
        secret=fields.text("secret") or "",
        algorithm=fields.text("algorithm", '"HS256"') or HMAC_ALGORITHMS[0],
        audience=fields.text("audience"),
        issuer=fields.text("issuer"),
        subject=fields.text("subject", '"alice"'),
        lifetime=fields.integer("lifetime", "300", 1, 10**9) or 300,
        claims=fields.mapping("claims") or {},
        headers=fields.mapping("headers") or {},
    )
    if (problem := kit.problem()) is not None:
        fields.wrong(*problem)
    return kit
