import os
from pathlib import Path

import pytest

from manifests import applying
from manifests.exporting import export
from warehouse.models import Attribute, Join, Semantic, Sync, Table, Type

EXAMPLE = (Path(__file__).parent / "example.yaml").read_text()
TOKEN = "at-secret-token-of-the-example"

# table: one row a customer, its columns as name -> type or (type, semantic)
TABLES = {
    "customer_360": (
        True,
        {
            "customer_id": (Type.TEXT, Semantic.CUSTOMER_ID),
            "household_income": Type.TEXT,
            "loyalty_tier": Type.TEXT,
            "sms_opt_in": Type.YES_NO,
            "age": Type.NUMBER,
        },
    ),
    "merged_customers": (
        True,
        {
            "customer_id": (Type.TEXT, Semantic.CUSTOMER_ID),
            "email": (Type.TEXT, Semantic.EMAIL),
            "phone": (Type.TEXT, Semantic.PHONE),
        },
    ),
    "orders": (
        False,
        {
            "order_id": (Type.TEXT, Semantic.ORDER_ID),
            "customer_id": (Type.TEXT, Semantic.CUSTOMER_ID),
            "order_datetime": (Type.TIME, Semantic.ORDER_TIME),
            "amount": (Type.NUMBER, Semantic.ORDER_VALUE),
            "returned": (Type.YES_NO, Semantic.RETURNED),
            "note": Type.TEXT,
        },
    ),
    "order_items": (
        None,
        {"item_id": Type.TEXT, "order_id": Type.TEXT, "product_id": Type.TEXT},
    ),
    "products": (
        None,
        {
            "product_id": (Type.TEXT, Semantic.PRODUCT_ID),
            "category": (Type.TEXT, Semantic.CATEGORY),
        },
    ),
}
JOINS = (("order_items", "order_id", "orders"), ("order_items", "product_id", "products"))
KEYS = {"orders": "order_id", "order_items": "item_id", "products": "product_id"}


@pytest.fixture
def tables(db):
    """A catalogue like the one that syncing makes, without a warehouse."""
    for name, (one_per_customer, columns) in TABLES.items():
        table = Table.objects.create(
            name=name,
            label=name,
            key=KEYS.get(name, ""),
            customer="" if one_per_customer is None else "customer_id",
            one_per_customer=bool(one_per_customer),
        )
        for position, (column, kind) in enumerate(columns.items()):
            type_, semantic = kind if isinstance(kind, tuple) else (kind, "")
            Attribute.objects.create(
                table=table,
                name=column,
                label=column,
                position=position,
                type=type_,
                semantic=semantic,
            )
    for name, column, to_table in JOINS:
        Join.objects.create(
            table=Table.objects.get(name=name),
            column=column,
            to_table=Table.objects.get(name=to_table),
            to_column=column,
        )
    Sync.objects.create(data_version="1", synced_at="2026-11-24T00:00Z")


@pytest.fixture
def apply(tables, tmp_path):
    """Apply a manifest's text; lists lie in tmp_path."""

    def run(text, *, dry_run=False, environ=None):
        environ = {"ATTENTIVE_TOKEN": TOKEN} if environ is None else environ
        return applying.apply(text, tmp_path, environ, dry_run=dry_run)

    return run


@pytest.fixture
def exported(tables):
    return lambda: export().text


@pytest.fixture
def token(monkeypatch):
    monkeypatch.setenv("ATTENTIVE_TOKEN", TOKEN)
    assert os.environ["ATTENTIVE_TOKEN"] == TOKEN
