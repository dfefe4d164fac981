"""Segments that are written in SQL: one SELECT of customer ids, read, refused or run apart."""
