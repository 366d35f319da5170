"""Measurements of a whole country: a generator of data, what peers are given, and the table of figures."""
