"""The library behind `publish.py`: data packages in; a site, open data and posters out."""

__version__ = "0.1.0"
