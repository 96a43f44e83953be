"""The composition root: a configuration becomes a running gateway, in order, and ends in order."""

from gateway.app.app import App

__all__ = ["App"]
