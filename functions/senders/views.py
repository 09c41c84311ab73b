"""Senders as callers see them."""

from datetime import datetime

from functions.contracts.rate_document import rate_to_json
from functions.domain.sender import Proof, Sender
from functions.runtime.http import Json
from functions.senders.service import ProofFile


def sender_view(sender: Sender, *, now: datetime) -> Json:
    """A sender and its registration."""
    return {
        "sender_id": sender.sender_id,
        "channel": sender.channel,
        "address": sender.address,
        "display_name": sender.display_name,
        "contact": sender.contact,
        "opt_out_number": sender.opt_out_number,
        "status": sender.status,
        "usable": sender.usable(now),
        "proofs": [proof_view(proof) for proof in sender.proofs],
        "registered": _moment(sender.registered),
        "reviewed": _moment(sender.reviewed),
        "note": sender.note,
        "valid_from": _moment(sender.valid_from),
        "valid_until": _moment(sender.valid_until),
        "accounts": dict(sender.accounts),
        "rate": rate_to_json(sender.rate),
    }


def proof_view(proof: Proof) -> Json:
    """A proof without its file."""
    return {"proof_id": proof.proof_id, "kind": proof.kind, "added": proof.added.isoformat()}


def file_view(file: ProofFile) -> Json:
    """A proof with its file."""
    return proof_view(file.proof) | {"url": file.url, "size_bytes": file.size_bytes}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
