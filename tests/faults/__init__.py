"""Faults, by name: the gateway as a process, its carrier, its disk and its tenants misbehaving."""
