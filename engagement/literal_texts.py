"""Turns regular expressions into plain texts: the literal texts that every match of an expression contains."""

import itertools
from collections.abc import Iterable
from re import _parser as regular_expressions

# parts that plain text can't express, such as "any character"
GAP = "\0"
SHORTEST = 3


def literal_texts(patterns: Iterable[str]) -> set[str]:
    """The literal texts of all patterns in lower case, without those that contain another one. ^ and $ mark the ends."""
    texts = {
        text.strip() for pattern in patterns for text in texts_of_pattern(pattern.lower()) if len(text.strip(" ^$")) >= SHORTEST
    }
    return {text for text in texts if not any(other in text for other in texts if other != text)}


def texts_of_pattern(pattern: str) -> set[str]:
    """The longest literal text of each alternative of a regular expression."""
    return {max(text.split(GAP), key=len) for text in texts_of(regular_expressions.parse(pattern))}


def texts_of(expression: Iterable) -> list[str]:
    """All texts that a parsed expression can match, with a gap for parts that aren't literal."""
    return ["".join(parts) for parts in itertools.product(*(alternatives(*part) for part in expression))]


def alternatives(kind: object, value: object) -> list[str]:
    name = str(kind)
    if name == "LITERAL":
        return [chr(value)]
    if name == "AT":
        return ["^" if str(value) == "AT_BEGINNING" else "$"]
    if name == "BRANCH":
        return [text for branch in value[1] for text in texts_of(branch)]
    if name == "SUBPATTERN":
        return texts_of(value[-1])
    if name == "IN" and all(str(item) == "LITERAL" for item, _ in value):
        return sorted({chr(letter) for _, letter in value})
    return [GAP]
