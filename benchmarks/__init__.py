"""What `make bench` measures: the figures of the design, on the machine that runs it."""
