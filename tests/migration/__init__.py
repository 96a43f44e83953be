"""Stores of earlier releases, with data in them, and how they come to be."""
