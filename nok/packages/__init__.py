"""The border where data packages are read, checked and written."""
