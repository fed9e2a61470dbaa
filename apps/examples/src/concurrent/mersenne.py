"""Are numbers of hundreds of digits prime? Work that keeps a CPU busy for some milliseconds."""

from __future__ import annotations


class Mersenne:
    def is_prime(self, exponent: int) -> bool:
        """Whether 2 ** exponent - 1 is, for an odd prime exponent: the test of Lucas and Lehmer."""
        mersenne = 2**exponent - 1
        rest = 4
        for _ in range(exponent - 2):
            rest = (rest * rest - 2) % mersenne
        return rest == 0
