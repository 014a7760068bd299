"""What the sites share and no visitor sees: storage, accounts, pages, forms. No look lives here."""

from riosim_world.sites.kit.accounts import Accounts, Sessions, digest
from riosim_world.sites.kit.data import seed_data
from riosim_world.sites.kit.doors import Doors
from riosim_world.sites.kit.forms import Form, Upload, read_form, whole
from riosim_world.sites.kit.member_site import MemberSite
from riosim_world.sites.kit.pages import Pages, found
from riosim_world.sites.kit.paging import Page, paginate
from riosim_world.sites.kit.seeding import open_accounts, sign_in_from
from riosim_world.sites.kit.store import Row, Store
from riosim_world.sites.kit.website import WebSite, known_keys

__all__ = [
    "Accounts",
    "Doors",
    "Form",
    "MemberSite",
    "Page",
    "Pages",
    "Row",
    "Sessions",
    "Store",
    "Upload",
    "WebSite",
    "digest",
    "found",
    "known_keys",
    "open_accounts",
    "paginate",
    "read_form",
    "seed_data",
    "sign_in_from",
    "whole",
]
