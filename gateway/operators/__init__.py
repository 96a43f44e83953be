"""Transports to carriers: one module each, found by the `kind` of its configuration."""
