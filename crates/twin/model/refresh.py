#!/usr/bin/env python3
"""Writes one JSON file for each service from the models that botocore carries.

    python3 -m venv venv && venv/bin/pip install botocore==1.44.5
    venv/bin/python crates/twin/model/refresh.py

Running it twice gives the same bytes. It keeps the operations listed in
operations.json, their errors, and the shapes that these are made of, and
leaves AWS's prose out.

The keys are short because the files are parsed when a service is first
called:

    operations  name -> [input shape or null, output shape or null]
    errors      shape -> [code on the wire, HTTP status, 1 if the server's]
    shapes      name -> shape

    shape   t  o object, l list, m map, s text, i integer, d decimal,
               b true or false, t timestamp, B blob, a anything
            m  an object's members in the model's order: [name, shape], then,
               where they differ, the name in XML and the name in EC2's query
            r  those it requires
            l  the shape of a list's elements;  n  their name in XML
            k  the shape of a map's keys;       v  of its values
            e  the texts that are allowed
            a  least, z  most: of a number, a text's length, a list's length
            p  a text's pattern in AWS's words
            q  the same for the engine that checks it, if it differs; null if
               that engine cannot check it
"""

import gzip
import json
import re
from pathlib import Path

import botocore

HERE = Path(__file__).parent
KINDS = {
    "string": "s",
    "integer": "i",
    "long": "i",
    "double": "d",
    "float": "d",
    "boolean": "b",
    "timestamp": "t",
    "blob": "B",
}
SPEECH = {"json": "json", "query": "query", "ec2": "ec2", "smithy-rpc-v2-cbor": "cbor"}

# What Unicode's classes hold of ASCII; all that is not ASCII passes.
CLASSES = {
    "L": "a-zA-Z",
    "Lu": "A-Z",
    "Ll": "a-z",
    "N": "0-9",
    "Nd": "0-9",
    "Z": " ",
    "Zs": " ",
    "M": "",
    "S": "$+<=>^`|~",
    "P": "!-#%-*,-/:;?@\\[-\\]_{}",
    "C": "\\x00-\\x1f\\x7f",
}
PRINTABLE = (r"\p{Print}", "[ -~]")
BEYOND_ASCII = "\\u{80}-\\u{10FFFF}"
SURROGATES = (
    (r"\uD800\uDC00-\uDBFF\uDFFF", r"\u{10000}-\u{10FFFF}"),
    (r"\ud800\udc00-\udbff\udfff", r"\u{10000}-\u{10FFFF}"),
)


# Texts of which the service itself says that there is no such thing, each action in its own way.
OPEN = {"InstanceType"}


def main():
    for service, wanted in json.loads((HERE / "operations.json").read_text()).items():
        write(service, wanted)


def write(service, wanted):
    model = newest_model(service)
    metadata, shapes = model["metadata"], model["shapes"]
    found, operations, errors = {}, {}, {}
    for name in sorted(wanted):
        operation = model["operations"][name]
        ends = [operation.get(end, {}).get("shape") for end in ("input", "output")]
        operations[name] = ends
        for end in filter(None, ends):
            reach(end, shapes, found)
        for error in operation.get("errors", []):
            errors[error["shape"]] = wire_error(error["shape"], shapes[error["shape"]])
            reach(error["shape"], shapes, found)
    head = {
        "botocore": botocore.__version__,
        "version": metadata["apiVersion"],
        "speech": [SPEECH[it] for it in metadata["protocols"]],
        "target": metadata.get("targetPrefix"),
        "json": metadata.get("jsonVersion"),
        "namespace": metadata.get("xmlNamespace"),
        "queryCompatible": "awsQueryCompatible" in metadata,
    }
    parts = [f"{dump(key)}:{dump(value)}" for key, value in head.items()]
    parts += [lines("operations", operations), lines("errors", errors), lines("shapes", found)]
    (HERE / f"{service}.json").write_text("{" + ",\n".join(parts) + "}\n")


def newest_model(service):
    data = Path(botocore.__file__).parent / "data" / service
    with gzip.open(max(data.glob("*/service-2.json.gz")), "rt") as model:
        return json.load(model)


def wire_error(name, shape):
    """The code on the wire, the status, and whether the server is at fault."""
    told = shape.get("error", {})
    fault = bool(shape.get("fault") or told.get("fault"))
    status = told.get("httpStatusCode", 500 if fault else 400)
    return [told.get("code", name), status, int(fault or status >= 500)]


def reach(name, shapes, found):
    """Adds the named shape and every shape it is made of."""
    if name in found:
        return
    shape = shapes[name]
    entry = found[name] = {}
    if shape.get("document"):
        entry["t"] = "a"
    elif shape["type"] == "structure":
        entry["t"] = "o"
        entry["m"] = [member(key, it) for key, it in shape["members"].items()]
        if shape.get("required"):
            entry["r"] = sorted(shape["required"])
        for it in shape["members"].values():
            reach(it["shape"], shapes, found)
    elif shape["type"] == "list":
        entry["t"] = "l"
        entry["l"] = shape["member"]["shape"]
        if "locationName" in shape["member"]:
            entry["n"] = shape["member"]["locationName"]
        reach(entry["l"], shapes, found)
    elif shape["type"] == "map":
        entry["t"] = "m"
        entry["k"] = shape["key"]["shape"]
        entry["v"] = shape["value"]["shape"]
        reach(entry["k"], shapes, found)
        reach(entry["v"], shapes, found)
    else:
        entry["t"] = KINDS[shape["type"]]
    for short, long in (("e", "enum"), ("a", "min"), ("z", "max"), ("p", "pattern")):
        if long in shape and not (short == "e" and name in OPEN):
            entry[short] = shape[long]
    if "p" in entry:
        checked = checkable(entry["p"])
        if checked != entry["p"]:
            entry["q"] = checked


def member(name, it):
    names = [it.get("locationName"), it.get("queryName")]
    while names and names[-1] is None:
        names.pop()
    return [name, it["shape"], *names]


def checkable(pattern):
    """The pattern for an engine without Unicode's tables; None if it cannot check it."""
    for java, scalar in (*SURROGATES, PRINTABLE):
        pattern = pattern.replace(java, scalar)
    pattern = re.sub(r"\\p\{(?:Is)?(\w+)\}", unicode_class, pattern)
    pattern = pattern.replace("\\/", "/")
    unknown = r"\(\?[=!<]|\\p|\\P|\\[1-9]|&&|\\[uU][dD][89a-fA-F]|[*+?}]\+"
    return None if re.search(unknown, pattern) else pattern


def unicode_class(match):
    if match[1] not in CLASSES:
        return match[0]
    held = CLASSES[match[1]] + BEYOND_ASCII
    before = match.string[: match.start()].replace("\\[", "").replace("\\]", "")
    return held if before.count("[") > before.count("]") else f"[{held}]"


def lines(key, entries):
    body = ",\n".join(f"{dump(name)}:{dump(entries[name])}" for name in sorted(entries))
    return f"{dump(key)}:{{\n{body}\n}}"


def dump(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


if __name__ == "__main__":
    main()
