"""Tasks as data: the schema, how files are read, composed and made concrete for a seed."""
