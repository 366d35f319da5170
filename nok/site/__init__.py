"""The site as a whole: gathered, built, written into a slot, checked."""
