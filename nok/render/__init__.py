"""One file per artefact: a record goes in, text or bytes come out."""
