"""Writes what the page's drawing of calibration samples is tested against: src/testing/fixtures/calibration-samples.json.

    /usr/bin/python3 training/calibration_fixture.py

A list of {samples, seed, first, tokens, sha256}: the first 3 samples drawn from the pack, the number of tokens of all of them, and the hash
of their ids, each list followed by 65535, all as unsigned 16-bit little-endian numbers.
"""

import hashlib
import json

import numpy as np

from calibration import calibration_ids
from experiment import load_experiment
from tokenizer_fixture import FIXTURES, SEPARATOR

DRAWS = [(512, 0), (20, 7), (100_000, 1)]   # the last one asks for more than there are


def drawn(experiment, samples, seed):
    """One entry of the file."""
    digest, ids = hashlib.sha256(), calibration_ids(experiment, samples, seed)
    for sample in ids:
        digest.update(np.array([*sample, SEPARATOR], dtype="<u2").tobytes())
    return {"samples": samples, "seed": seed, "first": ids[:3], "tokens": sum(map(len, ids)), "sha256": digest.hexdigest()}


def write_fixture(experiment):
    entries = [json.dumps(drawn(experiment, samples, seed)) for samples, seed in DRAWS]
    (FIXTURES / "calibration-samples.json").write_text("[\n" + ",\n".join(entries) + "\n]\n")


if __name__ == "__main__":
    write_fixture(load_experiment())
