"""The durable stores: each a module found by its URL's scheme, held by `tests/contract/test_store.py`."""
