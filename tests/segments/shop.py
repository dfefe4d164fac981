"""A small brand to test rules on: its catalogue, and random rows and rules about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from hypothesis import strategies as st

from segments.rules.operators import OPERATORS, Shape
from tests.segments.oracle import low
from warehouse.catalogue import Catalogue, CatalogueTable, Column, JoinTo, within

ZONE = "America/New_York"
NAIVE, ZONED = pa.timestamp("us"), pa.timestamp("us", tz="UTC")


def table(name: str, *columns: Column, **more: Any) -> CatalogueTable:
    return CatalogueTable(name, {c.name: c for c in columns}, **more)


CATALOGUE = Catalogue(
    {
        t.name: t
        for t in (
            table(
                "customer_360",
                Column("customer_id", "text", "customer_id"),
                Column("tier", "text"),
                Column("score", "number"),
                Column("born", "date"),
                Column("seen", "time"),
                Column("joined", "time", zoned=True),
                Column("vip", "yes_no"),
                customer="customer_id",
                key="customer_id",
                one_per_customer=True,
            ),
            table(
                "merged_customers",
                Column("customer_id", "text", "customer_id"),
                Column("email", "text", "email"),
                customer="customer_id",
                one_per_customer=True,
            ),
            table(
                "orders",
                Column("order_id", "text", "order_id"),
                Column("customer_id", "text", "customer_id"),
                Column("order_time", "time", "order_time"),
                Column("order_value", "number", "order_value"),
                Column("returned", "yes_no", "returned"),
                Column("channel", "text"),
                Column("store_id", "text"),
                customer="customer_id",
                key="order_id",
                joins=(JoinTo("store_id", "stores", "store_id"),),
            ),
            table(
                "order_items",
                Column("item_id", "number"),
                Column("order_id", "text"),
                Column("product_id", "text"),
                Column("quantity", "number"),
                key="item_id",
                joins=(
                    JoinTo("order_id", "orders", "order_id"),
                    JoinTo("product_id", "products", "product_id"),
                ),
            ),
            table(
                "products",
                Column("product_id", "text"),
                Column("category", "text"),
                Column("launched", "date"),
                key="product_id",
            ),
            table("stores", Column("store_id", "text"), Column("city", "text"), key="store_id"),
            table(
                "visits",
                Column("visitor", "text", "customer_id"),
                Column("at", "time", "order_time", zoned=True),
                Column("page", "text"),
                customer="visitor",
            ),
            table(
                "coupons",
                Column("code", "text"),
                Column("customer_id", "text", "customer_id"),
                Column("used", "date", "order_time"),
                Column("cancelled", "yes_no", "cancelled"),
                customer="customer_id",
                key="code",
            ),
        )
    },
    base="customer_360",
)

GREEK = "\u03c3\u03b1\u03c3"  # its last letter in upper case has two lower ones
TEXTS = [
    *("Coffee", " coffee ", "COFFEE\n", "tea", "Tea & coffee", "\u00a0tea", "", " ", "\t\r\n"),
    *(
        "Straße",
        "STRASSE",
        GREEK.upper(),
        GREEK,
        f"{GREEK[:2]}\u03c2",
        "İstanbul",
        "istanbul",
        "ISTANBUL",
        "\u0131x",
    ),
    *("O'Neil", "50%_x", "a\\b", "a\nb", "😀"),
]
NUMBERS = [-1, 0, 1, 2, 2.5, 3, 10]
IDS = ["c1", "c2", "c3", "C1", "10", "9", " c4"]
PATTERNS = ["^co", "e$", "o.f", "a|ß", "[^a-z]", "s+", r"\d", "x?"]

# Around the day borders, month ends, leap days and clock changes of the brand's zone.
NOWS = [
    datetime(2026, 11, 24, 14, 2, tzinfo=UTC),
    datetime(2026, 11, 25, 3, 30, tzinfo=UTC),  # still the 24th in New York
    datetime(2026, 3, 8, 12, 0, tzinfo=UTC),  # clocks went forward
    datetime(2026, 11, 1, 5, 30, tzinfo=UTC),  # 01:30 for the first time
    datetime(2026, 11, 1, 6, 15, tzinfo=UTC),  # 01:15 for the second time
    datetime(2026, 3, 31, 16, 0, tzinfo=UTC),
    datetime(2024, 2, 29, 5, 0, tzinfo=UTC),  # midnight of a leap day
    datetime(2025, 2, 28, 17, 0, tzinfo=UTC),
    datetime(2027, 1, 1, 5, 0, tzinfo=UTC),
]
# Elsewhere: no change of clocks, half an hour off, half an hour's change, one at midnight.
ELSEWHERE = [
    (datetime(2024, 2, 29, 0, 0, tzinfo=UTC), "UTC"),
    (datetime(2026, 12, 31, 18, 30, tzinfo=UTC), "Asia/Kolkata"),  # its new year
    (datetime(2026, 4, 4, 15, 15, tzinfo=UTC), "Australia/Lord_Howe"),  # 01:45 again
    (datetime(2026, 10, 3, 15, 40, tzinfo=UTC), "Australia/Lord_Howe"),  # 02:00 was 02:30
    (datetime(2018, 11, 4, 3, 10, tzinfo=UTC), "America/Sao_Paulo"),  # a day without 00:00
    (datetime(2019, 2, 17, 2, 30, tzinfo=UTC), "America/Sao_Paulo"),  # 23:30 again
]
PLACES = [*((now, ZONE) for now in NOWS), *ELSEWHERE]


def _nearby(now: datetime, zone: str = ZONE) -> st.SearchStrategy[datetime]:
    """Moments in UTC that lie near what operators ask for."""
    days = st.sampled_from(
        [-400, -366, -365, -90, -62, -31, -30, -29, -28, -14, -8, -7, -6, -1, 0, 1, 6, 7, 28, 31]
    )
    minutes = st.sampled_from([0, 0, 1, -1, 15, 60, -60, 290, 300, 600, -840, 1439])
    midnight = st.booleans()

    def at(day: int, minute: int, border: bool) -> datetime:
        moment = now + timedelta(days=day)
        if border:
            local = moment.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, fold=0)
            moment = local.astimezone(UTC)
        return moment + timedelta(minutes=minute)

    return st.builds(at, days, minutes, midnight)


def clock(moment: datetime, zone: str = ZONE) -> datetime:
    """What a clock in the brand's zone showed, without zone."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(strategy, strategy, strategy, st.none())


@st.composite
def tables(draw: st.DrawFn, now: datetime, zone: str = ZONE) -> dict[str, list[dict[str, Any]]]:
    """Rows with blanks, doubles, joins that lead nowhere and customers that nobody knows."""
    moments = _nearby(now, zone)
    clocks = moments.map(lambda moment: clock(moment, zone))
    days = st.one_of(moments.map(lambda m: m.date()), st.sampled_from([date(2000, 2, 29)]))
    text, number = _maybe(st.sampled_from(TEXTS)), _maybe(st.sampled_from(NUMBERS))
    someone = _maybe(st.sampled_from(IDS))
    many = {"max_size": 6}
    people = draw(st.lists(st.sampled_from(IDS), unique=True, min_size=1))
    customers = [
        {
            "customer_id": who,
            "tier": draw(text),
            "score": draw(number),
            "born": draw(_maybe(days)),
            "seen": draw(_maybe(clocks)),
            "joined": draw(_maybe(moments)),
            "vip": draw(_maybe(st.booleans())),
        }
        for who in people
    ]
    emails = draw(st.lists(st.sampled_from(IDS), unique=True))
    orders = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "order_id": st.sampled_from(["o1", "o2", "O2", "o10", "o3", "ö"]),
                    "customer_id": someone,
                    "order_time": _maybe(clocks),
                    "order_value": number,
                    "returned": st.sampled_from([None, False, False, True]),
                    "channel": text,
                    "store_id": _maybe(st.sampled_from(["s1", "s2", "s9"])),
                }
            ),
            max_size=8,
            unique_by=lambda r: r["order_id"],
        )
    )
    orders += draw(st.lists(st.sampled_from(orders), max_size=2)) if orders else []
    items = [
        {
            "item_id": index,
            "order_id": draw(_maybe(st.sampled_from(["o1", "o2", "O2", "o10", "zz"]))),
            "product_id": draw(_maybe(st.sampled_from(["p1", "p2", "p9"]))),
            "quantity": draw(number),
        }
        for index in range(draw(st.integers(0, 8)))
    ]
    products = [
        {"product_id": p, "category": draw(text), "launched": draw(_maybe(days))}
        for p in draw(st.lists(st.sampled_from(["p1", "p2", "p3"]), unique=True))
    ]
    products += draw(st.lists(st.sampled_from(products), max_size=1)) if products else []
    return {
        "customer_360": customers,
        "merged_customers": [{"customer_id": who, "email": draw(text)} for who in emails],
        "orders": orders,
        "order_items": items,
        "products": products,
        "stores": [{"store_id": s, "city": draw(text)} for s in ("s1", "s2")],
        "visits": draw(
            st.lists(
                st.fixed_dictionaries({"visitor": someone, "at": _maybe(moments), "page": text}),
                unique_by=lambda r: (r["visitor"], r["at"]),
                **many,
            )
        ),
        "coupons": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "code": st.sampled_from(["k1", "k2", "K1", "k3"]),
                        "customer_id": someone,
                        "used": _maybe(days),
                        "cancelled": st.sampled_from([None, False, True]),
                    }
                ),
                unique_by=lambda r: r["code"],
                **many,
            )
        ),
    }


def orderly(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The same rows without those events that are nobody's, or of whom nobody knows."""
    known = {row["customer_id"] for row in rows["customer_360"]}
    owners = {"orders": "customer_id", "visits": "visitor", "coupons": "customer_id"}
    kept = {name: [r for r in rows[name] if r[of] in known] for name, of in owners.items()}
    return {**rows, **kept}


def surveyed(rows: dict[str, list[dict[str, Any]]]) -> Catalogue:
    """The catalogue with what holds for all values of these rows, told by Python."""
    everyone = {row["customer_id"] for row in rows["customer_360"]}
    tables = {}
    for name, described in CATALOGUE.tables.items():
        columns = {
            each.name: replace(each, facts=_facts(each, described, rows[name], everyone))
            for each in described.columns.values()
        }
        tables[name] = replace(described, columns=columns)
    return replace(CATALOGUE, tables=tables)


def _facts(
    column: Column, described: CatalogueTable, rows: list[dict[str, Any]], everyone: set[str]
) -> frozenset[str]:
    values = [row[column.name] for row in rows]
    there = [value for value in values if value is not None]
    texts = [value for value in there if isinstance(value, str)]
    filled = [value for value in there if value not in texts or value.strip(" \t\n\v\f\r")]
    facts = {
        "filled": len(filled) == len(values),
        "unique": len(set(filled)) == len(values),
        "trimmed": all(text == text.strip(" \t\n\v\f\r") for text in texts),
        "lower": all(text == low(text) for text in texts),
        within("customer_360", "customer_id"): (
            column.name == described.customer and {*there} <= everyone
        ),
    }
    return frozenset(fact for fact, holds in facts.items() if holds)


def arrow(rows: dict[str, list[dict[str, Any]]]) -> dict[str, pa.Table]:
    """The rows as the warehouse would hold them."""
    kinds = {
        "text": pa.string(),
        "number": pa.float64(),
        "date": pa.date32(),
        "time": NAIVE,
        "yes_no": pa.bool_(),
    }
    return {
        name: pa.Table.from_pylist(
            rows[name],
            pa.schema(
                [(c.name, ZONED if c.zoned else kinds[c.type]) for c in described.columns.values()]
            ),
        )
        for name, described in CATALOGUE.tables.items()
    }


# Rules

SEGMENTS = {
    "Tea": {"attribute": "customer_360.tier", "operator": "contains", "value": "tea"},
    "Buyers": {"all": [{"event": "orders"}, {"none": [{"segment": "Tea"}]}]},
}
LISTS = {"Some": ["Coffee", f"  {GREEK}", "c1", "istanbul", ""]}

_ANYWHERE = st.sampled_from(PLACES).flatmap(lambda place: _nearby(*place))
_DAYS = st.one_of(
    _ANYWHERE.map(lambda m: m.date().isoformat()),
    st.sampled_from(["today"]),
    st.integers(0, 40).map(lambda n: {"days_ago": n}),
    st.integers(0, 40).map(lambda n: {"days_from_now": n}),
)
_MOMENTS = st.one_of(
    _DAYS,
    _ANYWHERE.map(lambda m: m.isoformat(" ")),
)
_SPANS = st.builds(
    lambda n, unit: {"n": n, "unit": unit},
    st.sampled_from([0, 1, 2, 4, 7, 12, 13, 28, 30, 90, 400]),
    st.sampled_from(["days", "weeks", "months", "years"]),
)
_ONE = {
    "text": st.sampled_from(TEXTS),
    "number": st.sampled_from(NUMBERS),
    "date": _MOMENTS,
    "time": _MOMENTS,
}


@st.composite
def comparison(draw: st.DrawFn, kind: str, operators: list[str] | None = None) -> dict[str, Any]:
    operator = draw(st.sampled_from(operators or list(OPERATORS[kind])))
    shape = OPERATORS[kind][operator]
    node: dict[str, Any] = {"operator": operator}
    if shape is Shape.ONE:
        node["value"] = draw(_ONE[kind])
    elif shape is Shape.MANY:
        node["value"] = draw(st.lists(_ONE[kind], min_size=1, max_size=3))
        if kind == "text" and draw(st.integers(0, 4)) == 0:
            node["value"] = {"list": "Some"}
    elif shape is Shape.PAIR and kind == "number":
        node["value"] = sorted(draw(st.lists(_ONE[kind], min_size=2, max_size=2)))
    elif shape is Shape.PAIR:
        node["value"] = draw(st.lists(_ONE[kind], min_size=2, max_size=2))
    elif shape is Shape.PATTERN:
        node["value"] = draw(st.sampled_from(PATTERNS))
    elif shape is Shape.SPAN:
        node["value"] = draw(_SPANS)
    elif shape is Shape.PERIOD:
        node["value"] = draw(st.sampled_from(["week", "month", "quarter", "year"]))
    if kind == "text" and draw(st.integers(0, 3)) == 0:
        node["ignore_case"] = False
    return node


def attributes(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    choices = [
        (f"{name}.{column.name}", column.type)
        for name in names
        for column in CATALOGUE.tables[name].columns.values()
    ]
    return st.sampled_from(choices).flatmap(
        lambda choice: comparison(choice[1]).map(lambda node: {"attribute": choice[0], **node})
    )


_LEADS = {
    "orders": ("orders", "order_items", "products", "stores"),
    "visits": ("visits",),
    "coupons": ("coupons",),
}
_TIME_KIND = {"orders": "time", "visits": "time", "coupons": "date"}


def _grouped(single: st.SearchStrategy[Any], leaves: int) -> st.SearchStrategy[Any]:
    return st.recursive(
        single,
        lambda inner: st.builds(
            lambda word, rules, off: {word: rules, **({"off": True} if off else {})},
            st.sampled_from(["all", "any", "none"]),
            st.lists(inner, max_size=3),
            st.sampled_from([False, False, False, True]),
        ),
        max_leaves=leaves,
    )


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(["orders", "orders", "visits", "coupons"]))
    node: dict[str, Any] = {"event": name}
    if draw(st.booleans()):
        node["where"] = draw(_grouped(attributes(*_LEADS[name]), 3))
    period = draw(st.integers(0, 3))
    if period == 1:
        span = draw(_SPANS)
        node["period"] = {"last": span["n"], "unit": span["unit"]}
    elif period == 2:
        ends = sorted(draw(_ANYWHERE).date().isoformat() for _ in range(2))
        node["period"] = {"from": ends[0], "to": ends[1]}
    which = draw(st.sampled_from(["any", "any", "first", "last", "repeat"]))
    if which != "any":
        node["which"] = which
    measures = ["count", "count", "first", "last", "most_frequent"]
    if name == "orders":
        measures += ["total", "average", "lowest", "highest"]
    measure = draw(st.sampled_from(measures))
    kind = "number"
    if measure != "count":
        node["measure"] = measure
    if measure in ("first", "last"):
        kind = _TIME_KIND[name]
    elif measure == "most_frequent":
        node["of"], kind = draw(
            st.sampled_from(
                [
                    (f"{table}.{column.name}", column.type)
                    for table in _LEADS[name]
                    for column in CATALOGUE.tables[table].columns.values()
                ]
            )
        )
    elif measure != "count" and draw(st.booleans()):
        node["of"] = draw(st.sampled_from(["order_items.quantity", "orders.order_value"]))
    if measure != "count" or draw(st.booleans()):
        node |= draw(comparison(kind))
    return node


rules = _grouped(
    st.one_of(
        attributes("customer_360", "merged_customers"),
        events(),
        st.sampled_from([{"segment": "Tea"}, {"segment": "Buyers"}]),
    ),
    4,
)
