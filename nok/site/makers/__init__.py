"""What workers make: a module for each kind of page or file, from an opened publication into the slot."""
