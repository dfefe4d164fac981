"""The catalogue: what the customer tables hold and what their columns mean."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower


class Type(models.TextChoices):
    """What a column holds, as the rule language sees it."""

    TEXT = "text", "Text"
    NUMBER = "number", "Number"
    DATE = "date", "Date"
    TIME = "time", "Date and time"
    YES_NO = "yes_no", "Yes or no"


class Semantic(models.TextChoices):
    """What a column means, whatever it is called."""

    CUSTOMER_ID = "customer_id", "Customer id"
    EMAIL = "email", "Email"
    PHONE = "phone", "Phone"
    GIVEN_NAME = "given_name", "Given name"
    SURNAME = "surname", "Surname"
    FULL_NAME = "full_name", "Full name"
    ADDRESS = "address", "Street address"
    CITY = "city", "City"
    STATE = "state", "State"
    POSTAL_CODE = "postal_code", "Postal code"
    COUNTRY = "country", "Country"
    BIRTH_DATE = "birth_date", "Birth date"
    ORDER_ID = "order_id", "Order id"
    ORDER_TIME = "order_time", "Order or event time"
    ORDER_VALUE = "order_value", "Order value"
    QUANTITY = "quantity", "Quantity"
    RETURNED = "returned", "Returned"
    CANCELLED = "cancelled", "Cancelled"
    PRODUCT_ID = "product_id", "Product id"
    PRODUCT_NAME = "product_name", "Product name"
    CATEGORY = "category", "Category"
    BRAND = "brand", "Brand"
    STORE = "store", "Store"
    CHANNEL = "channel", "Channel"


class Table(models.Model):
    """A table of the warehouse. ``gone`` once the warehouse no longer has it."""

    name = models.CharField(max_length=200)
    label = models.CharField(max_length=200)
    key = models.CharField(
        max_length=200, blank=True, help_text="The column that names a row, alone."
    )
    customer = models.CharField(
        "customer column",
        max_length=200,
        blank=True,
        help_text="The column with the customer id; empty for tables such as products.",
    )
    one_per_customer = models.BooleanField(
        "one row a customer",
        default=False,
        help_text="Its columns are customer attributes; otherwise its rows are events.",
    )
    rows = models.BigIntegerField(null=True, editable=False)
    gone = models.BooleanField(default=False, editable=False)
    corrected = models.BooleanField(
        default=False, help_text="Key and customer column are yours; syncing keeps them."
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="table_name_unique",
                violation_error_message="The catalogue has this table already.",
            )
        ]

    def __str__(self) -> str:
        return self.label


class Attribute(models.Model):
    """A column of a table."""

    table = models.ForeignKey(Table, models.CASCADE, related_name="attributes")
    name = models.CharField(max_length=200)
    label = models.CharField(max_length=200)
    position = models.PositiveIntegerField(default=0, editable=False)
    type = models.CharField(max_length=10, choices=Type)
    semantic = models.CharField(max_length=20, choices=Semantic, blank=True)
    corrected = models.BooleanField(
        default=False, help_text="The meaning is yours; syncing keeps it."
    )
    filled = models.BigIntegerField(null=True, editable=False, help_text="Rows that are not blank.")
    zoned = models.BooleanField(
        default=False, editable=False, help_text="Its times carry their zone."
    )
    facts = models.JSONField(
        default=list,
        editable=False,
        help_text="What holds for all values of this data: unique, trimmed, lower.",
    )
    gone = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["table", "position"]
        constraints = [
            models.UniqueConstraint("table", Lower("name"), name="attribute_name_unique")
        ]

    def __str__(self) -> str:
        return self.label


class Join(models.Model):
    """Rows of ``table`` lead to the row of ``to_table`` whose ``to_column`` they name."""

    table = models.ForeignKey(Table, models.CASCADE, related_name="joins")
    column = models.CharField(max_length=200)
    to_table = models.ForeignKey(Table, models.CASCADE, related_name="joined_by")
    to_column = models.CharField(max_length=200)
    corrected = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint("table", Lower("column"), "to_table", name="join_unique")
        ]

    def __str__(self) -> str:
        return f"{self.table.name}.{self.column} -> {self.to_table.name}.{self.to_column}"


class Sync(models.Model):
    """The last time the catalogue was read from the warehouse (one row, pk 1)."""

    data_version = models.CharField(max_length=64)
    synced_at = models.DateTimeField()
    base_table = models.CharField(
        max_length=200,
        blank=True,
        help_text="Everyone is the customer ids of this table; empty: customer_360, "
        "without one merged_customers.",
    )

    def __str__(self) -> str:
        return f"Catalogue of data version {self.data_version}"
