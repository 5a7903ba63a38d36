"""Surrogates: models of the plant that learn online, interchangeable behind base.Surrogate."""
