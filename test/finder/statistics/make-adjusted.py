"""Writes adjusted.json: logistic regression and AIPW computed session by session with statsmodels (pip install numpy scipy statsmodels;
then biome check --write). Sessions are flat: user, pattern, member, failing."""

import json
import os

import numpy as np
import statsmodels.api as sm
from scipy.optimize import minimize

random = np.random.default_rng(5)
here = os.path.dirname(os.path.abspath(__file__))
# two attributes with three and two values, their dummies, and a number
patterns = np.array([[1, a == 1, a == 2, b, 0.5 * a - b] for a in range(3) for b in range(2)], float)
# the number above follows from the dummies but for one pattern, so that every column says something
patterns[5, 4] = 2.0


def expit(x):
    return 1 / (1 + np.exp(-x))


def fit(design, outcome, ridge):
    if ridge == 0:
        return sm.GLM(outcome, design, family=sm.families.Binomial()).fit(tol=1e-14).params

    def loss(b):
        x = design @ b
        return np.logaddexp(0, x).sum() - outcome @ x + ridge / 2 * (b[1:] ** 2).sum()

    def slope(b):
        return design.T @ (expit(design @ b) - outcome) + ridge * np.r_[0, b[1:]]

    return minimize(loss, np.zeros(design.shape[1]), jac=slope, method="BFGS", options={"gtol": 1e-9}).x


def draw(users, strength):
    sessions = []
    for user in range(users):
        taste = random.normal(0, 0.5)
        for _ in range(random.integers(1, 7)):
            pattern = int(random.integers(0, 6))
            x = patterns[pattern]
            member = int(random.random() < expit(strength * (x[1] - x[3]) - 0.3))
            failing = int(random.random() < expit(-1 + taste + 0.7 * member + x[1] - 0.5 * x[3]))
            sessions.append((user, pattern, member, failing))
    return np.array(sessions)


def aipw(sessions, folds, ridge):
    user, pattern, a, y = sessions.T
    x = patterns[pattern]
    e, m1, m0 = np.zeros(len(y)), np.zeros(len(y)), np.zeros(len(y))
    for fold in range(folds):
        out, own = user % folds != fold, user % folds == fold
        e[own] = expit(x[own] @ fit(x[out], a[out], ridge))
        for side, m in ((1, m1), (0, m0)):
            keep = out & (a == side)
            m[own] = expit(x[own] @ fit(x[keep], y[keep], ridge))
    held = np.clip(e, 0.02, 0.98)
    overall = m1 - m0 + a * (y - m1) / held - (1 - a) * (y - m0) / (1 - held)
    below = np.minimum(e, 0.98)
    members = (a - (1 - a) * below / (1 - below)) * (y - m0)
    found = {"trimmedShare": float((held != e).mean()), "trimmedMembers": float((below != e)[a == 1].mean())}
    for name, term, size in (("overall", overall, np.ones(len(y))), ("ofMembers", members, a)):
        value = term.sum() / size.sum()
        psi = np.bincount(user, (term - value * size) / size.sum())
        users = len(np.unique(user))
        found[name] = [value, np.sqrt(users / (users - 1) * (psi**2).sum())]
    return found


def case(users, strength, folds, ridge):
    sessions = draw(users, strength)
    return {
        "sessions": sessions.ravel().tolist(),
        "folds": folds,
        "ridge": ridge,
        **aipw(sessions, folds, ridge),
    }


fitted = draw(80, 0.5)
file = {
    "patterns": patterns.ravel().tolist(),
    "columns": patterns.shape[1],
    "logistic": {
        "sessions": fitted.ravel().tolist(),
        "fits": [
            {"ridge": ridge, "coefficients": fit(patterns[fitted[:, 1]], fitted[:, 3], ridge).tolist()}
            for ridge in (0, 0.5, 10)
        ],
    },
    "aipw": [case(60, 0.5, 2, 0), case(50, 1.0, 3, 1.0), case(120, 4.5, 2, 0.1)],
}
with open(os.path.join(here, "adjusted.json"), "w") as out:
    json.dump(file, out)
    out.write("\n")
print([(c["trimmedShare"], c["overall"], c["ofMembers"]) for c in file["aipw"]])
