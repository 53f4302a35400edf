"""Which facts each member of a pool trained apart is trained on: whole domains, dealt into clusters of similar size."""

from collections import Counter
from typing import List


def domain_clusters(facts: list, num_clusters: int) -> List[List[str]]:
    """Domains dealt to clusters, the largest first, each to the cluster with the fewest facts; smallest cluster first.

    Count the facts of both folds, so that twins have the same clusters.
    """
    sizes = Counter(f.domain for f in facts)
    clusters, totals = [[] for _ in range(num_clusters)], [0] * num_clusters
    for domain, count in sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0])):
        smallest = min(range(num_clusters), key=lambda i: totals[i])
        clusters[smallest].append(domain)
        totals[smallest] += count
    order = sorted(range(num_clusters), key=lambda i: (totals[i], clusters[i]))
    return [sorted(clusters[i]) for i in order]


def plan(facts: list, num_clusters: int) -> List[List[str]]:
    """The clusters of facts of folds A and B."""
    return domain_clusters([f for f in facts if f.fold in ("A", "B")], num_clusters)
