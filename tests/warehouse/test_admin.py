"""An admin reads facts and corrects guesses; a correction is the admin's from then on."""

import pytest
from django.urls import reverse

from warehouse.models import Attribute, Join, Table


@pytest.fixture
def items(warehouse):
    warehouse(
        {
            "order_items": {"order_id": ["1", "1", "2"], "note": ["a", "b", "c"]},
            "orders": {"order_id": ["1", "2"], "customer_id": ["x", "y"]},
        }
    )
    return Table.objects.get(name="order_items")


def page(table):
    return reverse("admin:warehouse_table_change", args=[table.pk])


def typed(response):
    """What the page's forms hold, as a browser would post it."""
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if value not in (None, False):
                data[bound.html_name] = value
    return data


def test_a_changed_meaning_is_kept_as_the_admins(admin_client, items):
    data = typed(admin_client.get(page(items)))
    place = next(
        name.removesuffix("label")
        for name in data
        if name.endswith("label") and data[name] == "Note"
    )
    response = admin_client.post(page(items), data | {f"{place}semantic": "product_name"})
    assert response.status_code == 302
    note = Attribute.objects.get(name="note")
    assert (note.semantic, note.corrected) == ("product_name", True)
    assert not Attribute.objects.exclude(pk=note.pk).filter(corrected=True).exists()


def test_a_join_to_a_column_that_is_not_there_is_refused(admin_client, items):
    data = typed(admin_client.get(page(items)))
    response = admin_client.post(page(items), data | {"joins-0-to_column": "nowhere"})
    assert "has no column &quot;nowhere&quot;" in response.content.decode()
    assert Join.objects.get(table=items).to_column == "order_id"


def test_the_pages_take_no_query_a_row(admin_client, items, django_assert_max_num_queries):
    Attribute.objects.bulk_create(
        Attribute(table=items, name=f"c{n}", label=f"C{n}", type="text") for n in range(30)
    )
    for n in range(10):
        other = Table.objects.create(name=f"t{n}", label=f"T{n}")
        Join.objects.create(table=items, column=f"c{n}", to_table=other, to_column="id")
    with django_assert_max_num_queries(15):
        admin_client.get(page(items))
    with django_assert_max_num_queries(10):
        admin_client.get(reverse("admin:warehouse_table_changelist"))


def test_rows_are_told_as_everywhere_else(admin_client, db):
    table = Table.objects.create(name="order_items", rows=1469307)
    for url in (reverse("admin:warehouse_table_changelist"), page(table)):
        assert "1,469,307" in admin_client.get(url).content.decode()
