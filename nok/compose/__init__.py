"""From facts of the warehouse to page records, in the words of one language. No HTML, no files, no clock."""
