"""Everything public is described, and the description is true of what is built."""

import ast
import json
import re
import tomllib

import pytest

from engagement.landing import read_contract
from engagement.seeds.schema import read_schemas
from engagement.seeds.signals import MATCH_COLUMNS, VALUE_COLUMNS
from harness import ROOT, read_yaml


@pytest.fixture(scope="module")
def manifest(sample_project):
    return json.loads((sample_project.folder / "target" / "manifest.json").read_text())


def own(nodes):
    return [node for node in nodes.values() if node["package_name"] == "engagement"]


def test_every_model_seed_and_source_column_is_described_and_exists(manifest, sample_project):
    built = {}
    for schema, table, column in sample_project.query(
        "select table_schema, table_name, column_name from information_schema.columns order by ordinal_position"
    ):
        built.setdefault((schema, table), []).append(column)
    nodes = [node for node in own(manifest["nodes"]) if node["resource_type"] in ("model", "seed")] + own(manifest["sources"])
    assert len(nodes) > 60
    for node in nodes:
        assert node["description"].strip(), node["name"]
        # columns that landing adds to every raw table are described with the source
        added = {"row_id", "file_id", "first_seen_at", "unreadable_values", "landing_fault", "landing_row"} if node["schema"] == "raw" else set()
        # tables of vendors are there only for those who switch the vendor on
        if not node["original_file_path"].startswith("models/landing/"):
            found = [name for name in built[node["schema"], node["name"]] if name not in added]
            assert [column["name"] for column in node["columns"].values()] == found, node["name"]
        for column in node["columns"].values():
            assert column["description"].strip(), (node["name"], column["name"])


def test_every_model_says_what_one_row_is(manifest):
    for node in own(manifest["nodes"]):
        if node["resource_type"] in ("model", "seed"):
            assert re.match(r"One row( per|:)", node["description"]), node["name"]


def test_every_mart_has_an_enforced_contract(manifest):
    marts = [node for node in own(manifest["nodes"]) if node["resource_type"] == "model" and "marts" in node["fqn"]]
    assert len(marts) >= 9
    assert all(node["config"]["contract"]["enforced"] for node in marts)


def test_every_seed_column_is_typed(manifest):
    for node in own(manifest["nodes"]):
        if node["resource_type"] == "seed":
            assert list(node["config"]["column_types"]) == list(node["columns"]), node["name"]


def test_every_macro_is_explained_above_it():
    """What it gives, of which arguments, what null means; one dispatched form may speak for the others."""
    for file in (ROOT / "macros").rglob("*.sql"):
        text = file.read_text()
        for macro in re.finditer(r"\{% macro (\w+)\(", text):
            explained = re.search(r"#\}\s*$", text[:macro.start()])
            is_form_of_another = re.match(r"(default|duckdb|postgres|spark)__", macro.group(1))
            assert explained or is_form_of_another, f"{file.name}: macro {macro.group(1)}"


def test_lists_of_tables_and_seeds_are_complete(manifest, sample_project):
    """A table or seed that a list leaves out would be missing from health, the clock or the config version."""
    nodes = {node["name"]: node for node in own(manifest["nodes"])}

    def parents(name):
        return {parent.split(".")[-1] for parent in nodes[name]["depends_on"]["nodes"]}

    seeds = {name for name, node in nodes.items() if node["resource_type"] == "seed"}
    assert seeds <= parents("int_config_version") and seeds == set(read_schemas(ROOT / "seeds"))
    staging = {name for name in nodes if name.startswith("stg_")}
    of_the_crm = {"stg_crm__accounts", "stg_crm__account_domains", "stg_crm__contacts", "stg_crm__opportunities"}
    assert of_the_crm <= parents("rejected_records")
    # the macro raw_tables
    assert {name for name, in sample_project.query("select source_table from source_coverage")} == {raw.name for raw in read_contract()}
    # what has older loads, too, is read by the model with the newest
    events = {name for name in staging - of_the_crm if not name.endswith("_loads")}
    assert len(events) == 8 and events <= parents("int_event_rows")


def returned_by(macro, file):
    """What a macro without arguments returns, if that is a literal."""
    body = (ROOT / "macros" / file).read_text().split(f"macro {macro}()")[1]
    return ast.literal_eval(re.search(r"do return\((\{.*?\})\)", body, re.DOTALL)[1])


def test_every_match_column_is_ranked(manifest):
    """Seeds of a package can have other YAML, so the macro has a list of its own."""
    described = [
        column["name"] for node in own(manifest["nodes"]) if node["name"] == "signals"
        for column in node["columns"].values() if column["description"].startswith("Match:")
    ]
    macro = (ROOT / "macros" / "scoring" / "matching.sql").read_text().split("for match_column in (")[1].split(")")[0]
    assert described == re.findall(r"'(\w+)'", macro) == list(MATCH_COLUMNS)
    assert {column for raw in read_contract() for column in raw.match_columns} == {*VALUE_COLUMNS}


def test_every_whole_number_among_the_vars_has_limits():
    numbers = {name for name, value in read_yaml(ROOT / "dbt_project.yml")["vars"].items() if type(value) is int}
    assert numbers == returned_by("limits_of_vars", "runs/refuse_wrong_vars.sql").keys()


def test_every_vendor_has_its_models_its_sample_and_its_page():
    vendors = returned_by("vendor_contract_tables", "landing/vendors.sql")
    landing = ROOT / "models" / "landing"
    for vendor, tables in vendors.items():
        found = {file.stem.split("__")[1] for file in landing.glob(f"{vendor}/landing_*.sql")}
        assert found & {raw.name for raw in read_contract()} == {*tables}, vendor
    assert {folder.name for folder in landing.iterdir() if folder.is_dir()} == {*vendors, "contract"}
    assert {file.name for file in (ROOT / "sample" / "vendors").iterdir()} == {*vendors}
    pages = ROOT / "docs" / "vendors"
    assert {file.stem for file in pages.glob("*.md")} == {*vendors, "README"}
    assert all(f"({vendor}.md)" in (pages / "README.md").read_text() for vendor in vendors)


def test_every_raw_table_can_be_copied_where_landing_reads_no_files():
    copies = {file.stem.removeprefix("landing__") for file in (ROOT / "models" / "landing" / "contract").glob("*.sql")}
    assert copies == {raw.name for raw in read_contract()}


def test_every_model_but_a_mart_is_read_and_every_doc_block_is_used(manifest):
    for node in own(manifest["nodes"]):
        if node["resource_type"] == "model" and "marts" not in node["fqn"]:
            children = manifest["child_map"][node["unique_id"]]
            assert any(child.startswith("model.") for child in children), node["name"]
    used = set(re.findall(r"doc\('(\w+)'\)", "".join(file.read_text() for folder in ("models", "seeds") for file in (ROOT / folder).rglob("*.yml"))))
    assert {block["name"] for block in manifest["docs"].values() if block["package_name"] == "engagement"} == used


def test_every_generic_test_says_what_it_finds():
    for file in (ROOT / "tests" / "generic").glob("*.sql"):
        assert file.read_text().startswith("{#"), file.name


def test_every_var_is_explained_once_with_its_default():
    lines = (ROOT / "dbt_project.yml").read_text().splitlines()
    names = list(read_yaml(ROOT / "dbt_project.yml")["vars"])
    for name in names:
        (number,) = [n for n, line in enumerate(lines) if line.startswith(f"  {name}:")]
        assert lines[number - 1].strip().startswith("#"), name
    used = set()
    for file in [*ROOT.glob("models/**/*"), *ROOT.glob("macros/**/*"), *ROOT.glob("tests/**/*.sql")]:
        if file.is_file():
            used |= set(re.findall(r"""(?<!env_)var\(['"](\w+)['"]""", file.read_text()))
    assert used == set(names)


def test_numbers_of_the_rules_are_in_seeds_and_not_in_sql():
    """A score threshold or a number of days in a model would be a rule that nobody finds."""
    for file in (ROOT / "models").rglob("*.sql"):
        if file.stem == "int_numbers":
            continue  # counts
        # 20 merges are a circle, and 28 days are in the name of a column
        sql = re.sub(r"\{#.*?#\}|--[^\n]*", "", file.read_text(), flags=re.DOTALL)
        numbers = set(re.findall(r"(?<![\w.,(])(?:[2-9]\d|\d{3,})(?![\w.])", sql)) - {"20", "28"}
        assert not numbers, (file.name, numbers)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"])
def test_the_standard_pages_exist(name):
    assert (ROOT / name).stat().st_size > 300


def test_the_page_about_one_score_has_the_accounts_to_check_by_hand(sample_project):
    """The numbers a reader checks by hand are those of the build."""
    text = (ROOT / "docs" / "read-a-score.md").read_text().replace("\n", " ")
    accounts = sample_project.query("select account_name, score, band from account_scores where account_id in ('xyz', 'platform', 'growth')")
    assert len(accounts) == 3
    for name, score, band in accounts:
        assert f"{name} with {score} ({band})" in text


def test_the_machines_clock_is_read_in_one_place():
    files = [*ROOT.glob("models/**/*.*"), *ROOT.glob("macros/**/*.sql"), *ROOT.glob("tests/**/*.sql"), *ROOT.glob("analyses/*.sql")]
    clocks = re.compile(r"run_started_at|current_(date|time|timestamp)|\b(now|getdate|today|utcnow)\(", re.IGNORECASE)
    assert [file.name for file in files if clocks.search(file.read_text())] == ["latest_load_day.sql"]


def test_the_linter_sees_the_models_of_every_vendor():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["sqlfluff"]["templater"]["dbt"]["context"]
    assert settings["vendors"] == sorted(folder.name for folder in (ROOT / "models" / "landing").iterdir() if folder.is_dir() and folder.name != "contract")
