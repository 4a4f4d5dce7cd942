"""The ledger: every published figure as a row of data, with what it depends on.

``rows.jsonl`` holds the figures of the gate, ``outcomes/`` what each picture contributed to them, and
``sections.jsonl`` the tables of the other benchmarks. ``docs/benchmarks.md`` is rendered from them, and a
figure whose sources have changed since it was measured is marked stale there.
"""
