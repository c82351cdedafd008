"""The same methods by scipy and numpy on the same numbers; prints "name seconds" (best of three). Called by `statistics-speed`."""
import sys, time
import numpy as np
from scipy import stats
from scipy.spatial import distance

reference, current = (np.fromfile(path, dtype="<f8") for path in sys.argv[1:3])
codes = [np.fromfile(path, dtype="<i4") for path in sys.argv[3:5]]
names = np.array(["category-%03d" % i for i in range(260)])
texts = [names[c].tolist() for c in codes]


def best(name, work):
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    print(name, min(times), flush=True)


def shares():
    edges = np.histogram_bin_edges(np.concatenate((reference, current)), bins="sturges")
    p = np.histogram(reference, edges)[0] / len(reference)
    q = np.histogram(current, edges)[0] / len(current)
    return np.where(p == 0, 1e-4, p), np.where(q == 0, 1e-4, q)


def psi():
    p, q = shares()
    return np.sum((p - q) * np.log(p / q))


def chi2(left, right):
    keys = sorted(set(left) | set(right))
    return stats.chi2_contingency([[left.get(k, 0) for k in keys], [right.get(k, 0) for k in keys]], correction=False)


def chi2_texts():
    import collections
    return chi2(collections.Counter(texts[0]), collections.Counter(texts[1]))


def chi2_codes():
    a, b = (np.bincount(c, minlength=260) for c in codes)
    keep = (a + b) > 0
    return stats.chi2_contingency([a[keep], b[keep]], correction=False)


best("two-sorts", lambda: (np.sort(reference), np.sort(current)))
best("ks", lambda: stats.ks_2samp(reference, current, method="asymp"))
best("wasserstein", lambda: stats.wasserstein_distance(reference, current))
best("cvm", lambda: stats.cramervonmises_2samp(reference, current, method="asymptotic"))
best("anderson", lambda: stats.anderson_ksamp([reference, current]))
best("mannwhitney", lambda: stats.mannwhitneyu(reference, current, method="asymptotic"))
best("psi", psi)
best("js", lambda: distance.jensenshannon(*shares()))
best("chi2-texts", chi2_texts)
best("chi2-codes", chi2_codes)
