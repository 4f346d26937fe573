"""Writes the dashboard of the published marts: a folder of HTML that opens from disk, and can be hosted or mailed.

`all` in the dashboard folder is a link to the newest one. docs/dashboard.md says what it shows.
"""

import time

from engagement import warehouse
from engagement.console import command_parser
from engagement.dashboard.folder import dashboard_folder, write_dashboard
from engagement.scores import owner_option


def main(argv: "list[str] | None" = None) -> int:
    parser = command_parser("dashboard", __doc__)
    parser.add_argument("--owner", metavar="ADDRESS", type=owner_option, help="only the accounts of this owner, without the monthly review and health")
    options = parser.parse_args(argv)
    place, began = warehouse.current(), time.monotonic()
    page, written = write_dashboard(place, dashboard_folder(place.folder), options.owner)
    print(
        f"Dashboard of version {written.version}: {page} ({written.accounts} accounts, {written.bytes / 1e6:.1f} MB,"
        f" {time.monotonic() - began:.1f} s)"
    )
    return 0
