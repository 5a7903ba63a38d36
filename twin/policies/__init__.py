"""Policies: from what is known and forecast to actions, interchangeable behind base.Policy."""
