#!/usr/bin/env python3
"""Writes ecs.json from the service model that botocore carries.

    python3 -m venv venv && venv/bin/pip install botocore==1.44.5
    venv/bin/python crates/spec/schema/refresh.py

Running it twice gives the same bytes. It keeps the shapes that a task
definition and a service are written with, and leaves AWS's prose out.
What the model does not say (defaults, sets, spellings) is in
../src/document/habits.rs.

The keys are short because the file is parsed at every start:

    shape   t  o object, l list, m map, s text, i integer, d decimal,
               b true or false, a anything
            m  an object's members and their shapes;  r  those it requires
            l  the shape of a list's elements;        v  of a map's values
            e  the texts that are allowed
            n  least, x  most: of a number, a text's length, a list's length
            p  a text's pattern
"""

import gzip
import json
from pathlib import Path

import botocore

ROOTS = {
    "taskDefinition": ("RegisterTaskDefinitionRequest", "TaskDefinition"),
    "service": ("CreateServiceRequest", "Service"),
}
KINDS = {
    "string": "s",
    "integer": "i",
    "long": "i",
    "double": "d",
    "float": "d",
    "boolean": "b",
}


def main():
    model = newest_model()
    shapes = model["shapes"]
    found = {}
    for written, _ in ROOTS.values():
        reach(written, shapes, found)
    schema = {
        "botocore": botocore.__version__,
        "apiVersion": model["metadata"]["apiVersion"],
        "roots": {
            kind: {
                "shape": written,
                # What AWS shows of the thing and nobody can write.
                "shown": sorted(members(shapes, shown) - members(shapes, written)),
            }
            for kind, (written, shown) in ROOTS.items()
        },
        "update": sorted(members(shapes, "UpdateServiceRequest")),
    }
    head = ",\n".join(f"{dump(key)}:{dump(value)}" for key, value in schema.items())
    body = ",\n".join(f"{dump(name)}:{dump(found[name])}" for name in sorted(found))
    Path(__file__).with_name("ecs.json").write_text(f'{{{head},\n"shapes":{{\n{body}\n}}}}\n')


def newest_model():
    data = Path(botocore.__file__).parent / "data" / "ecs"
    with gzip.open(max(data.glob("*/service-2.json.gz")), "rt") as model:
        return json.load(model)


def members(shapes, name):
    return set(shapes[name]["members"])


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
        entry["m"] = {key: member["shape"] for key, member in shape["members"].items()}
        if shape.get("required"):
            entry["r"] = sorted(shape["required"])
        for part in entry["m"].values():
            reach(part, shapes, found)
    elif shape["type"] == "list":
        entry["t"] = "l"
        entry["l"] = shape["member"]["shape"]
        reach(entry["l"], shapes, found)
    elif shape["type"] == "map":
        entry["t"] = "m"
        entry["v"] = shape["value"]["shape"]
        reach(entry["v"], shapes, found)
    else:
        entry["t"] = KINDS[shape["type"]]
    for short, long in (("e", "enum"), ("n", "min"), ("x", "max"), ("p", "pattern")):
        if long in shape:
            entry[short] = shape[long]


def dump(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


if __name__ == "__main__":
    main()
