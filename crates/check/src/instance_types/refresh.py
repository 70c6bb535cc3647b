#!/usr/bin/env python3
"""Makes table.tsv: what EC2's instance types have.

EC2 itself says it (DescribeInstanceTypes). Without an account, moto's packed answers of that call
serve: pass the path of its `ec2/resources/instance_types.json.gz`, or let an installed moto be found.

    refresh.py [instance_types.json.gz]
"""
import gzip
import json
import pathlib
import sys


def packed():
    if len(sys.argv) > 1:
        return pathlib.Path(sys.argv[1]), "a file"
    import moto

    return pathlib.Path(moto.__file__).parent / "ec2/resources/instance_types.json.gz", f"moto {moto.__version__}"


def main():
    path, origin = packed()
    types = json.loads(gzip.decompress(path.read_bytes()))
    lines = [f"# name, vCPUs, MiB, architecture, CPU; DescribeInstanceTypes as packed in {origin}"]
    for name in sorted(types):
        it = types[name]
        architectures = it["ProcessorInfo"]["SupportedArchitectures"]
        architecture = next((a for a in ("x86_64", "arm64") if a in architectures), None)
        if architecture is None:
            continue
        cpu = "burstable" if it.get("BurstablePerformanceSupported") else "whole"
        vcpus, memory = it["VCpuInfo"]["DefaultVCpus"], it["MemoryInfo"]["SizeInMiB"]
        lines.append("\t".join([name, str(vcpus), str(memory), architecture, cpu]))
    (pathlib.Path(__file__).parent / "table.tsv").write_text("\n".join(lines) + "\n")
    print(len(lines) - 1, "types")


main()
