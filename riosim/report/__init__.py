"""What a run found, for people: tables and one HTML file."""
