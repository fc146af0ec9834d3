"""Checks the sample package against itself: citations, arithmetic, score sheets, result.

Needs pdftotext (poppler-utils). `check.py --write` writes expected.json anew.
All arithmetic is exact; rounding is half-up and happens where chapter 3 of the tender says.
"""

import json
import re
import subprocess
import sys
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parent
BIDS = "ABCD"
LINES = "12345"


def load(name):
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def need(condition, message):
    if not condition:
        raise SystemExit(f"FAILED: {message}")


def pages(pdf):
    text = subprocess.run(
        ["pdftotext", "-raw", "-enc", "UTF-8", str(ROOT / pdf), "-"], check=True, capture_output=True
    ).stdout.decode("utf-8")
    return [re.sub(r"\s+", "", page) for page in text.split("\f")[:-1]]


def round2(value):
    """Half-up to two decimals, from an exact fraction."""
    hundredths = (value * 100 + Fraction(1, 2)).__floor__()
    return Fraction(hundredths, 100)


def show(value):
    return str((Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP))


def check_citations(tender, criteria, clauses):
    for item in criteria + clauses:
        quote = re.sub(r"\s+", "", item["quote"])
        where = [n + 1 for n, page in enumerate(tender) if quote in page]
        need(where == [item["page"]], f"{item['id']}: quote on pages {where}, cited {item['page']}")
        need(item["clause"] in tender[item["page"] - 1], f"{item['id']}: clause {item['clause']}")


def check_footers(name):
    for number, page in enumerate(pages(name), 1):
        need("演示文件/sample" in page, f"{name} page {number} is not marked as a sample")


def check_prices():
    bill = load("tender/typst/data/boq.json")["items"]
    for bid in BIDS:
        prices = load(f"bids/{bid}/typst/prices.json")
        total = sum(Decimal(prices[i["no"]]) * Decimal(i["qty"]) for i in bill)
        stated = load(f"bids/{bid}/price.statement.json")["total"]
        need(Decimal(stated) == total, f"bid {bid}: total {stated}, bill {total}")
        text = "".join(pages(f"bids/{bid}/price.pdf"))
        for item in bill:
            line = Decimal(prices[item["no"]]) * Decimal(item["qty"])
            need(f"{line:,.2f}" in text, f"bid {bid}: line {item['no']} {line}")
        need(text.count(f"{total:,.2f}") >= 2, f"bid {bid}: total is not printed twice")


def check_page_index():
    for bid in BIDS:
        for part in ("qualification", "commercial", "technical"):
            count = len(pages(f"bids/{bid}/{part}.pdf"))
            for key, page in load(f"bids/{bid}/{part}.statement.json")["page_index"].items():
                need(1 <= page <= count, f"bid {bid} {part}: {key} on page {page} of {count}")


def check_scores(scores, scored):
    for bid in BIDS:
        for item in scored:
            given = [Decimal(scores[bid][item["id"]][line]["score"]) for line in LINES]
            for value in given:
                if "values" in item:
                    need(value in map(Decimal, item["values"]), f"{bid} {item['id']}: {value}")
                else:
                    low, high, step = (Decimal(item[k]) for k in ("min", "max", "step"))
                    need(low <= value <= high, f"{bid} {item['id']}: {value} out of range")
                    need((value - low) % step == 0, f"{bid} {item['id']}: {value} off step")
            need(not item["objective"] or len(set(given)) == 1, f"{bid} {item['id']}: not equal")


def outcome(data, criteria):
    """The result as chapter 3 of the tender has it."""
    valid, rejected = [], {}
    for bid in BIDS:
        fails = [
            key
            for key, row in data["conformity"][bid].items()
            if 2 * sum(row[line]["verdict"] == "fail" for line in LINES) > len(LINES)
        ]
        if fails:
            rejected[bid] = fails
        else:
            valid.append(bid)
    need(len(valid) >= 3, "fewer than three valid bids")

    rows = {}
    for bid in valid:
        means = {
            item["id"]: round2(sum(Fraction(data["scores"][bid][item["id"]][l]["score"]) for l in LINES) / len(LINES))
            for item in criteria
            if item["kind"] in ("technical", "commercial")
        }
        price = load(f"bids/{bid}/price.statement.json")["price"]
        quoted = Fraction(price["total"])
        small = "small_enterprise" in price["attributes"]
        evaluated = round2(quoted * Fraction(9, 10)) if small else quoted
        rows[bid] = {"means": means, "quoted": quoted, "evaluated": evaluated}
    base = min(row["evaluated"] for row in rows.values())
    for row in rows.values():
        row["technical"] = sum(v for k, v in row["means"].items() if k.startswith("t"))
        row["commercial"] = sum(v for k, v in row["means"].items() if k.startswith("m"))
        row["price"] = round2(base / row["evaluated"] * 30)
        row["total"] = round2(row["technical"] + row["commercial"] + row["price"])
    ranking = sorted(valid, key=lambda bid: (-rows[bid]["total"], rows[bid]["quoted"]))
    return {
        "rejected": rejected,
        "base": show(base),
        "bids": {
            bid: {
                "means": {k: show(v) for k, v in row["means"].items()},
                **{k: show(row[k]) for k in ("technical", "commercial", "quoted", "evaluated", "price", "total")},
            }
            for bid, row in rows.items()
        },
        "ranking": ranking,
        "candidates": ranking[:3],
    }


def main():
    criteria, clauses, data = load("criteria.json"), load("clauses.json"), load("scores.json")
    tender = pages("tender/tender.pdf")
    need(len(tender) >= 60, "tender.pdf has fewer than 60 pages")
    check_citations(tender, criteria, clauses)
    check_footers("tender/tender.pdf")
    for bid in BIDS:
        for part in ("opening", "qualification", "commercial", "technical", "price"):
            check_footers(f"bids/{bid}/{part}.pdf")
    check_prices()
    check_page_index()
    need(all(c["verdict"] == "pass" for b in data["qualification"]["decisions"].values() for c in b.values()), "qualification")
    check_scores(data["scores"], [c for c in criteria if c["kind"] in ("technical", "commercial")])
    result = outcome(data, criteria)
    target = ROOT / "expected.json"
    if "--write" in sys.argv:
        target.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    need(result == load("expected.json"), "the result differs from expected.json")
    print(json.dumps(result, ensure_ascii=False, indent=1))


main()
