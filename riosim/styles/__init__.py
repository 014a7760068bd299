"""What of an observation a model is shown: pictures, trees, numbered boxes; pure functions."""
