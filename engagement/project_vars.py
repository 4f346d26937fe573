"""Reads dbt vars for commands, from option --vars and dbt_project.yml."""

import argparse
import difflib
from pathlib import Path

import yaml

from engagement.console import printable
from engagement.landing.contract import Sources, crms, read_vendor
from engagement.paths import BadUsage, in_project


def add_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--vars", help="the vars of your builds, as for dbt, such as '{vendors: [salesforce], crm: salesforce}'")


def given_vars(text: "str | None") -> dict:
    """The vars in the text of an option --vars. dbt would ignore a var that the project doesn't have."""
    try:
        given = yaml.safe_load(text or "") or {}
    except yaml.YAMLError:
        given = text
    except ValueError as error:
        raise BadUsage(f"--vars is {text!r}, which has a day that doesn't exist: {error}.") from None
    if not isinstance(given, dict):
        raise BadUsage(f"--vars is {text!r}, which is not a mapping. Write it as {{vendors: [salesforce], crm: salesforce}}.")
    declared = all_vars({})
    for name in given:
        if name not in declared:
            near = difflib.get_close_matches(str(name), declared, n=1)
            hint = f" Did you mean `{near[0]}: value`, with a space after the colon?" if near else ""
            raise BadUsage(f"--vars has {printable(name)!r}, which is no var of dbt_project.yml.{hint}")
    return given


def all_vars(given: dict) -> dict:
    """These vars, and for all others what dbt_project.yml says."""
    return {**yaml.safe_load(Path(in_project("dbt_project.yml")).read_text(encoding="utf-8"))["vars"], **given}


def masks_people(given: dict) -> bool:
    return str(all_vars(given)["mask_personal_data"]).lower() == "true"


def share_of(given: dict, name: str) -> float:
    """The value of a var that is a share, refused as the macro `refuse_wrong_vars` refuses it."""
    value = all_vars(given)[name]
    try:
        share = float(str(value))
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise BadUsage(f"Var {name} is {value}. Write a number from 0 to 1, such as 0.5.")
    return share


def sources_of(given: dict) -> Sources:
    """The raw tables that these vars and dbt_project.yml name: their schema, and the vendors that are switched on, each with its own."""
    variables = all_vars(given)
    vendors, crm = variables["vendors"] or [], variables["crm"]
    if not isinstance(vendors, list):
        raise BadUsage(f"Var vendors is {vendors!r}. Write a list: [{vendors}].")
    for vendor in vendors:
        if not isinstance(vendor, str):
            raise BadUsage(f"Var vendors has {vendor!r}. Write names only: [salesforce, marketo].")
        read_vendor(vendor)
    if crm and crm not in vendors:
        raise BadUsage(f"Var crm is {crm!r}, which is not switched on. Add it to var vendors, or leave crm empty.")
    if crm and crm not in crms():
        raise BadUsage(f"Var crm is {crm!r}, which brings no accounts. Use one of {', '.join(crms())}, or leave it empty.")
    return Sources(variables["raw_schema"], {vendor: variables[f"{vendor}_schema"] for vendor in vendors}, crm)
