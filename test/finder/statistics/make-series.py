"""Writes series.json: tendencies and changes of series by other programs (pip install numpy scipy statsmodels pymannkendall ruptures;
then biome check --write): pymannkendall for the tie correction, scipy for exact p-values and Theil-Sen, ruptures for the segmentation of
least squares at a fixed penalty, and all 2^(n - 1) segmentations, one by one, for MBIC."""

import itertools
import json
import os

import numpy as np
import pymannkendall
import ruptures
import statsmodels.api as sm
from scipy import stats

random = np.random.default_rng(11)
nile = sm.datasets.nile.load_pandas().data["volume"].to_numpy(float)


def tendency(x, y):
    found = pymannkendall.original_test(y)
    slope, _, low, high = stats.theilslopes(y, x, 0.95)
    ties = len(set(y)) < len(y)
    exact = None if ties or len(y) > 30 else stats.kendalltau(np.arange(len(y)), y, method="exact").pvalue
    return {
        "x": list(x),
        "y": list(y),
        "s": found.s,
        "variance": found.var_s,
        "z": found.z,
        "p": found.p if exact is None else exact,
        "slope": [slope, low, high],
    }


def least_squares(y, shortest, penalty):
    changes = ruptures.Pelt(model="l2", min_size=shortest, jump=1).fit(np.array(y)).predict(pen=penalty)
    return {"y": list(y), "shortest": shortest, "penalty": penalty, "changes": [int(c) for c in changes[:-1]]}


def log_power(k, n):
    return k * np.log(k / n) if k > 0 else 0.0


def exhaustive(n, shortest, cost):
    best = (np.inf, None)
    for bits in itertools.product([0, 1], repeat=n - 1):
        bounds = [0] + [i + 1 for i, bit in enumerate(bits) if bit] + [n]
        sizes = np.diff(bounds)
        if min(sizes) < shortest:
            continue
        m = len(sizes) - 1
        total = sum(cost(a, b) for a, b in zip(bounds, bounds[1:])) + 3 * m * np.log(n) + np.log(sizes / n).sum()
        best = min(best, (total, bounds[1:-1]))
    return best[1]


def binomial_case(rates, shortest):
    trials = random.integers(20, 60, len(rates))
    successes = random.binomial(trials, rates)

    def cost(a, b):
        k, n = successes[a:b].sum(), trials[a:b].sum()
        return -2 * (log_power(k, n) + log_power(n - k, n))

    return {
        "successes": successes.tolist(),
        "trials": trials.tolist(),
        "shortest": shortest,
        "changes": exhaustive(len(rates), shortest, cost),
    }


def normal_case(means, shortest):
    variances = random.uniform(0.5, 2, len(means)).round(3)
    values = (means + random.normal(0, np.sqrt(variances))).round(3)

    def cost(a, b):
        weights = 1 / variances[a:b]
        mean = (weights * values[a:b]).sum() / weights.sum()
        return (weights * (values[a:b] - mean) ** 2).sum()

    return {
        "values": values.tolist(),
        "variances": variances.tolist(),
        "shortest": shortest,
        "changes": exhaustive(len(means), shortest, cost),
    }


def steps(*levels):
    return np.repeat([level for level, _ in levels], [size for _, size in levels])


file = {
    "tendency": [
        tendency(np.arange(1871, 1971), nile),
        tendency(np.arange(7), random.normal(0, 1, 7).round(3)),
        tendency(np.cumsum(random.integers(1, 4, 12)), (np.arange(12) * 0.2 + random.normal(0, 1, 12)).round(3)),
        tendency(np.arange(25), random.integers(0, 5, 25)),
        tendency(np.arange(10), [3, 3, 3, 3, 3, 3, 3, 3, 3, 3]),
        tendency(np.arange(5), [1.5, 2.5, 4, 7, 9]),
    ],
    "leastSquares": [
        least_squares(nile, 1, 150000.0),
        least_squares(nile, 5, 50000.0),
        least_squares((steps((0, 20), (3, 10), (1, 30)) + random.normal(0, 1, 60)).round(3), 1, 6.0),
        least_squares((steps((0, 9), (2, 4), (0, 9), (3, 9)) + random.normal(0, 1, 31)).round(3), 3, 2.0),
    ],
    "binomial": [
        binomial_case(steps((0.2, 6), (0.6, 7)), 1),
        binomial_case(steps((0.1, 4), (0.5, 4), (0.15, 5)), 2),
        binomial_case(steps((0.3, 13)), 1),
        binomial_case(steps((0.0, 5), (0.2, 8)), 2),
    ],
    "normal": [
        normal_case(steps((0, 6), (3, 7)), 1),
        normal_case(steps((0, 4), (4, 4), (-2, 5)), 2),
        normal_case(steps((5, 13)), 1),
    ],
    "nile": nile.tolist(),
}


def plain(value):
    return value.tolist() if isinstance(value, np.ndarray) else value.item()


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "series.json"), "w") as out:
    json.dump(file, out, default=plain)
    out.write("\n")
