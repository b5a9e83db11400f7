"""Writes tables.json: tail probabilities to 17 digits, from 60-digit arithmetic (pip install mpmath)."""

import json
import os
import random

from mpmath import betainc, binomial, erfc, gammainc, inf, mp, mpf, sqrt

mp.dps = 60
random.seed(1)


def log_uniform(low, high):
    return low * (high / low) ** random.random()


def normal_upper(z):
    return erfc(mpf(z) / sqrt(mpf(2))) / 2


def beta_lower(a, b, x):
    return betainc(a, b, 0, x, regularized=True)


def student_upper(t, df):
    t, df = mpf(t), mpf(df)
    tail = beta_lower(df / 2, mpf(1) / 2, df / (df + t * t)) / 2
    return tail if t >= 0 else 1 - tail


def chi_squared_upper(x, df):
    return gammainc(mpf(df) / 2, mpf(x) / 2, inf, regularized=True)


def binomial_upper(k, n, p):
    p = mpf(p)
    terms, term = mpf(0), binomial(n, k) * p**k * (1 - p) ** (n - k)
    for i in range(k, n + 1):
        terms += term
        term *= mpf(n - i) / (i + 1) * p / (1 - p)
    return terms


def hypergeometric_upper(k, drawn, marked, total):
    least, most = max(0, drawn + marked - total), min(drawn, marked)
    if k > most:
        return mpf(0)
    first = max(k, least)
    ways = binomial(marked, first) * binomial(total - marked, drawn - first)
    sum_ways = mpf(0)
    for i in range(first, most + 1):
        sum_ways += ways
        ways *= mpf((marked - i) * (drawn - i)) / ((i + 1) * (total - marked - drawn + i + 1))
    return sum_ways / binomial(total, drawn)


def rows(count, draw, function):
    """Rows [*arguments, value] of values that a double can hold."""
    found = []
    while len(found) < count:
        arguments = draw()
        value = function(*arguments)
        if mpf(10) ** -290 < value <= 1:
            found.append([*arguments, float(value)])
    return found


def draw_student():
    df = random.choice([1, 2, 3, 7.5, 30, 200.25, 5000, log_uniform(0.5, 1e6)])
    return random.choice([-1, 1, 1, 1]) * log_uniform(1e-3, 60), df


def draw_chi_squared():
    df = random.choice([1, 2, 3, 10, 99.5, log_uniform(0.5, 1e5)])
    return df * log_uniform(0.05, 8) if df < 300 else df * (1 + random.uniform(-8, 20) / df**0.5), df


def draw_binomial():
    n = int(log_uniform(1, 20000))
    p = log_uniform(1e-6, 1) * random.choice([1, 0.5])
    spread = (n * p * (1 - p)) ** 0.5
    return min(n, max(1, int(n * p + random.uniform(-4, 25) * (spread + 1)))), n, p


def draw_hypergeometric():
    total = int(log_uniform(4, 30000))
    marked, drawn = random.randint(1, total - 1), random.randint(1, total - 1)
    mean = drawn * marked / total
    spread = (mean * (1 - marked / total)) ** 0.5
    k = int(mean + random.uniform(-4, 12) * (spread + 1))
    return max(0, min(k, drawn, marked)), drawn, marked, total


def student_quantile(p, df):
    """Bisection, as roots of tails are flat."""
    low, high = mpf(0), mpf(1)
    while student_upper(high, df) > p:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if student_upper(middle, df) > p else (low, middle)
    return low


def normal_quantile(p):
    low, high = mpf(0), mpf(40)
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if normal_upper(middle) > p else (low, middle)
    return low


tables = {
    "normalUpper": rows(60, lambda: (random.uniform(-6, 36),), normal_upper),
    "studentUpper": rows(150, draw_student, student_upper),
    "chiSquaredUpper": rows(120, draw_chi_squared, chi_squared_upper),
    "binomialUpper": rows(150, draw_binomial, binomial_upper),
    "hypergeometricUpper": rows(120, draw_hypergeometric, hypergeometric_upper),
    "normalQuantile": [[p, float(normal_quantile(mpf(p)))] for p in (0.4, 0.25, 0.1, 0.05, 0.025, 0.005, 1e-6, 1e-12)],
    "studentQuantile": [
        [p, df, float(student_quantile(mpf(p), df))]
        for p in (0.25, 0.05, 0.025, 0.0005)
        for df in (1, 2, 4.5, 12, 80, 1000)
    ],
}
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "tables.json"), "w") as file:
    lines = [f"  {json.dumps(name)}: [\n    " + ",\n    ".join(json.dumps(row) for row in table) + "\n  ]" for name, table in tables.items()]
    file.write("{\n" + ",\n".join(lines) + "\n}\n")
