"""Descriptions are short and plain, and a column that means the same everywhere is described once."""

import re
from collections import Counter

from harness import ROOT, read_yaml

MOST_WORDS = 25
# words that read as if translated, and names that this project doesn't use for its ideas
BANNED = re.compile(
    r"\b(things?|nobody in particular|somebody|anybody|whom|shall|no news|as it came|stands? for|the one before|in the same way"
    r"|gone from|is told|are told|was told|makes? anew|stretch(es)?|is of use)\b", re.IGNORECASE,
)
YAMLS = [file for folder in ("models", "seeds", "analyses") for file in sorted((ROOT / folder).rglob("*.yml"))]
DOC_BLOCKS = [file for folder in ("models", "seeds") for file in sorted((ROOT / folder).rglob("*__docs.md"))]


def described(file):
    """(name, description) of all that a YAML file describes, doc blocks not filled in."""
    content = read_yaml(file)
    nodes = [node for kind in ("models", "seeds", "analyses", "exposures", "unit_tests") for node in content.get(kind) or []]
    for source in content.get("sources") or []:
        yield source["name"], source["description"]
        nodes += source["tables"]
    for node in nodes:
        yield node["name"], node.get("description", "")
        for column in node.get("columns") or []:
            yield f"{node['name']}.{column['name']}", column["description"]


def doc_blocks():
    return {
        name: text for file in DOC_BLOCKS
        for name, text in re.findall(r"\{% docs (\w+) %\}\n(.*?)\n\{% enddocs %\}", file.read_text(), flags=re.DOTALL)
    }


def comments():
    """(name, text) of the comments that explain vars, macros and models."""
    for var in re.finditer(r"((?:^  # .*\n)+)  (\w+):", (ROOT / "dbt_project.yml").read_text(), flags=re.MULTILINE):
        yield var.group(2), re.sub(r"^ *# ?", "", var.group(1), flags=re.MULTILINE)
    for file in [*(ROOT / "macros").rglob("*.sql"), *(ROOT / "models").rglob("*.sql")]:
        # each engine's own file is code of that engine
        if file.parent.name != "engines" or file.stem == "engine":
            for comment in re.findall(r"\{#-?(.*?)-?#\}", file.read_text(), flags=re.DOTALL):
                yield file.name, comment


def texts():
    for file in YAMLS:
        yield from described(file)
    yield from doc_blocks().items()
    yield from comments()


def sentences(text):
    """Its sentences, without what is in brackets."""
    return re.split(r"(?<=[.!?])\s+", " ".join(re.sub(r"\([^)]*\)", "", text).split()))


def test_sentences_are_short():
    long = [
        (name, sentence) for name, text in texts() for sentence in sentences(text)
        if len(re.findall(r"[\w'`%./-]+", sentence)) > MOST_WORDS
    ]
    assert not long, f"Split these sentences, at most {MOST_WORDS} words each: {long}"


def test_words_are_plain():
    found = [(name, match.group()) for name, text in texts() if (match := BANNED.search(text))]
    assert not found, f"Say it in the words of the field: {found}"


def test_a_column_that_means_the_same_is_described_in_one_place():
    inline = Counter(
        (name.split(".")[1], " ".join(text.split())) for file in YAMLS if "landing" not in file.parts
        for name, text in described(file) if "." in name and "doc(" not in text and file.name != "_raw__sources.yml"
    )
    repeated = [column for column, count in inline.items() if count > 1]
    assert not repeated, f"Make a doc block of {repeated}"
