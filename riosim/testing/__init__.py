"""For authors of plug-ins: fakes to test with and contract suites to pass."""
