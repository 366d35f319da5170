"""How the tables of a store came to be, step by step; `widget/migrate.py` takes an earlier store through them."""
