#!/usr/bin/env python3
"""Write vectors.json: signed events and journals, good and bad, with what a verifier must say.

Made with the independent verifier's digests and Python's `cryptography`, never with this crate.
Deterministic: running it again prints the same file. Usage: make_vectors.py > vectors.json
"""

import base64
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parents[3] / "examples" / "independent_verifier"))
import verify  # noqa: E402

KEYS = {name: Ed25519PrivateKey.from_private_bytes(bytes([seed] * 32)) for seed, name in enumerate(["now", "old", "gone"], 1)}
RUN, EARLIER = "01JD0000000000000000000000", "01JC0000000000000000000000"
CORE = ["specversion", "id", "source", "type", "datacontenttype", "dataschema", "subject", "time"]
b64 = lambda data: base64.b64encode(data).decode()
compact = lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def event(number="1", **more) -> dict:
    """An event that nobody signed yet. `data` is JSON text."""
    base = {"specversion": "1.0", "id": number, "source": "/vectors", "type": "demo.hello"}
    return {**base, "time": "2026-03-01T12:00:00.123456Z", **more}


def line(event: dict) -> str:
    """The wire form: core attributes, extensions by name, data as it is."""
    names = [name for name in CORE if name in event]
    names += sorted(set(event) - {*CORE, "data", "data_base64"})
    members = [f"{compact(name)}:{compact(event[name])}" for name in names]
    members += [f'"data":{event["data"]}'] if "data" in event else []
    members += [f'"data_base64":"{event["data_base64"]}"'] if "data_base64" in event else []
    return "{" + ",".join(members) + "}"


def material(event: dict, names=None) -> dict:
    values, texts = verify.read_event(line(event))
    if names is None:
        present = set(values) - verify.NO_EXTENSION - verify.UNSIGNED
        names = sorted(present)
    made = {"core": b64(verify.core_digest(values, texts))}
    if names:
        made |= {"ext": b64(verify.ext_digest(values, names)), "signedextattrs": names}
    return made


def envelope(payload: bytes, keys=("now",), kind=verify.PAYLOAD_TYPE, **more) -> str:
    signatures = [{"keyid": key, "sig": b64(KEYS[key].sign(verify.pae(payload)))} for key in keys]
    text = {"payloadType": kind, "payload": b64(payload), "signatures": signatures, **more}
    return b64(compact(text).encode())


def signed(event: dict, keys=("now",), names=None, change=lambda made: made, **more) -> dict:
    made = change(material(event, names))
    return {**event, "dssematerial": envelope(compact(made).encode(), keys, **more)}


def chained(number: int, settled=None, voided=None, key="now", run=RUN, tenant="acme", **more) -> dict:
    """An event as Consign makes it, numbered and complete, not signed yet."""
    made = event(str(number), tenantid=tenant, **more)
    made |= {"exacttime": made["time"], "producerid": f"{key}.{run}.events.{tenant}"}
    made |= {"sequence": f"{number:020}"}
    made |= {"settledsequence": f"{number - 1 if settled is None else settled:020}"}
    return made | ({"voidedsequences": voided} if voided else {})


def events():
    good, json_data = "verified", '{"n": 1.10, "é": "\\u00e9"}'
    yield "json", good, signed(chained(1, data=json_data, datacontenttype="application/json"))
    yield "text", good, signed(chained(1, data=compact("\x1b[1m é\n"), datacontenttype="text/plain"))
    yield "binary", good, signed(chained(1, data_base64="AAH+/w==", datacontenttype="image/png"))
    yield "no data", good, signed(chained(1))
    yield "data null", good, signed(chained(1, data="null"))
    yield "offset", good, signed(chained(1, time="2026-03-01T23:30:00.5-02:30"))
    yield "types", good, signed(chained(1, flag=True, count=-7, exta="ключ"))
    yield "core", good, signed(chained(1, subject='a "b" \\ c', dataschema="urn:x:y"))
    yield "trace", good, signed(chained(1)) | {"traceparent": "00-1-2-03", "tracestate": "a=1"}
    elsewhere = f"2,4-5 now.{EARLIER}.events.acme:7-9"
    yield "voided", good, signed(chained(6, voided=elsewhere))
    brought = signed(event("1"), keys=("old",))
    moved = {"origindssematerial": brought["dssematerial"], "originsequence": "41"}
    yield "origin", good, signed(chained(1, **moved))
    yield "receipt", good, signed(event("1", exacttime=event()["time"]))
    yield "plain", good, signed({name: value for name, value in event().items() if name != "time"})
    yield "order of names", good, signed(event(extb="2", exta="1"), names=["extb", "exta"])
    yield "absent name", good, signed(event(exta="1"), names=["exta", "extz"])
    yield "second signature", good, signed(event(), keys=("gone", "now"))
    yield "unknown fields", good, signed(event(), change=lambda made: made | {"x": 1}, note="x")
    yield "old key in its time", good, signed(event(time="2025-06-01T00:00:00Z"), keys=("old",))

    whole, bad = signed(chained(1, exta="1", data=json_data)), "altered"
    for name, value in [("id", "2"), ("source", "/x"), ("type", "demo.bye"), ("subject", "x"), ("exta", "2")]:
        yield f"{name} changed", bad, whole | {name: value}
    yield "data changed", bad, whole | {"data": json_data.replace("1.10", "1.1")}
    yield "time changed below the second", bad, whole | {"time": "2026-03-01T12:00:00.123457Z"}
    yield "extension removed", bad, {name: value for name, value in whole.items() if name != "exta"}
    yield "extension added", bad, whole | {"extb": "1"}
    yield "tenant changed", bad, whole | {"tenantid": "evil"}
    yield "material of another", bad, whole | {"dssematerial": signed(chained(2))["dssematerial"]}
    yield "signature of another", bad, signed(event(), keys=("gone",)) | {"dssematerial": forged()}
    yield "exacttime of another time", bad, signed(chained(1) | {"exacttime": "2026-03-01T12:00:00Z"})
    yield "chain of another key", bad, signed(chained(1, key="old"))
    yield "chain of another tenant", bad, signed(chained(1) | {"tenantid": "evil"})
    yield "no number", bad, signed({**chained(1), "sequence": "1"})
    yield "settled beyond itself", bad, signed(chained(1, settled=1))
    for case, change in {
        "8a": lambda made: made | {"signedextattrs": ["exta", "exta"]},
        "8b": lambda made: made | {"signedextattrs": ["exta", "id"]},
        "8c": lambda made: made | {"signedextattrs": ["dssematerial"]},
        "8d": lambda made: {"core": made["core"], "signedextattrs": ["exta"]},
        "8e": lambda made: {"core": made["core"], "ext": made["ext"]},
        "short digest": lambda made: made | {"core": "AAAA"},
    }.items():
        yield case, bad, signed(event(exta="1"), change=change)
    yield "other payload type", bad, signed(event(), kind="https://example.com/other")
    yield "no envelope", bad, event(dssematerial="e30=")
    yield "no base64", bad, event(dssematerial="{}")
    yield "8f", "unreadable", signed(event()) | {"exta": {"a": 1}}
    yield "unsigned", "unsigned", chained(1)
    yield "unknown key", "unknown key", signed(event(), keys=("gone",))
    yield "expired key", "expired key", signed(event(), keys=("old",))


def forged() -> str:
    """An envelope that names one key and is signed by another."""
    made = json.loads(base64.b64decode(envelope(compact(material(event())).encode(), ("gone",))))
    made["signatures"][0]["keyid"] = "now"
    return b64(compact(made).encode())


def journals():
    run = {number: signed(chained(number)) for number in range(1, 10)}
    of = lambda *numbers: [run[number] for number in numbers]
    yield "complete", of(*range(1, 10)), {}
    yield "ends missing", of(3, 4, 5), {}
    yield "holes", of(1, 4, 5, 7), {"holes": "2-3,6", "findings": 3}
    yield "declared", [run[1], signed(chained(4, voided="2-3"))], {"declared": "2-3"}
    flight = [run[1], signed(chained(3, settled=0)), signed(chained(6, settled=1))]
    yield "undetermined", flight, {"undetermined": "2,4-5"}
    yield "twice", of(1, 2, 3, 2), {"duplicates": "2", "findings": 1}
    yield "reordered", of(1, 3, 2, 4), {"reordered": 1}
    again = signed(chained(2) | {"id": "1"})
    yield "sent again", [run[1], again], {"resends": 1}
    old = [signed(chained(number, settled=0, run=EARLIER)) for number in (1, 4)]
    later = signed(chained(1, voided=f" now.{EARLIER}.events.acme:2-3"))
    yield "declared by a later run", [*old, later], {"declared": "2-3", "resends": 1}
    yield "altered in a chain", [run[1], run[2] | {"id": "x"}, run[3]], {"holes": "2", "findings": 2}


def published() -> dict:
    """Case 5 of the extension's published vectors, and its key."""
    x = 46950820868899156662930047687818585632848591499744589407958293238635476079160
    y = 5640078356564379163099075877009565129882514886557779369047442380624545832820
    text = lambda number: base64.urlsafe_b64encode(number.to_bytes(32)).decode().rstrip("=")
    return {"kty": "EC", "crv": "P-256", "kid": "testkey", "alg": "ES256", "x": text(x), "y": text(y)}


CASE_5 = (
    "eyJwYXlsb2FkVHlwZSI6Imh0dHBzOi8vY2xvdWRldmVudHMuaW8vdmVyaWZpYWJpbGl0eS9kc3NlL3YwLjEiLCJwYX"
    "lsb2FkIjoiZXlKamIzSmxJam9pY1VOVFpXbGFhMU1yYUVnNVYybERiR1p4Tm5Cc1puRlpUbFo1TW10MmVGZFNabTlD"
    "Y2t4RmVtOUVhejBpZlE9PSIsInNpZ25hdHVyZXMiOlt7ImtleWlkIjoidGVzdGtleSIsInNpZyI6IkYyaXAweG1nSl"
    "gzdWdIWkM2dE1ycjdBMkVxYWkwOHJhR3JUd2R5aC9PR0RJSXJGN0J5TTJ5SVRMS3FOckYzZHpaR1IybzBDczlmRUJG"
    "ZEx4Uk9VeUVRPT0ifV19"
)


def main() -> None:
    public = lambda name: base64.urlsafe_b64encode(KEYS[name].public_key().public_bytes_raw()).decode()
    jwk = lambda name: {"kty": "OKP", "crv": "Ed25519", "kid": name, "alg": "EdDSA", "x": public(name).rstrip("=")}
    keys = [jwk("now"), jwk("old") | {"nbf": 1735689600, "exp": 1767225600}, published()]
    case_5 = {"specversion": "1.0", "id": "1", "source": "example/uri", "type": "example.type.binary"}
    case_5 |= {"datacontenttype": "application/octet-stream", "data_base64": "8J+koQ==", "dssematerial": CASE_5}
    singles = [*events(), ("published case 5", "verified", case_5)]
    singles.append(("published case 5, changed", "altered", case_5 | {"data_base64": "8J+koA=="}))
    together = {
        "keys": {"keys": keys},
        "events": [{"name": name, "verdict": verdict, "line": line(made)} for name, verdict, made in singles],
        "journals": [{"name": name, **expected, "lines": [line(made) for made in made]} for name, made, expected in journals()],
    }
    json.dump(together, sys.stdout, ensure_ascii=False, indent=1)
    print()


main()
