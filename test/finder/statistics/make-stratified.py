"""Writes stratified.json: Mantel-Haenszel and log-rank values computed another way (pip install numpy statsmodels; then
biome check --write). Sessions are flat: user, stratum, member, failing; end, when membership switches on, decided.

Point estimates and the log-rank statistic come from statsmodels; the clustered variance from derivatives by the users' weights (complex
step) and the sessions' own weights in them, not from a formula; the log-rank with membership that switches on from the Cox partial likelihood's score at 0.
"""

import json
import os

import numpy as np
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.stats.contingency_tables import StratifiedTable

random = np.random.default_rng(7)


def estimates(totals):
    """d and ln r of totals[k] = y1, n1, y0, n0; complex totals allowed."""
    kept = totals[(totals[:, 1].real > 0) & (totals[:, 3].real > 0)]
    y1, n1, y0, n0 = kept.T
    n = n1 + n0
    a1, a0, w = (y1 * n0 / n).sum(), (y0 * n1 / n).sum(), (n1 * n0 / n).sum()
    return (a1 - a0) / w, np.log(a1 / a0)


def shrinkage(sessions, totals):
    """By user, the variance that a sum of outcomes with these weights has, over what it has once each stratum's mean is taken off them."""
    kept = [s for s in sessions if informative(totals)[s[1]]]
    users, strata = 1 + max(s[0] for s in sessions), len(totals)
    weight = np.array([(totals[k][3] if a else -totals[k][1]) / (totals[k][1] + totals[k][3]) for _, k, a, _ in kept])
    of_user = np.array([[u == s[0] for s in kept] for u in range(users)], float)
    of_stratum = np.array([[k == s[1] for s in kept] for k in range(strata)], float)
    mean = of_stratum.T @ np.diag(1 / np.maximum(1, of_stratum.sum(1))) @ of_stratum
    plain = of_user * weight
    less_mean = plain - plain @ mean
    before, after = (plain**2).sum(1), (less_mean**2).sum(1)
    return np.divide(before, after, out=np.ones(users), where=after > 0)


def clustered(sessions, cells):
    """cells[u, k] = y1, n1, y0, n0 of user u; derivative of the estimates by the weight of each user."""
    influences = []
    for user in range(len(cells)):
        weights = np.ones(len(cells), complex)
        weights[user] += 1e-20j
        d, r = estimates(np.tensordot(weights, cells, 1))
        influences.append((d.imag / 1e-20, r.imag / 1e-20))
    counted = (cells[:, informative(cells.sum(0)), :].sum((1, 2)) > 0).sum()
    squares = np.array(influences).T ** 2 * shrinkage(sessions, cells.sum(0))
    return np.sqrt(counted / (counted - 1) * squares.sum(1))


def informative(totals):
    return (totals[:, 1] > 0) & (totals[:, 3] > 0)


def stratified_case(users, strata, one_sided):
    sessions = []
    for user in range(users):
        taste = random.normal(0, 0.7)
        for _ in range(random.integers(1, 9)):
            k = int(random.integers(0, strata))
            member = int(random.random() < (1.0 if k == one_sided else 0.15 + 0.6 * k / strata))
            failing = int(random.random() < 1 / (1 + np.exp(1.5 - taste - 0.8 * member - 0.5 * k)))
            sessions.append((user, k, member, failing))
    cells = np.zeros((users, strata, 4))
    for user, k, member, failing in sessions:
        cells[user, k, 0 if member else 2] += failing
        cells[user, k, 1 if member else 3] += 1
    totals = cells.sum(0)
    d, r = estimates(totals)
    tables = [[[y1, n1 - y1], [y0, n0 - y0]] for y1, n1, y0, n0 in totals[informative(totals)]]
    table = StratifiedTable([np.array(t) for t in tables])
    assert abs(np.log(table.riskratio_pooled) - r) < 1e-12
    se_d, se_r = clustered(sessions, cells)
    return {
        "strata": strata,
        "sessions": [int(value) for session in sessions for value in session],
        "difference": d,
        "logRatio": np.log(table.riskratio_pooled),
        "standardErrors": [se_d, se_r],
        "chiSquared": table.test_null_odds(correction=False).statistic,
        "p": table.test_null_odds(correction=False).pvalue,
    }


def log_rank_case(size):
    """Sessions whose membership switches on at a time of its own, no two decided at once."""
    ends = random.permutation(np.arange(1, 3 * size))[:size].astype(float)
    switch = random.integers(0, 3 * size, size).astype(float)
    decided = random.random(size) < 0.8
    entry, exit_, status, on = [], [], [], []
    for end, at, event in zip(ends, switch, decided):
        spells = [(0, end, event, 0)] if at >= end else [(0, at, False, 0), (at, end, event, 1)]
        for low, high, fails, side in spells:
            if high > low:
                # statsmodels counts an entry at t as at risk at t; a spell here begins after it
                entry.append(low + 0.5 * (low > 0)), exit_.append(high), status.append(int(fails)), on.append(side)
    model = PHReg(np.array(exit_), np.array(on, float)[:, None], status=np.array(status), entry=np.array(entry))
    score, variance = model.score(np.zeros(1))[0], -model.hessian(np.zeros(1))[0, 0]
    return {
        "sessions": [int(value) for session in zip(ends, switch, decided) for value in session],
        "score": score,
        "variance": variance,
    }


file = {
    "stratified": [stratified_case(20, 1, -1), stratified_case(40, 4, -1), stratified_case(30, 6, 5)],
    "logRank": [log_rank_case(25), log_rank_case(60)],
}
with open(os.path.join(os.path.dirname(__file__), "stratified.json"), "w") as out:
    json.dump(file, out, separators=(",", ":"), default=float)
    out.write("\n")
