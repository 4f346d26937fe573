"""int_events follows the files: after any changes it has the events that one build of the files would have."""

import random

import pytest

from engagement.landing import land, read_contract
from harness import write_csv

LATEST_LOAD_DATE = "2030-12-31"
COLUMNS = {table.name: table.column_names for table in read_contract()}
EVENTS = "channel, event_id, event_type, email, campaign, asset, outcome, value, occurred_at, loaded_at"


class Files:
    """A folder of raw files, and a database whose int_events is built again after each change."""

    def __init__(self, compiled, folder):
        self.compiled, self.folder, self.connection = compiled, folder, compiled._connect()
        self.latest_load_date, self.is_built = LATEST_LOAD_DATE, False
        for name in ("crm_accounts", "crm_contacts", "email_events", "web_events"):
            self.write(f"{name}.csv", [])

    def write(self, name, rows):
        (self.folder / name).parent.mkdir(exist_ok=True)
        table = name.split("/")[0].removesuffix(".csv")
        key = "activity_id" if table == "crm_activities" else "event_id"
        values = [
            {key: event, "event_type": "click", "activity_type": "call", "campaign": campaign, "topic": campaign,
             "occurred_at": "2026-05-01", "loaded_at": loaded_at} for event, campaign, loaded_at in rows
        ]
        columns = COLUMNS[table]
        write_csv(self.folder / name, [{name: row[name] for name in columns if name in row} for row in values], columns)

    def build(self):
        land(self.connection, str(self.folder))
        self.run(self.connection, self.is_built)
        self.is_built = True

    def run(self, connection, is_incremental):
        for unique_id in self.compiled._order(["int_events"]):
            node = self.compiled.models[unique_id]
            name = f"{node['schema']}.{node['name']}"
            sql = (self.compiled.later_sql if is_incremental and node["name"] == "int_events" else
                   {unique_id: node["compiled_code"]})[unique_id].replace(LATEST_LOAD_DATE, self.latest_load_date)
            if node["name"] != "int_events":
                connection.execute(f"create or replace view {name} as {sql}")
            elif is_incremental:
                connection.execute(f"create or replace temp table new_rows as {sql}")
                connection.execute(f"delete from {name} where (channel, event_id) in (select channel, event_id from temp.new_rows)")
                connection.execute(f"insert into {name} by name from temp.new_rows")
            else:
                connection.execute(f"create or replace table {name} as {sql}")

    def events(self, connection=None):
        return (connection or self.connection).execute(
            f"select {EVENTS} from intermediate.int_events where not is_removed order by all"
        ).fetchall()

    def campaigns(self):
        return {row[1]: row[4] for row in self.events()}

    def one_build(self):
        connection = self.compiled._connect()
        land(connection, str(self.folder))
        self.run(connection, False)
        return self.events(connection)

    def compared(self):
        """How many events the next run would work on."""
        sql = self.compiled.later_sql["model.engagement.int_events"]
        return self.connection.execute(f"select count(*) from ({sql})").fetchone()[0]


@pytest.fixture
def files(compiled, tmp_path):
    return Files(compiled, tmp_path)


def test_a_newer_load_counts_and_the_older_one_again_when_the_newer_one_is_withdrawn(files):
    files.write("content_events/a.csv", [("x", "old", "2026-05-02"), ("y", "only", "2026-05-02")])
    files.build()
    files.write("content_events/b.csv", [("x", "new", "2026-05-03")])
    files.build()
    assert files.campaigns() == {"x": "new", "y": "only"}
    files.write("content_events/c.csv", [("x", "late and older", "2026-05-01")])
    files.build()
    assert files.campaigns() == {"x": "new", "y": "only"}
    (files.folder / "content_events" / "b.csv").unlink()
    files.build()
    assert files.campaigns() == {"x": "old", "y": "only"}
    for name in "ac":
        (files.folder / "content_events" / f"{name}.csv").unlink()
    files.build()
    assert files.campaigns() == {}
    files.write("content_events/a.csv", [("x", "back", "2026-05-01")])
    files.build()
    assert files.campaigns() == {"x": "back"}


def test_of_loads_at_the_same_time_the_same_one_counts_whatever_the_order_of_files(files):
    for first, second in (("one", "two"), ("two", "one")):
        files.write("content_events/a.csv", [("x", first, "2026-05-02")])
        files.write("content_events/b.csv", [("x", second, "2026-05-02")])
        files.build()
        assert files.campaigns() == {"x": "two"}


def test_an_event_from_the_future_counts_when_its_day_has_come(files):
    files.write("content_events.csv", [("now", "a", "2026-05-02"), ("soon", "b", "2026-05-04")])
    files.latest_load_date = "2026-05-03"
    files.build()
    files.write("email_events.csv", [("mail", "c", "2026-05-03")])
    files.build()
    assert files.campaigns() == {"now": "a", "mail": "c"}
    files.latest_load_date = "2026-05-04"
    files.build()
    assert files.campaigns() == {"now": "a", "mail": "c", "soon": "b"}


def test_rows_that_come_after_a_first_build_without_any_are_found(files):
    files.build()
    assert files.events() == []
    files.write("content_events.csv", [("x", "a", "2026-05-02")])
    files.build()
    assert files.campaigns() == {"x": "a"}


def test_a_run_works_only_on_events_whose_rows_came_or_went(files):
    rows = [(f"e{number}", "a", "2026-05-02") for number in range(500)]
    files.write("content_events.csv", rows)
    files.write("email_events.csv", rows)
    files.build()
    assert files.compared() == 0
    # further rows of a file, and one that is no longer in it
    files.write("content_events.csv", [*rows[1:], ("new", "a", "2026-05-03")])
    land(files.connection, str(files.folder))
    assert files.compared() == 2


@pytest.mark.parametrize("seed", range(4))
def test_any_sequence_of_changed_files_gives_the_events_of_one_build(files, seed):
    chance = random.Random(seed)
    names = [f"{table}/{number}.csv" for table in ("content_events", "ad_events", "intent_events") for number in range(3)]
    for _ in range(12):
        for name in chance.sample(names, chance.randint(0, 3)):
            if chance.random() < 0.25:
                (files.folder / name).unlink(missing_ok=True)
                continue
            files.write(name, [
                (chance.choice("abcdefgh"), chance.choice("xyz"), f"2026-05-{chance.randint(1, 9):02}") for _ in range(chance.randint(0, 8))
            ])
        files.build()
        assert files.events() == files.one_build()
