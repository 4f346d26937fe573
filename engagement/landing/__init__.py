"""From files to raw tables: reads the files in RAW_DATA into typed tables, and remembers which file each row came from."""

from engagement.landing.contract import Sources, Table, read_contract
from engagement.landing.files import LandingError
from engagement.landing.store import land
from engagement.landing.tables import create_raw_tables

__all__ = ["LandingError", "Sources", "Table", "create_raw_tables", "land", "read_contract"]
