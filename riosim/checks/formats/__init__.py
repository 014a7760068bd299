"""Readers of the file formats that checks look into. Every input is hostile: bytes in, text out."""
