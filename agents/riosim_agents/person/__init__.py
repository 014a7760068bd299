"""The page through which a person plays."""
