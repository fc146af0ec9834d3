"""Typesets the sample tender and bids; derives page indexes, statements and citations.

Output depends only on the sources, the fonts and the typst version: no clock, no random source.
"""

import json
import sys
from decimal import Decimal
from pathlib import Path

import typst

ROOT = Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
ROOT = ROOT if ROOT.is_dir() else ROOT.parent
PARTS = ("opening", "qualification", "commercial", "technical", "price")
FORMAT = "conclave.statement/1"
SERIF, SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"


def write_json(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def compile_pdf(source, target):
    pdf, warnings = typst.compile_with_warnings(
        str(source), root=str(ROOT), timestamp=0, pdf_tags=False
    )
    for warning in warnings:
        raise SystemExit(f"{source}: {warning}")
    target.write_bytes(pdf)


def anchors(source):
    """Marks set in the sources: id, page and, in the tender, clause number."""
    found = json.loads(typst.query(str(source), "<anchor>", field="value", root=str(ROOT)))
    index = {}
    for mark in found:
        if mark["id"] in index:
            raise SystemExit(f"{source}: {mark['id']} is marked twice")
        index[mark["id"]] = mark
    return index


def bill_total(bid):
    bill = json.loads((ROOT / "tender/typst/data/boq.json").read_text(encoding="utf-8"))
    prices = json.loads((ROOT / f"bids/{bid}/typst/prices.json").read_text(encoding="utf-8"))
    numbers = [item["no"] for item in bill["items"]]
    if sorted(numbers) != sorted(prices):
        raise SystemExit(f"bid {bid}: the prices do not match the lines of the bill")
    return sum(Decimal(prices[item["no"]]) * Decimal(item["qty"]) for item in bill["items"])


def statement(bid, facts, part, index):
    head = {"format": FORMAT, "part": part, "identity": {"name": facts["name"], "code": facts["identifier"]}}
    if part == "opening":
        return head | {
            "guarantee": facts["guarantee"],
            "validity_days": facts["validity_days"],
        }
    if part == "price":
        return head | {
            "price": {
                "total": f"{bill_total(bid):.2f}",
                "currency": "CNY",
                "attributes": facts["attributes"],
            },
        }
    return head | {"page_index": {key: mark["page"] for key, mark in sorted(index.items())}}


def citations(marks):
    """criteria.json and clauses.json: what a rulebook cites, with the page in tender.pdf."""
    data = ROOT / "tender/typst/data"
    criteria = []
    for item in json.loads((data / "criteria.json").read_text(encoding="utf-8")):
        mark = marks[item["id"]]
        if mark["clause"] != item["clause"]:
            raise SystemExit(f"{item['id']}: clause {item['clause']} is typeset as {mark['clause']}")
        entry = {key: item[key] for key in ("id", "kind", "title_zh", "title_en")}
        for key in ("min", "max", "step", "values"):
            if key in item:
                entry[key] = item[key]
        entry |= {
            "objective": item["objective"],
            "clause": item["clause"],
            "page": mark["page"],
            "quote": item["text"],
        }
        if "tiers" in item:
            entry["guidance"] = item["tiers"]
        criteria.append(entry)
    write_json(ROOT / "criteria.json", criteria)

    clauses = []
    for item in json.loads((data / "clauses.json").read_text(encoding="utf-8")):
        mark = marks[item["anchor"]]
        entry = {key: value for key, value in item.items() if key != "anchor"}
        clauses.append(entry | {"clause": mark["clause"], "page": mark["page"]})
    write_json(ROOT / "clauses.json", clauses)


def main():
    families = set(typst.Fonts().families())
    missing = {SERIF, SANS} - families
    if missing:
        raise SystemExit(f"fonts not installed: {', '.join(sorted(missing))}")

    source = ROOT / "tender/typst/tender.typ"
    compile_pdf(source, ROOT / "tender/tender.pdf")
    citations(anchors(source))

    bidders = json.loads((ROOT / "bids/bidders.json").read_text(encoding="utf-8"))
    for bid, facts in bidders.items():
        folder = ROOT / "bids" / bid
        for part in PARTS:
            source = folder / f"typst/{part}.typ"
            compile_pdf(source, folder / f"{part}.pdf")
            write_json(
                folder / f"{part}.statement.json", statement(bid, facts, part, anchors(source))
            )
        print(bid, bill_total(bid))


main()
