"""Landing as a plugin of dbt-duckdb, so that plain `dbt build` works.

The macro `land_files` uses the source `landing.tables` before the first model. That source has `meta.plugin`, so
dbt-duckdb calls `load` here, once per run.
"""

import warnings
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import SourceConfig
from dbt.adapters.events.logging import AdapterLogger
from dbt.flags import get_flags
from dbt_common.exceptions import DbtRuntimeError

from engagement.journals import keep_or_take_back
from engagement.landing.contract import Sources
from engagement.landing.forgotten import read_forgotten
from engagement.landing.store import land, raw_data, refuse_the_sample
from engagement.landing.tables import TABLES
from engagement.paths import CommandError, database_file, serving_folder
from engagement.rules import Rules, rules_of_files
from engagement.seeds.check import FOLDER, refuse_faulty_seeds
from engagement.warehouse.duckdb_file import DuckDBFile

LOG = AdapterLogger("landing")
# dbt reads seeds with agate, which warns about empty columns left by spreadsheet programs
warnings.filterwarnings("ignore", category=RuntimeWarning, module="agate")


class Plugin(BasePlugin):
    """Checks the seeds, and loads the files in env var RAW_DATA into the raw tables."""

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        # the newest connection reads what `load` returns
        self.cursor = cursor

    def load(self, source_config: SourceConfig) -> duckdb.DuckDBPyRelation:
        try:
            seeds = refuse_faulty_seeds(Path(get_flags().PROJECT_DIR or "") / FOLDER)
            self.keep_or_take_back(rules_of_files(seeds.tables))
            vendors = dict(pair.split("=") for pair in source_config["vendors"].split())
            placeholders = tuple(row.values["value"] for row in seeds.tables["placeholders"].rows)
            mailboxes = tuple((row["domain"], row["same_as_domain"], row["ignores_dots"]) for row in seeds.tables["mailbox_rules"].rows)
            sources = Sources(source_config["raw_schema"], vendors, source_config["crm"], placeholders, mailboxes)
            refuse_the_sample(self.cursor)
            landed = land(self.cursor, raw_data(), sources, read_forgotten())
        except CommandError as error:
            raise DbtRuntimeError(str(error)) from None
        for note in landed.notes:
            LOG.info(note)
        # dbt-duckdb would leave the database name unquoted
        source_config.database = None
        return self.cursor.sql(TABLES)

    def keep_or_take_back(self, rules: Rules) -> None:
        try:
            place = DuckDBFile(database_file(), serving_folder(database_file()))
        except CommandError:
            return  # a database that only dbt can use
        keep_or_take_back(self.cursor, place, rules)
