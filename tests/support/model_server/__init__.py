"""A local server that speaks the real protocols of model vendors, faults included."""
