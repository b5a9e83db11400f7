"""Writes similarity.json: distances between groups by numpy and scipy (pip install numpy scipy; then biome check --write)."""

import json
import os

import numpy as np
from scipy.spatial.distance import jensenshannon

random = np.random.default_rng(3)


def categorical(p, q):
    p, q = (p / p.sum())[1:], (q / q.sum())[1:]
    spread = (np.diag(p) - np.outer(p, p) + np.diag(q) - np.outer(q, q)) / 2
    return float(np.sqrt((p - q) @ np.linalg.inv(spread) @ (p - q)))


cases = [(random.integers(0, 40, n), random.integers(1, 90, n)) for n in (2, 3, 5, 9)]
file = [
    {
        "members": p.tolist(),
        "others": q.tolist(),
        "difference": categorical(p, q),
        "divergence": float(jensenshannon(p, q, base=2) ** 2),
    }
    for p, q in cases
]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "similarity.json"), "w") as out:
    json.dump(file, out)
    out.write("\n")
