"""The product measured beside the fastest plain way to do the same work: ``make bench``."""
