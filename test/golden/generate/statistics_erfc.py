"""The complementary error function by mpmath, at 40 digits."""
import mpmath
import numpy as np

from golden import write

mpmath.mp.dps = 40
points = [-30.0, -6.0, -1.0, -0.46875, 0.0, 1e-20, 1e-5, 0.46875, 0.4687500001, 4.0, 4.0000001, 26.5]
points += list(np.linspace(-5.9, 5.9, 60)) + list(np.geomspace(1e-8, 26, 60))
write("statistics/erfc", "mpmath", mpmath.__version__, {"points": [[float(x), float(mpmath.erfc(mpmath.mpf(float(x))))] for x in points]})
