"""The library behind `publish.py`: data packages in; a site, open data and posters out."""

import os

# openpyxl writes other bytes where lxml happens to be installed; the same input must give the same workbook everywhere.
os.environ["OPENPYXL_LXML"] = "False"

__version__ = "0.1.0"
