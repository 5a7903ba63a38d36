"""The virtual side: a twin that observes, learns online, forecasts and decides. Imports nothing heavy by itself."""

__version__ = "0.1.0"
