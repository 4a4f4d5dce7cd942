"""Requests and answers, one module a domain."""
