"""Random numbers that the page draws alike: xoshiro128** (Blackman and Vigna 2018, arXiv 1805.01407), seeded by SplitMix32."""

from typing import List, Sequence, TypeVar

T = TypeVar("T")
MASK = 0xFFFFFFFF


class Seeded:
    def __init__(self, seed: int):
        self.word = seed & MASK
        self.state = [self._split() for _ in range(4)]

    def _split(self) -> int:
        self.word = (self.word + 0x9E3779B9) & MASK
        z = self.word ^ (self.word >> 16)
        z = (z * 0x21F0AAAD) & MASK
        z ^= z >> 15
        z = (z * 0x735A2D97) & MASK
        return z ^ (z >> 15)

    def bits(self) -> int:
        """32 random bits."""
        a, b, c, d = self.state
        result = (rotate((b * 5) & MASK, 7) * 9) & MASK
        shifted = (b << 9) & MASK
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        self.state = [a, b, c, rotate(d, 11)]
        return result

    def integer(self, count: int) -> int:
        """0 to count - 1."""
        return self.bits() * count >> 32

    def shuffled(self, items: Sequence[T]) -> List[T]:
        """A copy in random order (Fisher and Yates)."""
        result = list(items)
        for i in range(len(result) - 1, 0, -1):
            j = self.integer(i + 1)
            result[i], result[j] = result[j], result[i]
        return result


def rotate(word: int, by: int) -> int:
    return ((word << by) | (word >> (32 - by))) & MASK
