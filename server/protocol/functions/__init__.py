"""Declarations of the functions, one module a domain; the catalogue joins them."""
