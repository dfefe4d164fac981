"""The rule language in plain Python, written from its description alone.

Slow and literal: it looks at one customer at a time and at every row. What the
compiler makes of a rule is tested against it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from warehouse.catalogue import Catalogue, CatalogueTable

Row = Mapping[str, Any]
WHITE = "\t\n\x0b\x0c\r "


def low(text: str) -> str:
    """Letter by letter, by Unicode lower case; the one letter that would become two becomes i."""
    return "".join("i" if c == "\u0130" else c.lower() for c in text)


@dataclass
class Brand:
    """Tables as lists of rows, and the fixed now."""

    catalogue: Catalogue
    tables: dict[str, list[Row]]
    now: datetime
    zone: str
    segments: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    def members(self, rule: Any) -> set[str]:
        everyone = {r["customer_id"] for r in self.tables[self.catalogue.base]}
        if rule.get("off"):
            return everyone - {None}  # as if nothing was asked
        return {who for who in everyone - {None} if self.matches(rule, who)}

    # Logic

    def matches(self, rule: Any, who: str) -> bool:
        if "all" in rule:
            return all(self.matches(r, who) for r in rule["all"] if not r.get("off"))
        if "any" in rule:
            return any(self.matches(r, who) for r in rule["any"] if not r.get("off"))
        if "none" in rule:
            return not any(self.matches(r, who) for r in rule["none"] if not r.get("off"))
        if "segment" in rule:
            return self.matches(self.segments[rule["segment"]], who)
        if "event" in rule:
            return self.event(rule, who)
        table, _, column = rule["attribute"].partition(".")
        rows = [r for r in self.tables[table] if r["customer_id"] == who]
        return self.compare(rule, rows[0][column] if rows else None, self.kind(table, column))

    def kind(self, table: str, column: str) -> str:
        return self.catalogue.tables[table].columns[column].type

    def compare(self, rule: Any, value: Any, kind: str) -> bool:
        operator = rule["operator"]
        case = rule.get("ignore_case", True)
        if kind == "text" and value is not None:
            value = value.strip(WHITE)
            value = low(value) if case else value
            value = value or None
        opposites = {
            "is_not": "is",
            "is_not_in": "is_in",
            "does_not_contain": "contains",
            "does_not_start_with": "starts_with",
            "does_not_end_with": "ends_with",
            "does_not_match": "matches",
            "is_not_between": "between" if kind == "number" else "is_between",
            "is_not_on": "is_on",
            "is_not_in_last": "is_in_last",
            "is_not_in_next": "is_in_next",
            "is_not_blank": "is_blank",
        }
        if operator in opposites:
            return not self.compare({**rule, "operator": opposites[operator]}, value, kind)
        if operator == "is_blank":
            return value is None
        if value is None:
            return False
        wanted = rule.get("value")
        if kind == "text":
            return self.text(operator, value, wanted, case)
        if kind == "number":
            return self.number(operator, value, wanted)
        if kind == "yes_no":
            return value is (operator == "is_true")
        return self.moment(operator, value, wanted, kind)

    def text(self, operator: str, value: str, wanted: Any, case: bool) -> bool:
        if operator == "matches":
            # The text is in lower case already; of the tests' patterns only letters change.
            return re.search(low(wanted) if case else wanted, value) is not None

        def plain(text: str) -> str:
            text = text.strip(WHITE)
            return low(text) if case else text

        if operator == "is_in":
            values = self.lists[wanted["list"]] if isinstance(wanted, dict) else wanted
            return value in [plain(v) for v in values]
        wanted = plain(wanted)
        return {
            "is": value == wanted,
            "contains": wanted in value,
            "starts_with": value.startswith(wanted),
            "ends_with": value.endswith(wanted),
        }[operator]

    def number(self, operator: str, value: Any, wanted: Any) -> bool:
        if operator == "between":
            return wanted[0] <= value <= wanted[1]
        if operator == "is_in":
            return value in wanted
        return {
            "is": value == wanted,
            "less_than": value < wanted,
            "at_most": value <= wanted,
            "greater_than": value > wanted,
            "at_least": value >= wanted,
        }[operator]

    # Days and moments

    def instant(self, value: datetime) -> datetime:
        """A time without zone is in the brand's zone."""
        return (value if value.tzinfo else value.replace(tzinfo=ZoneInfo(self.zone))).astimezone(
            UTC
        )

    def day(self, value: Any) -> date:
        if not isinstance(value, datetime):
            return value
        if value.tzinfo is None:
            return value.date()
        return value.astimezone(ZoneInfo(self.zone)).date()

    def wanted(self, value: Any) -> date | datetime:
        if value == "today":
            return self.today
        if isinstance(value, dict):
            days = -value["days_ago"] if "days_ago" in value else value["days_from_now"]
            return self.today + timedelta(days=days)
        if len(value) == 10:
            return date.fromisoformat(value)
        return self.instant(datetime.fromisoformat(value))

    def order(self, value: Any, wanted: Any) -> int:
        """-1, 0, 1: before, on, after. With a date, or a date column, whole days are compared."""
        if isinstance(wanted, datetime) and isinstance(value, datetime):
            a, b = self.instant(value), wanted
        else:
            a, b = self.day(value), self.day(wanted)
        return (a > b) - (a < b)

    def further(self, n: int, unit: str) -> date:
        today = self.today
        if unit in ("days", "weeks"):
            return today + timedelta(days=n * (7 if unit == "weeks" else 1))
        count = today.year * 12 + today.month - 1 + n * (12 if unit == "years" else 1)
        day = today.day
        while True:
            try:
                return date(count // 12, count % 12 + 1, day)
            except ValueError:
                day -= 1

    def moment(self, operator: str, value: Any, wanted: Any, kind: str) -> bool:
        if operator == "is_between":
            low, high = map(self.wanted, wanted)
            return self.order(value, low) >= 0 and self.order(value, high) <= 0
        if operator in ("is_in_last", "is_in_next"):
            return self.span(operator, value, wanted["n"], wanted["unit"])
        if operator.startswith("has_anniversary"):
            today = self.today
            coming = operator == "has_anniversary_in_next"  # the other takes no value
            last = self.further(wanted["n"], wanted["unit"]) if coming else today
            born = self.day(value)
            days = (today + timedelta(days=i) for i in range((last - today).days + 1))
            return any(
                (d.month, d.day) == (born.month, born.day)
                or (
                    (born.month, born.day) == (2, 29)
                    and (d.month, d.day) == (2, 28)
                    and (d + timedelta(days=1)).day == 1
                )
                for d in days
            )
        if operator in ("is_in_this", "is_in_previous"):
            return self.calendar(operator, self.day(value), wanted)
        order = self.order(value, self.wanted(wanted))
        return {
            "is_on": order == 0,
            "is_before": order < 0,
            "is_on_or_before": order <= 0,
            "is_after": order > 0,
            "is_on_or_after": order >= 0,
        }[operator]

    def span(self, operator: str, value: Any, n: int, unit: str) -> bool:
        if operator == "is_in_last":
            past = self.order(value, self.now) <= 0
            return past and self.day(value) >= self.further(-n, unit)
        return self.order(value, self.now) >= 0 and self.day(value) <= self.further(n, unit)

    def calendar(self, operator: str, day: date, unit: str) -> bool:
        def name(d: date) -> Any:
            if unit == "week":
                return d.isocalendar()[:2]
            if unit == "year":
                return d.year
            return (d.year, d.month if unit == "month" else (d.month - 1) // 3)

        asked = self.today
        if operator == "is_in_previous":
            while name(asked) == name(self.today):
                asked -= timedelta(days=1)
        return name(day) == name(asked)

    # Events

    def event(self, rule: Any, who: str) -> bool:
        table = self.catalogue.tables[rule["event"]]
        events = self.existing(table, who)
        time = table.meaning("order_time").name
        which = rule.get("which", "any")
        if which != "any":
            events = [e for e in events if e[time] is not None]
            keys = {}
            for e in events:  # an event counts once, whatever its number of rows
                key = e[table.key] if table.key else id(e)
                at = (self.clock(e[time]), key)
                keys[key] = min(keys.get(key, at), at)
            ordered = sorted(keys.values())
            chosen = {
                "first": ordered[:1],
                "last": ordered[-1:],
                "repeat": ordered[1:],
            }[which]
            names = {key for _, key in chosen}
            events = [e for e in events if (e[table.key] if table.key else id(e)) in names]
        period = rule.get("period")
        if period is not None:
            events = [e for e in events if e[time] is not None and self.during(e[time], period)]
        joined = [(e, combination) for e in events for combination in self.join(table, e)]
        where = rule.get("where")
        if where is not None and not where.get("off"):
            joined = [(e, rows) for e, rows in joined if self.row_matches(where, rows)]
        return self.measured(rule, table, joined, time)

    def existing(self, table: CatalogueTable, who: str) -> list[Row]:
        time = table.meaning("order_time")
        flags = [c.name for c in map(table.meaning, ("returned", "cancelled")) if c]
        return [
            r
            for r in self.tables[table.name]
            if r[table.customer] == who
            and not any(r[f] for f in flags)
            and (r[time.name] is None or self.order(r[time.name], self.now) <= 0)
        ]

    def clock(self, value: Any) -> Any:
        return self.instant(value) if isinstance(value, datetime) else value

    def during(self, time: Any, period: Any) -> bool:
        if "last" in period:
            return self.span("is_in_last", time, period["last"], period["unit"])
        return period["from"] <= self.day(time).isoformat() <= period["to"]

    def join(self, table: CatalogueTable, event: Row) -> list[dict[str, Row | None]]:
        """The event with every table it leads to: first back to details, then forward."""
        found = [{table.name: event}]
        for other in self.catalogue.tables.values():
            for join in other.joins:
                if join.table == table.name and other.name != table.name:
                    details: list[Row | None] = [
                        r
                        for r in self.tables[other.name]
                        if r[join.column] is not None and r[join.column] == event[join.to_column]
                    ] or [None]
                    found = [
                        {**f, **more}
                        for f, d in product(found, details)
                        for more in (self.join_forward(other, d) if d else [{other.name: None}])
                    ]
        return [{**f, **more} for f in found for more in self.join_forward(table, event)]

    def join_forward(self, table: CatalogueTable, row: Row) -> list[dict[str, Row | None]]:
        found: list[dict[str, Row | None]] = [{table.name: row}]
        for join in table.joins:
            targets: list[Row | None] = [
                r
                for r in self.tables[join.table]
                if r[join.to_column] is not None and r[join.to_column] == row[join.column]
            ] or [None]
            found = [{**f, join.table: t} for f in found for t in targets]
        return found

    def row_matches(self, where: Any, rows: Mapping[str, Row | None]) -> bool:
        for word, verdict in (("all", all), ("any", any)):
            if word in where:
                return verdict(self.row_matches(r, rows) for r in where[word] if not r.get("off"))
        if "none" in where:
            return not any(self.row_matches(r, rows) for r in where["none"] if not r.get("off"))
        table, _, column = where["attribute"].partition(".")
        row = rows.get(table)
        return self.compare(where, row[column] if row else None, self.kind(table, column))

    def measured(self, rule: Any, table: CatalogueTable, joined: list[Any], time: str) -> bool:
        measure = rule.get("measure", "count")
        keys = {self.key(table, e) for e, _ in joined}
        asked = {"operator": "at_least", "value": 1, **rule}
        if measure == "count":
            return self.compare(asked, len(keys), "number")
        if measure in ("first", "last"):
            kind = table.columns[time].type
            times = [e[time] for e, _ in joined if e[time] is not None]
            if not times:
                return self.compare(asked, None, kind)
            chosen = (min if measure == "first" else max)(times, key=self.clock)
            return self.compare(asked, chosen, kind)
        default = table.meaning("order_value")
        of = rule.get("of") or f"{table.name}.{default.name if default else ''}"
        name, _, column = of.partition(".")
        other = self.catalogue.tables[name]
        if measure == "most_frequent":
            return self.most_frequent(asked, table, joined, name, column)
        values = {
            self.key(other, rows[name]): rows[name][column] for _, rows in joined if rows.get(name)
        }
        numbers = [v for v in values.values() if v is not None]
        if measure == "total":
            return self.compare(asked, sum(numbers), "number")
        if not numbers:
            return self.compare(asked, None, "number")
        result = {
            "average": sum(numbers) / len(numbers),
            "lowest": min(numbers),
            "highest": max(numbers),
        }[measure]
        return self.compare(asked, result, "number")

    def key(self, table: CatalogueTable, row: Row) -> Any:
        return row[table.key] if table.key else id(row)

    def most_frequent(
        self, rule: Any, table: CatalogueTable, joined: list[Any], name: str, column: str
    ) -> bool:
        kind = self.kind(name, column)
        seen = set()
        for e, rows in joined:
            row = rows.get(name)
            value = row[column] if row else None
            if kind == "text" and value is not None:
                value = value.strip(WHITE)
                value = (low(value) if rule.get("ignore_case", True) else value) or None
            if value is not None:
                seen.add((value, self.key(table, e)))
        times = Counter(value for value, _ in seen)
        most = [v for v, n in times.items() if n == max(times.values())] or [None]
        negative = "not" in rule["operator"].split("_")
        verdicts = [self.compare(rule, v, kind) for v in most]
        return all(verdicts) if negative else any(verdicts)
