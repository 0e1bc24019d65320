"""Tails of the beta and Student's distributions and Clopper-Pearson bounds by mpmath, at 30 digits."""
import mpmath
import numpy as np

from golden import write

mpmath.mp.dps = 30
rng = np.random.default_rng(2)
M = mpmath.mpf


def small_tail(a, b, x, y):
    """P(X <= x) for x below the mean: a series of positive terms that fall."""
    term = total = M(1)
    m = 0
    while term > total * M(10) ** -28:
        term *= (a + b + m) / (a + 1 + m) * x
        total += term
        m += 1
    return x**a * y**b / (a * mpmath.beta(a, b)) * total


def beta_tails(a, b, x, y):
    if x * (a + b) <= a:
        lower = small_tail(a, b, x, y)
        return lower, 1 - lower
    upper = small_tail(b, a, y, x)
    return 1 - upper, upper


beta = []
for a, b in [(0.5, 0.5), (1, 1), (1, 30), (2.5, 0.5), (108.5, 79.5), (40, 2), (500, 0.5), (3000, 2500), (1e5, 0.5), (0.1, 7)]:
    for x in [1e-12, 1e-3, 0.1, 0.3, 0.5, 0.56, 0.7, 0.9, 0.999]:
        xs, ys = M(x), 1 - M(x)
        lower, upper = beta_tails(M(a), M(b), xs, ys)
        if lower > 1e-290 and upper > 1e-290:
            # y is given as float64: its rounding moves the tails by less than the tolerance of the test unless x is tiny.
            beta.append([a, b, x, float(ys), float(lower), float(upper)])

def student_tail(t, df):
    x, y = df / (df + t * t), t * t / (df + t * t)
    # The series of the lower tail converges anywhere, fast for small t; 30 digits bear the difference as long as the tail isn't tiny.
    return (1 - small_tail(M(1) / 2, df / 2, y, x)) / 2 if t < 6 else small_tail(df / 2, M(1) / 2, x, y) / 2


student = []
for df in [1, 2, 3.7, 10, 78, 500, 1e5]:
    for t in [1e-6, 0.1, 1, 2.5, 6, 20, 37, 1e3, 1e12, 1e30, 1e120]:
        p = student_tail(M(t), M(df))
        if p > 1e-290:
            student.append([t, df, float(p)])


def quantile(p, a, b, start):
    f = lambda u: mpmath.log(beta_tails(M(a), M(b), 1 / (1 + mpmath.exp(-u)), 1 / (1 + mpmath.exp(u)))[0]) - mpmath.log(p)
    u = mpmath.findroot(f, mpmath.log(start / (1 - start)), tol=1e-25)
    return 1 / (1 + mpmath.exp(-u))


clopper = []
for k, n, level in [(108.5, 187, 0.95), (1, 3, 0.95), (0.5, 79, 0.95), (186, 187, 0.99), (5, 3000, 0.95), (50, 100, 0.5), (77.5, 89, 0.95)]:
    from scipy.stats import beta as B

    tail = (1 - M(level)) / 2
    low = quantile(tail, k, n - k + 1, B.ppf(float(tail), k, n - k + 1))
    fail = quantile(tail, n - k, k + 1, B.ppf(float(tail), n - k, k + 1))
    clopper.append([k, n, level, float(low), float(1 - fail)])

quantiles = []
for p, df in [(0.025, 1), (0.025, 78), (0.005, 10), (1e-9, 5), (0.4, 3.5), (0.025, 11)]:
    from scipy.stats import t as T

    f = lambda u: mpmath.log(student_tail(mpmath.exp(u), M(df))) - mpmath.log(M(p))
    quantiles.append([p, df, float(mpmath.exp(mpmath.findroot(f, mpmath.log(T.isf(p, df)))))])

write("statistics/distributions", "mpmath", mpmath.__version__, {"beta": beta, "student": student, "clopper": clopper, "quantiles": quantiles})
