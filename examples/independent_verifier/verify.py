#!/usr/bin/env python3
"""Verify a Consign journal without Consign.

    verify.py --keys public.jwks.json consign-data/journal [more files or directories]

Written from the CloudEvents specification, its verifiability extension (DSSE) and RFC 7517 alone;
needs Python 3.11 and the package `cryptography`. Prints a verdict for every line that is not
verified (--all: for every line) and a summary for every chain. A last line that a crash cut short
counts as unreadable. Exits 0 when nothing is wrong, 3 for findings or nothing to verify, 2 for
wrong usage.
"""

import argparse
import base64
import binascii
import hashlib
import json
import re
import sys
from datetime import datetime, timezone
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

PAYLOAD_TYPE = "https://cloudevents.io/verifiability/dsse/v0.1"
CORE = ("id", "source", "specversion", "type", "datacontenttype", "dataschema", "subject", "time")
NO_EXTENSION = {*CORE, "data", "data_base64"}
UNSIGNED = {"dssematerial", "traceparent", "tracestate"}


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def instant(time: str) -> datetime:
    """An RFC 3339 time in UTC, cut to the second."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.\d+)?([Zz]|[+-]\d\d:\d\d)", time)
    if not found:
        raise ValueError("time")
    day, clock, offset = found.groups()
    return datetime.fromisoformat(f"{day}T{clock}{offset.upper()}").astimezone(timezone.utc)


def read_event(line: str) -> tuple[dict, dict]:
    """The members of a JSON object, as values and as the text they stand in, byte for byte."""
    decoder, values, texts = json.JSONDecoder(), {}, {}
    skip = lambda at: re.compile(r"[ \t\r\n]*").match(line, at).end()
    at, last = skip(0), ""
    if line[at : at + 1] != "{":
        raise ValueError("no object")
    while last != "}":
        name, at = decoder.raw_decode(line, skip(at + 1))
        at = skip(at)
        if not isinstance(name, str) or name in values or line[at] != ":":
            raise ValueError("member")
        start = skip(at + 1)
        values[name], end = decoder.raw_decode(line, start)
        texts[name] = line[start:end]
        at = skip(end)
        last = line[at]
        if last not in ",}":
            raise ValueError("separator")
    if line[at + 1 :].strip():
        raise ValueError("trailing text")
    if not all(values.get(name) for name in ("id", "source", "specversion", "type")):
        raise ValueError("missing attribute")
    for name, value in values.items():
        if name not in ("data", *CORE) and not isinstance(value, (str, int, type(None))):
            raise ValueError("type of attribute")
    return values, texts


def data_bytes(event: dict, texts: dict) -> bytes:
    """The data as it is hashed: JSON verbatim, text as text, binary decoded."""
    if "data_base64" in event:
        return base64.b64decode(event["data_base64"], validate=True)
    media = (event.get("datacontenttype") or "application/json").split(";")[0].strip().lower()
    is_json = media.endswith(("/json", "+json"))
    if not is_json and isinstance(event.get("data"), str):
        return event["data"].encode()
    return texts.get("data", "").encode()


def core_digest(event: dict, texts: dict) -> bytes:
    values = {name: event.get(name) or "" for name in CORE}
    if values["time"]:
        values["time"] = instant(values["time"]).strftime("%Y-%m-%dT%H:%M:%SZ")
    hashed = [sha256(values[name].encode()) for name in CORE]
    return sha256(b"".join(hashed) + sha256(data_bytes(event, texts)))


def ext_digest(event: dict, names: list[str]) -> bytes:
    def canonical(value) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        return "" if value is None else str(value)

    return sha256(b"".join(sha256(canonical(event.get(name)).encode()) for name in names))


def pae(body: bytes) -> bytes:
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def load_keys(path: Path) -> dict:
    """Key id to a function that checks a signature, and the key's nbf and exp."""
    number = lambda text: base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    def checker(jwk: dict):
        if jwk.get("crv") == "Ed25519":
            key = ed25519.Ed25519PublicKey.from_public_bytes(number(jwk["x"]))
            return lambda message, sig: key.verify(sig, message)
        x, y = (int.from_bytes(number(jwk[name])) for name in "xy")
        point = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        halves = lambda sig: (int.from_bytes(sig[:32]), int.from_bytes(sig[32:]))
        algorithm = ec.ECDSA(hashes.SHA256())
        return lambda message, sig: point.verify(
            encode_dss_signature(*halves(sig)), message, algorithm
        )

    keys = [jwk for jwk in json.loads(path.read_text())["keys"] if jwk["kty"] in ("OKP", "EC")]
    return {jwk["kid"]: (checker(jwk), jwk.get("nbf"), jwk.get("exp")) for jwk in keys}


def check_envelope(event: dict, keys: dict) -> tuple[str, str, dict]:
    """Verdict, key id and signed digests of an event's dssematerial (verification steps 2 to 7)."""
    text = event.get("dssematerial")
    if text is None:
        return "unsigned", "", {}
    verdict = "unknown key"
    try:
        envelope = json.loads(base64.b64decode(text, validate=True))
        payload = base64.b64decode(envelope["payload"], validate=True)
        material = json.loads(payload)
        names = material.get("signedextattrs")
        digests = [base64.b64decode(material[name]) for name in ("core", "ext") if name in material]
        rules = (
            envelope["payloadType"] == PAYLOAD_TYPE
            and all(len(digest) == 32 for digest in digests)
            and ("ext" in material) == (names is not None)
            and len(set(names or [])) == len(names or [])
            and not {*CORE, "dssematerial"} & set(names or [])
        )
        if not rules:
            return "altered", "", {}
        for signature in envelope["signatures"]:
            if signature["keyid"] not in keys:
                continue
            check, nbf, exp = keys[signature["keyid"]]
            check(pae(payload), base64.b64decode(signature["sig"], validate=True))
            second = instant(event["time"]).timestamp() if nbf or exp else 0
            if (nbf and second < nbf) or (exp and second >= exp):
                verdict = "expired key"
            else:
                return "verified", signature["keyid"], material
    except (InvalidSignature, KeyError, TypeError, ValueError, binascii.Error):
        return "altered", "", {}
    return verdict, "", {}


def verdict_on(event: dict, texts: dict, keys: dict) -> str:
    verdict, key_id, material = check_envelope(event, keys)
    if verdict != "verified":
        return verdict
    names = material.get("signedextattrs", [])
    present = {name for name, value in event.items() if value is not None} - NO_EXTENSION
    holds = (
        base64.b64decode(material["core"]) == core_digest(event, texts)
        and ("ext" not in material or base64.b64decode(material["ext"]) == ext_digest(event, names))
        and present - UNSIGNED <= set(names)
        and event.get("exacttime", event.get("time")) == event.get("time")
    )
    if "producerid" in event:
        numbers = [event.get(name, "") for name in ("sequence", "settledsequence")]
        ours = re.fullmatch(r"(.+)\.([0-9A-Z]{26})\.([\w-]+)\.([\w-]+)", event["producerid"])
        holds = holds and bool(
            ours
            and ours[1] == key_id
            and ours[4] == event.get("tenantid")
            and "exacttime" in event
            and all(re.fullmatch(r"[0-9]{20}", number) for number in numbers)
            and numbers[0] > numbers[1]
        )
    return "verified" if holds else "altered"


def numbers_in(ranges: str) -> set[int]:
    """`17,19-22` as a set."""
    bounds = [part.split("-") for part in ranges.split(",")]
    return {number for ends in bounds for number in range(int(ends[0]), int(ends[-1]) + 1)}


class Chains:
    """What every chain's events say of one another."""

    def __init__(self):
        self.seen, self.settled, self.declared, self.repeats = {}, {}, {}, {}

    def add(self, event: dict) -> None:
        chain, number = event["producerid"], int(event["sequence"])
        seen = self.seen.setdefault(chain, set())
        self.repeats[chain] = self.repeats.get(chain, 0) + (number in seen)
        seen.add(number)
        self.settled[chain] = max(self.settled.get(chain, 0), int(event["settledsequence"]))
        for part in event.get("voidedsequences", "").split():
            other, ranges = part.split(":") if ":" in part else (chain, part)
            self.declared.setdefault(other, set()).update(numbers_in(ranges))

    def judge(self):
        """For each chain: name, first, last, holes, declared, undetermined, repeats."""
        for chain, seen in sorted(self.seen.items()):
            missing = set(range(min(seen), max(seen))) - seen
            declared = missing & self.declared.get(chain, set())
            holes = {number for number in missing - declared if number <= self.settled[chain]}
            rest = missing - declared - holes
            yield chain, min(seen), max(seen), holes, declared, rest, self.repeats[chain]


def main() -> int:
    parser = argparse.ArgumentParser(description="verify a Consign journal")
    parser.add_argument("--keys", type=Path, required=True, help="a JSON Web Key Set")
    parser.add_argument("--all", action="store_true", help="print verified lines too")
    parser.add_argument("paths", type=Path, nargs="+", help="files, or directories of *.jsonl")
    options = parser.parse_args()
    keys, chains, events, findings = load_keys(options.keys), Chains(), 0, 0
    files = [sorted(path.glob("*.jsonl")) if path.is_dir() else [path] for path in options.paths]
    for path in (path for group in files for path in group):
        for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
            if not line.strip():
                continue
            try:
                event, texts = read_event(line.decode())
                verdict = verdict_on(event, texts, keys)
            except (ValueError, IndexError, TypeError, AttributeError, binascii.Error):
                verdict = "unreadable"
            events += 1
            findings += verdict != "verified"
            if verdict == "verified" and "producerid" in event:
                chains.add(event)
            if verdict != "verified" or options.all:
                print(f"{path}:{number}: {verdict}")
    for chain, first, last, holes, declared, rest, repeats in chains.judge():
        findings += len(holes) + repeats
        print(
            f"{chain}: {first} to {last}, holes {sorted(holes)}, declared {sorted(declared)}, "
            f"undetermined {sorted(rest)}, repeats {repeats}"
        )
    print(f"{events} events, {findings} findings")
    return 3 if findings or not events else 0


if __name__ == "__main__":
    sys.exit(main())
