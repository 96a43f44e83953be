"""Tests by cost: unit, contract, wire, faults, property, acceptance, migration, architecture, load."""
