"""Policies: from what is measured and forecast to actions, interchangeable behind base.Policy."""
