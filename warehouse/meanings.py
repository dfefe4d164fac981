"""What names say: labels, ids, and the meaning that a column's name and type suggest."""

from __future__ import annotations

import re
from collections.abc import Iterable

from warehouse.models import Semantic, Type

# Names of a customer id, the surest first.
CUSTOMER_WORDS = (
    "customer_id customer_key customer_number customer_no cust_id cust_no customer amperity_id "
    "client_id household_id household_key member_id user_id shopper_id profile_id person_id "
    "contact_id subscriber_id consumer_id guest_id patron_id account_id"
)
CUSTOMER_NAMES = CUSTOMER_WORDS.split()

# Tables with one row for each customer, and everyone in it.
BASE_TABLES = ("customer_360", "merged_customers")

IDS = re.compile(
    r"(^|_)(id|ids|guid|uuid|key|code|zip|zipcode|postal|postcode|sku|upc|ean|gtin|barcode"
    r"|msisdn|isbn|ssn)(_\d+)?$|_(number|no|nr)$"
)
PHONES = re.compile(
    r"(^|_)(phone|telephone|tel|mobile|cell|fax)"
    r"(_(number|no|nr|primary|secondary|home|work|mobile|e164|\d+))?$"
)
EMAILS = re.compile(r"(^|_)(e_mail|email)(_(address|addr|primary|secondary|\d+))?$")
FLAGS = re.compile(
    r"^(is|has|can|was|opted|wants|accepts)_|_(flag|opt_in|opted_in|optin|consent|subscribed)$"
    r"|^(returned|cancelled|canceled|active|subscribed)$"
)
PLACES = re.compile(r"^(billing|shipping|ship|bill|mailing|home|primary|delivery)_(to_)?")
EVENTS = re.compile(
    r"(^|_)(orders|order_items|order_lines|transactions|purchases|visits|events|sessions|clicks"
    r"|redemptions|returns|history|log)$"
)

# For each meaning the names that carry it, the surest first.
WORDS = {
    Semantic.GIVEN_NAME: "given_name first_name firstname forename fname",
    Semantic.SURNAME: "surname last_name lastname family_name lname",
    Semantic.FULL_NAME: "full_name fullname customer_name",
    Semantic.ADDRESS: (
        "address street_address address_line_1 address_line1 address1 address_1 street"
    ),
    Semantic.CITY: "city town locality",
    Semantic.STATE: "state province state_code state_province region_code",
    Semantic.POSTAL_CODE: "postal_code postcode zip_code zipcode zip postal",
    Semantic.COUNTRY: "country country_code country_name",
    Semantic.BIRTH_DATE: "birth_date birthdate date_of_birth birthday dob",
    Semantic.ORDER_ID: (
        "order_id order_number order_no transaction_id basket_id invoice_id receipt_id purchase_id"
    ),
    Semantic.ORDER_TIME: (
        "order_datetime order_time order_timestamp ordered_at order_date purchase_datetime "
        "purchase_time purchased_at purchase_date transaction_timestamp transaction_datetime "
        "transaction_time transaction_date event_datetime event_time event_timestamp occurred_at "
        "event_date visit_time visited_at visit_date redemption_date redeemed_at sent_at sent_time "
        "sent_date timestamp datetime created_at date"
    ),
    Semantic.ORDER_VALUE: (
        "order_value order_total order_amount order_revenue total_amount transaction_total "
        "transaction_amount item_revenue line_total item_total sales_value net_amount amount "
        "revenue total subtotal sales"
    ),
    Semantic.QUANTITY: "quantity qty item_quantity order_quantity units",
    Semantic.RETURNED: "is_returned is_return returned return_flag returned_flag",
    Semantic.CANCELLED: (
        "is_cancelled is_canceled cancelled canceled is_cancellation is_cancelation cancel_flag "
        "cancelled_flag"
    ),
    Semantic.PRODUCT_ID: "product_id product_key sku item_id article_id upc",
    Semantic.PRODUCT_NAME: "product_name product_title item_name product_description product_type",
    Semantic.CATEGORY: (
        "product_category category category_name item_category product_subcategory department"
    ),
    Semantic.BRAND: "product_brand brand brand_name",
    Semantic.STORE: "store_name store store_id store_number location_id",
    Semantic.CHANNEL: "purchase_channel order_channel sales_channel channel",
}
NAMES = {semantic: words.split() for semantic, words in WORDS.items()}
ALL_NAMES = frozenset(name for names in NAMES.values() for name in names)

TYPES: dict[Semantic, set[str]] = {
    Semantic.BIRTH_DATE: {Type.DATE, Type.TIME},
    Semantic.ORDER_TIME: {Type.DATE, Type.TIME},
    Semantic.ORDER_VALUE: {Type.NUMBER},
    Semantic.QUANTITY: {Type.NUMBER},
    Semantic.RETURNED: {Type.YES_NO},
    Semantic.CANCELLED: {Type.YES_NO},
    Semantic.ORDER_ID: {Type.TEXT, Type.NUMBER},
    Semantic.PRODUCT_ID: {Type.TEXT, Type.NUMBER},
    Semantic.STORE: {Type.TEXT, Type.NUMBER},
}

PERSONAL = {
    Semantic.GIVEN_NAME,
    Semantic.SURNAME,
    Semantic.FULL_NAME,
    Semantic.BIRTH_DATE,
}
POSTAL = {
    Semantic.ADDRESS,
    Semantic.CITY,
    Semantic.STATE,
    Semantic.POSTAL_CODE,
    Semantic.COUNTRY,
}


EVENT = {
    Semantic.ORDER_TIME,
    Semantic.ORDER_VALUE,
    Semantic.RETURNED,
    Semantic.CANCELLED,
    Semantic.CHANNEL,
}
OTHER_TIMES = re.compile(
    r"(^|_)(return|returned|cancel|cancelled|canceled|ship|shipped|deliver|delivered|update|updated"
    r"|birth|expire|expires|expiry|end|until|due)(_|$)"
)


def folded(name: str) -> str:
    """A name as words in lower case: ``OrderID`` and ``order id`` are ``order_id``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    words = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
    return re.sub(r"^(customer|order|product|household|member|user)id$", r"\1_id", words)


def label(name: str) -> str:
    """A name for people: ``household_income`` is ``Household income``."""
    words = folded(name).split("_")
    named = [{"id": "id", "sms": "SMS", "url": "URL", "sku": "SKU"}.get(w, w) for w in words]
    text = " ".join(word for word in named if word)
    return text[:1].upper() + text[1:] if text else name


def table_label(name: str) -> str:
    """``customer_360`` is ``Customer 360``, ``merged_customers`` ``Merged Customers``."""
    if folded(name) in BASE_TABLES:
        return folded(name).replace("_", " ").title()
    return label(name)


def singular(table: str) -> str:
    """The name of one row: ``orders`` holds an ``order``, ``categories`` a ``category``."""
    name = folded(table)
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name.removesuffix("s")


def customer_column(names: Iterable[str], *, base: bool = False) -> str:
    """The column named like a customer id, or ''. base: a plain ``id`` will do."""
    by_name = {folded(name): name for name in reversed(list(names))}
    wanted = [*CUSTOMER_NAMES, "id"] if base else CUSTOMER_NAMES
    return next((by_name[name] for name in wanted if name in by_name), "")


def is_id(name: str) -> bool:
    """Is the column named as what tells rows apart: an id, a code, a number of something?"""
    return bool(IDS.search(folded(name)))


def stays_text(name: str) -> bool:
    """Ids, codes and phones: digits in them are no amounts."""
    words = folded(name)
    return is_id(name) or words in CUSTOMER_NAMES or bool(PHONES.search(words))


def is_known(name: str) -> bool:
    """Does the name say what stands in the column: an id, contact data, any meaning?"""
    words = folded(name)
    return stays_text(name) or bool(EMAILS.search(words)) or words in ALL_NAMES


def is_flag(name: str) -> bool:
    """Is the column named as something that is so or is not so?"""
    return bool(FLAGS.search(folded(name)))


def rank(semantic: Semantic, name: str) -> int | None:
    """How sure the name is of the meaning: 0 the surest; None: it does not say so."""
    words = folded(name)
    if semantic in POSTAL:
        words = PLACES.sub("", words)
    try:
        return NAMES[semantic].index(words)
    except ValueError:
        return None
