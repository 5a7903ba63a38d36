"""Batteries, generators and loads of a site."""
