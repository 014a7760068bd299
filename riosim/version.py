"""The version of riosim, from the installed distribution."""

from importlib.metadata import PackageNotFoundError, version

__all__ = ["__version__"]

try:
    __version__ = version("riosim")
except PackageNotFoundError:  # used from a checkout that is not installed
    __version__ = "0.0.0"
