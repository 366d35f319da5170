"""One step a file, in the order of their names. A step that was released is never changed."""
