"""Rates, their numerators and denominators, and how sure one can be of them."""
