"""Holds YAML files to a JSON Schema with somebody else's validator.

    python schema.py SCHEMA FILE...

Prints a line for each file: `valid`, or the paths of what is not.
"""

import json
import sys

import yaml
from jsonschema import Draft202012Validator


def deepest(error):
    """Of the ways in which no alternative fits, the one that comes furthest."""
    while error.context:
        error = max(error.context, key=lambda it: len(it.absolute_path))
    return error


def main(schema_path, *paths):
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for path in paths:
        with open(path, encoding="utf-8") as file:
            stack = yaml.safe_load(file)
        wrong = sorted(
            "/".join(map(str, it.absolute_path)) + ": " + it.message.replace("\n", " ")
            for it in map(deepest, validator.iter_errors(stack))
        )
        print("; ".join(wrong) or "valid")


main(*sys.argv[1:])
