"""What the documentation shows is so: its examples work, its lists are whole, its links lead."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import call_command, load_command_class
from django.urls import get_resolver

from accounts import roles
from campaigns import layout
from campaigns.definition import Definition, Group, Part, Target
from campaigns.models import Campaign
from campaigns.split import split
from core import failpoints
from destinations.attentive.sandbox import behaviour
from destinations.models import Destination
from manifests.reading import read
from runs.models import BatchState, DeliveryState, RunState
from segments import lists, rules
from segments.models import Segment
from segments.numbers import counting
from segments.rules.operators import MEASURES, OPERATORS, PERIODS, UNITS, WHICH
from warehouse import identifiers
from warehouse.catalogue import current
from warehouse.models import Join, Semantic

BASE_DIR = Path(__file__).resolve().parents[1]
DOCS = BASE_DIR / "docs"
PAGES = [
    *sorted(DOCS.glob("*.md")),
    *(BASE_DIR / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    BASE_DIR / "benchmarks/README.md",
]
TOP = ("accounts", "benchmarks", "campaigns", "config", "core", "demo", "destinations", "docs")
TOP += ("manifests", "requirements", "runs", "segments", "static", "templates", "tests")
TOP += ("warehouse",)

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    return (DOCS / name).read_text()


def blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language, without the indent of a list."""
    return [
        re.sub(f"^{indent}", "", text, flags=re.MULTILINE)
        for indent, of, text in FENCE.findall(page(name))
        if of == language
    ]


def prose(text: str) -> str:
    return FENCE.sub("", text)


def table(name: str, header: str) -> list[list[str]]:
    """The cells of the one table of a page that has this header row."""
    lines = [line.strip() for line in page(name).splitlines()]
    assert lines.count(header) == 1, header
    rows = []
    for line in lines[lines.index(header) + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line[1:-1].split("|")])
    return rows


def words(cells: Sequence[str]) -> set[str]:
    """All that stands between backticks."""
    return {word for cell in cells for word in re.findall(r"`([^`\n]+)`", prose(cell))}


# Links


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose(path.read_text()), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")
        for heading in headings
    }


def links(path: Path) -> Iterator[str]:
    yield from re.findall(r"\]\(([^)\s]+)\)", prose(path.read_text()))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_links_lead_somewhere(path):
    lost = []
    for link in links(path):
        if re.match(r"[a-z]+:", link):
            continue
        if link.startswith("docs/images/") and not (DOCS / "images").exists():
            continue  # no screenshots were taken yet
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_files_that_are_named_are_there(path):
    named = re.findall(r"`([\w./-]+)`", prose(path.read_text()))
    paths = [name for name in named if name.split("/")[0] in TOP and "/" in name]
    made = ("static/vendor",)  # by the build
    assert [
        name
        for name in paths
        if not (BASE_DIR / name).exists()
        and not name.startswith(made)
        and not {"NAME", "APP"} & set(name.split("/"))
    ] == []


@pytest.mark.parametrize("path", sorted(DOCS.glob("*.md")), ids=lambda path: path.name)
def test_commands_that_are_named_are_there(path):
    apps = ("manifests", "runs", "segments", "warehouse", "destinations")
    ours = {
        file.stem: app
        for app in apps
        for file in (BASE_DIR / app / "management/commands").glob("[a-z]*.py")
    }
    django = {"check", "collectstatic", "createsuperuser", "makemigrations", "migrate", "shell"}
    for name, rest in re.findall(r"manage\.py (\w+)([^`\n|#]*)", path.read_text()):
        assert name in ours or name in django, name
        if name in ours:
            parser = load_command_class(ours[name], name).create_parser("manage.py", name)
            for option in re.findall(r"--[a-z-]+", rest):
                assert option in parser._option_string_actions, f"{name} {option}"


# A shop as the pages describe it

SHOP = {
    "customer_360": {
        "customer_id": ["c1", "c2", "c3", "c4"],
        "loyalty_tier": ["Gold", "Silver", None, " "],
        "household_income": ["50-74K", "75-99K", "250K+", None],
        "age": [25, 40, None, 67],
        "birth_date": [date(2001, 3, 4), date(1986, 3, 4), None, date(1959, 2, 28)],
        "last_seen": pa.array([datetime(2026, 3, 1, 9), None, None, None], pa.timestamp("us")),
        "sms_opt_in": [True, False, None, True],
    },
    "merged_customers": {
        "customer_id": ["c1", "c2", "c3", "c4"],
        "email": ["ana@example.com", "bo@example.org", None, "cy@example.com"],
        "phone": ["+12125550143", "(212) 555-0144", None, "+12125550145"],
    },
    "orders": {
        "order_id": ["o1", "o2", "o3"],
        "customer_id": ["c1", "c1", "c2"],
        "order_datetime": pa.array(
            [datetime(2026, 1, 5, 9), datetime(2026, 3, 1, 9), datetime(2025, 12, 24, 18)],
            pa.timestamp("us"),
        ),
        "order_value": [12.5, 30.0, 7.25],
        "returned": [False, False, False],
        "channel": ["online", "online", "store"],
        "store_id": ["s1", "s1", "s1"],
    },
    "order_items": {
        "item_id": ["i1", "i2", "i3"],
        "order_id": ["o1", "o2", "o3"],
        "product_id": ["p1", "p2", "p1"],
        "item_revenue": [12.5, 30.0, 7.25],
    },
    "products": {
        "product_id": ["p1", "p2"],
        "category": ["Coffee", "Tea"],
        "brand": ["House", "Other"],
    },
    "stores": {"store_id": ["s1"], "city": ["Boston"]},
}


@pytest.fixture
def shop(warehouse):
    return warehouse(SHOP)


# rules.md

EXAMPLES = blocks("rules.md", "yaml")


@pytest.mark.parametrize("text", EXAMPLES)
def test_a_rule_that_is_shown_can_be_read_and_written(text):
    rule = rules.parse(read(text))
    assert rules.parse(rules.to_json(rule)) == rule


def test_rules_that_are_shown_can_be_counted(shop):
    everyone = {"all": []}
    for name in ("Coffee lovers", "Staff"):
        Segment.objects.create(name=name, rule=everyone, version=1)
    lists.store("VIPs", ["c1", "c4"], None)
    context = counting.context(datetime(2026, 3, 4, 12, tzinfo=UTC))
    counts = [counting.count(read(text), context) for text in EXAMPLES]
    assert len(counts) > 50
    assert all(0 <= count <= 4 for count in counts)
    assert len(set(counts)) == 5


def test_is_and_is_not_stand_in_the_table_of_blanks_as_they_are_counted(shop):
    context = counting.context()
    answers = {}
    for heading in ("is Gold", "is_not Gold", "is_blank"):
        operator, _, value = heading.partition(" ")
        rule = {"attribute": "customer_360.loyalty_tier", "operator": operator}
        rule |= {"value": value} if value else {}
        for tier, who in {"Gold": "c1", "Silver": "c2", "blank": "c3"}.items():
            one = {"attribute": "customer_360.customer_id", "operator": "is", "value": who}
            found = counting.count({"all": [rule, one]}, context)
            answers[tier, heading] = "yes" if found else "no"
    shown = table("rules.md", "| `loyalty_tier` | `is Gold` | `is_not Gold` | `is_blank` |")
    for tier, *cells in shown:
        for heading, cell in zip(("is Gold", "is_not Gold", "is_blank"), cells, strict=True):
            assert cell.strip("*") == answers[tier, heading], (tier, heading)


def test_every_operator_has_an_example():
    shown = {(node.get("operator"),) for text in EXAMPLES for node in nodes(read(text))}
    known = {(operator,) for operators in OPERATORS.values() for operator in operators}
    assert known - shown == set()


def test_every_word_of_the_language_is_explained():
    told = words([page("rules.md")])
    for word in (*MEASURES, *WHICH, *UNITS, *PERIODS, "off", "ignore_case", "of", "where"):
        assert word in told, word


FAULTY = """
all:
  - {attribute: customer_360.age, operator: contains, value: 3}
  - {event: orders, where: {attribute: stores.city, operator: is, value: Boston},
     period: {from: 2026-12-31, to: 2026-01-01}}
"""


def test_faults_of_a_rule_are_told_as_they_are_shown(warehouse):
    warehouse(SHOP)
    Join.objects.all().delete()  # so that orders lead nowhere
    faults = [str(fault) for fault in rules.check(read(FAULTY), current())]
    (shown,) = (text for text in blocks("rules.md", "") if "all[0]" in text)
    assert len(faults) == len(shown.splitlines())
    for fault, line in zip(faults, shown.splitlines(), strict=True):
        assert fault.startswith(line.removesuffix("..."))


def nodes(value) -> Iterator[dict]:
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from nodes(each)
    elif isinstance(value, list):
        for each in value:
            yield from nodes(each)


# manifest.md


def test_faults_of_a_manifest_are_told_as_they_are_shown(example):
    text = example.read_text()
    text = text.replace("early access, split: 90", "early access, split: 80")
    example.write_text(text.replace("include: [Coffee lovers]", "include: [Cofee lovers]"))
    (shown,) = (block for block in blocks("manifest.md", "") if "Splits add up" in block)
    told = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("apply", str(example), stdout=StringIO(), stderr=told)
    assert stopped.value.code == 2
    assert sorted(told.getvalue().splitlines()) == sorted(shown.splitlines())


def test_the_plan_looks_as_it_is_shown(example):
    call_command("apply", str(example), stdout=StringIO())
    Campaign.objects.all().delete()
    Segment.objects.filter(name="Coffee lovers").update(description="Coffee in a quarter")
    out = StringIO()
    call_command("apply", str(example), "--dry-run", stdout=out)
    (shown,) = (block for block in blocks("manifest.md", "") if "to create, 1" in block)
    *steps, _ = shown.splitlines()  # of a shorter file
    assert set(steps) <= set(out.getvalue().splitlines())


@pytest.fixture
def example(shop, tmp_path, monkeypatch) -> Path:
    """The long example of the page, as a file with its list beside it."""
    monkeypatch.setenv("ATTENTIVE_TOKEN", "the-token")
    path = tmp_path / "brand.yaml"
    path.write_text(max(blocks("manifest.md", "yaml"), key=len))
    (tmp_path / "vips.csv").write_text("customer_id\nc1\nc4\n")
    return path


def test_the_manifest_that_is_shown_has_no_fault(example):
    out = StringIO()
    call_command("apply", str(example), "--dry-run", stdout=out)
    assert "A dry run: nothing was changed." in out.getvalue()
    assert not Campaign.objects.exists()


def test_the_manifest_that_is_shown_sets_up_what_it_says_and_comes_back(example, tmp_path):
    call_command("apply", str(example), stdout=StringIO())
    assert Destination.objects.get().default_attributes.source == "merged_customers.phone"
    assert Segment.objects.filter(left_out_by_default=True).get().name == "Staff"
    exported, again = StringIO(), StringIO()
    call_command("export", stdout=exported, stderr=StringIO())
    (tmp_path / "exported.yaml").write_text(exported.getvalue())
    call_command("apply", str(tmp_path / "exported.yaml"), stdout=again)
    assert again.getvalue().splitlines()[-1].startswith("0 to create, 0 to change, ")


def test_each_delivery_that_is_shown_is_one(example):
    text = example.read_text()
    shown = [row[0].strip("`") for row in table("manifest.md", "| `delivery` | Means |")]
    assert len(shown) == 7
    for delivery in shown:
        example.write_text(
            re.sub(r"(?m)^    delivery: .*$", lambda _, d=delivery: f"    delivery: {d}", text)
        )
        if delivery != "{when: now}":
            repeats = "at: " not in delivery or "every" in delivery
            date_of = "{days: 1}" if repeats else "2026-12-02"
            example.write_text(
                re.sub(
                    r"(?m)^    messages_from: .*$",
                    f"    messages_from: {date_of}",
                    example.read_text(),
                )
            )
        call_command("apply", str(example), "--dry-run", stdout=StringIO())


def test_the_meanings_that_a_column_can_have_are_listed():
    told = words([page("manifest.md")])
    assert set(Semantic.values) - told == set()


# who-is-sent.md

WHO = "who-is-sent.md"
PEOPLE = "| Customer | Tier | Phone in the warehouse | Opt-in | Group | Outcome | Sent |"
FIGURES = "| Group | Customers | Filtered | No identifier | Invalid | Duplicate | To send |"


def example_split(tmp_path: Path):
    rows = table(WHO, PEOPLE)
    names = ["Gold held out", "Gold early access", "Text A", "Text B"]
    gold = Part(
        "gold",
        "Gold",
        "gold-2026",
        {"all": []},
        (Group("g0", names[0], 50, True), Group("g1", names[1], 50, False, (1,))),
    )
    rest = Part(
        "rest",
        "Remaining audience members",
        "rest-2026",
        None,
        (Group("g2", names[2], 50, False, (1,)), Group("g3", names[3], 50, False, (1,))),
    )
    source = "merged_customers.phone"
    target = Target(1, "Attentive", "{campaign}_{group}", "phone", source, {"all": []})
    definition = Definition("c", "Autumn coffee 2026", (), (), True, (gold, rest), (target,))
    snapshot = pa.table(
        {
            layout.CUSTOMER: [row[0] for row in rows],
            layout.EXCLUDED: pa.nulls(len(rows), pa.int32()),
            layout.PART: pa.array([0 if row[1] == "Gold" else 1 for row in rows], pa.int32()),
            layout.value(0): pa.array([row[2].strip("`") or None for row in rows], pa.string()),
            layout.allowed(0): [row[3] == "yes" for row in rows],
        }
    )
    pq.write_table(snapshot, tmp_path / "snapshot.parquet")
    figures = split(tmp_path / "snapshot.parquet", tmp_path / "members.parquet", definition)
    members = pq.read_table(tmp_path / "members.parquet").to_pylist()
    shown = [
        [
            row["customer_id"],
            definition.parts[row["part"]].groups[row["group"]].name,
            row["outcome"] + (f": {row['reason']}" if row["reason"] else ""),
            f"`{row['identifier']}`" if row["identifier"] else "",
        ]
        for row in sorted(members, key=lambda row: row["customer_id"])
    ]
    return definition, figures, shown


def test_the_worked_example_is_split_as_the_page_says(tmp_path):
    _, _, shown = example_split(tmp_path)
    assert [[row[0], *row[4:]] for row in table(WHO, PEOPLE)] == shown


def test_the_worked_example_adds_up(tmp_path):
    definition, figures, _ = example_split(tmp_path)
    assert figures.adds_up
    counted = [
        [
            definition.parts[each.part].groups[each.group].name,
            each.customers,
            each.filtered,
            each.no_identifier,
            each.invalid,
            each.duplicate,
            each.to_send,
        ]
        for each in figures.deliveries
    ]
    told = [[row[0], *map(int, row[1:])] for row in table(WHO, FIGURES)]
    assert told == counted
    assert f"{figures.audience} customers" in page(WHO)
    assert f"{figures.control} held out" in page(WHO)


def test_the_reasons_of_an_invalid_identifier_are_all_told():
    reasons = {
        value
        for name, value in vars(identifiers).items()
        if name.startswith(("NOT_", "TOO_", "NO_", "BAD_", "UNKNOWN_")) and isinstance(value, str)
    }
    assert reasons - words([page(WHO)]) == set()


# delivery.md


def test_every_state_is_explained():
    for header, states in {
        "| State of a run | Shown as | Means |": RunState,
        "| State of a delivery | Means |": DeliveryState,
        "| State of a batch | Means |": BatchState,
    }.items():
        told = words([row[0] for row in table("delivery.md", header)])
        assert told == set(states.values), header


def test_every_failpoint_is_listed():
    told = set()
    for stage, points, *_ in table("delivery.md", "| Stage | Points | Where |"):
        told |= {f"{stage.strip('`')}.{point}" for point in words([points])}
    assert told == failpoints.NAMES


# attentive.md


def test_the_sandboxs_settings_and_faults_are_listed():
    settings = table("attentive.md", "| Setting | Default | Means |")
    assert words([row[0] for row in settings]) == set(vars(behaviour.Behaviour()))
    faults = table("attentive.md", "| Fault | What happens | Details |")
    assert {row[0].strip("`") for row in faults} == set(behaviour.KINDS)


def test_the_sandboxs_control_endpoints_are_listed():
    routes = {
        f"/{pattern.pattern}"
        for pattern in get_resolver("destinations.attentive.sandbox.urls").url_patterns
        if str(pattern.pattern).startswith("sandbox/")
    }
    told = {row[0].strip("`") for row in table("attentive.md", "| Control endpoint | Does |")}
    assert {route.replace("<path:external_id>", "EXTERNAL_ID") for route in routes} == told


# install.md


def test_the_roles_are_those_of_the_page():
    told = {row[0] for row in table("install.md", "| Role | May |")}
    assert told == set(roles.ROLES)
