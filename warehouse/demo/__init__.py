"""Customer tables to try Muster with: a real shop's year, or a made-up brand of any size.

Both write the same tables as Parquet files, which are then loaded as a brand's own would be:
customer_360, merged_customers, orders, order_items, products, stores, campaign_history.
"""
