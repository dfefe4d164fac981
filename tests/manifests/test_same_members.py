from datetime import UTC, datetime

import duckdb

from campaigns import snapshot, split
from campaigns.definition import freeze
from campaigns.models import Campaign
from destinations.models import Credential, Destination
from manifests import applying
from manifests.exporting import export
from segments.models import CustomerList, Segment

CUSTOMERS = 400
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TEXT = """
version: 1
credentials:
  - {name: Attentive, kind: attentive-api, token: {env: TOKEN}}
destinations:
  - name: Attentive
    kind: attentive-api
    credential: Attentive
    default_attributes: {phone: merged_customers.phone}
lists:
  - {name: VIPs, file: vips.csv}
segments:
  - name: Adults
    active: true
    rule: {attribute: customer_360.age, operator: at_least, value: 18}
  - name: VIPs of age
    active: true
    rule:
      all:
        - {segment: Adults}
        - {attribute: customer_360.customer_id, operator: is_in, value: {list: VIPs}}
campaigns:
  - name: Autumn coffee 2026
    include: [Adults]
    sub_audiences:
      - name: Very important
        segments: [VIPs of age]
        treatment_groups:
          - {name: Greeting, split: 70, destinations: [Attentive]}
          - {name: No greeting, split: 30, control: true}
    remaining:
      treatment_groups:
        - {name: Text A, split: 50, destinations: [Attentive]}
        - {name: Text B, split: 50, destinations: [Attentive]}
"""


def members(folder):
    definition = freeze(Campaign.objects.with_groups().get())
    frozen, found = folder / "snapshot.parquet", folder / "members.parquet"
    snapshot.build(definition, NOW, frozen)
    split.split(frozen, found, definition)
    columns = 'customer_id, part, "group", outcome, identifier'
    return duckdb.sql(f"SELECT {columns} FROM '{found}' ORDER BY ALL").fetchall()


def test_the_same_members_come_out_of_an_export_in_another_installation(warehouse, tmp_path):
    ids = [f"c{number:03}" for number in range(CUSTOMERS)]
    warehouse(
        {
            "customer_360": {"customer_id": ids, "age": [n % 90 for n in range(CUSTOMERS)]},
            "merged_customers": {
                "customer_id": ids,
                "phone": [f"+1212555{n % 390:04}" for n in range(CUSTOMERS)],
            },
        }
    )
    (tmp_path / "vips.csv").write_text("\n".join(ids[::3]))
    applying.apply(TEXT, tmp_path, {"TOKEN": "t"})
    before, text = members(tmp_path), export().text
    assert len({(part, group) for _, part, group, *_ in before}) == 4

    for model in (Campaign, Segment, Destination, Credential, CustomerList):
        model.objects.all().delete()
    (tmp_path / "VIPs.csv").write_text("\n".join(ids[::3]))
    applying.apply(text, tmp_path, {"ATTENTIVE_TOKEN": "t"})

    assert members(tmp_path) == before
