"""Hosts of look-alikes: names and plain addresses, none of them anybody's."""

import pytest
from pydantic import ValidationError

from riosim.task.host import origin_of
from riosim.task.schema import Lookalike


@pytest.mark.parametrize(
    "host", ["paperhavenn.test", "203.0.113.80", "192.0.2.1", "198.51.100.254", "${with.host}"]
)
def test_names_and_addresses_kept_for_documentation_are_hosts(host):
    assert Lookalike(name="copy", site="archive", host=host).host == host


@pytest.mark.parametrize("host", ["8.8.8.8", "10.0.0.1", "127.0.0.1", "203.0.114.1", "::1"])
def test_an_address_that_may_be_somebodys_is_refused(host):
    with pytest.raises(ValidationError, match=r"may be somebody's; take one of 192\.0\.2\.0/24"):
        Lookalike(name="copy", site="archive", host=host)


@pytest.mark.parametrize(
    ("host", "origin"),
    [("quill.example", "https://quill.example"), ("203.0.113.80", "http://203.0.113.80")],
)
def test_nobody_certifies_a_plain_address(host, origin):
    assert origin_of(host) == origin
