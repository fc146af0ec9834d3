"""The sum of bench_rules.rs in Python's fractions: means of criteria, price points rounded half up to two places, totals.

yardstick.py SHEETS: prints the milliseconds of CPU time, then a line a bid with its total as a fraction.
"""

import sys
import time
from fractions import Fraction
from math import floor

CRITERIA = 60


def read(path):
    bids = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            bidder, price = line.split()
            scores = [next(lines).split() for _ in range(CRITERIA)]
            bids.append((bidder, price, scores))
    return bids


def totals(bids):
    prices = [Fraction(price) for _, price, _ in bids]
    base = min(prices)
    found = []
    for (bidder, _, criteria), price in zip(bids, prices):
        means = [sum(map(Fraction, scores)) / len(scores) for scores in criteria]
        points = Fraction(floor(base / price * 30 * 100 + Fraction(1, 2)), 100)
        found.append((bidder, sum(means) + points))
    return found


def main():
    bids = read(sys.argv[1])
    times = []
    for _ in range(5):
        before = time.process_time()
        found = totals(bids)
        times.append(time.process_time() - before)
    print(sorted(times)[2] * 1000)
    for bidder, total in found:
        print(bidder, total)


main()
