"""The wires: each folder speaks one documented API and holds no rules of its own.

Every folder has the same rooms: `routes` (the documented paths), `schemas` (their bodies), `errors` (one table from
our errors to the document's).
"""
