"""Text for a terminal: safe to print, cut to a width, in columns."""

import unicodedata

# marks that change the direction of the text after them; letters that are written from the right do not
TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def char_width(char):
    """Columns a character takes in a terminal: 0, 1 or 2."""
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def text_width(text):
    return sum(map(char_width, text))


def printable(value):
    """A value as one line of text that can neither move the cursor nor turn the rest of the line around."""
    text = "-" if value is None else str(value)
    return "".join(
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") or unicodedata.bidirectional(char) in TURNS else char
        for char in text
    )


def fit(text, width):
    """The text, cut off with an ellipsis if it is wider than `width`."""
    if text_width(text) <= width:
        return text
    kept = ""
    for char in text:
        if text_width(kept + char) > width - 1:
            break
        kept += char
    return kept + "…"


def table(rows, columns):
    """The lines of a table, each column as wide as its widest cell."""
    cells = [[fit(printable(value), widest) for value, (_, widest, _) in zip(row, columns)] for row in rows]
    titles = [title for title, _, _ in columns]
    widths = [max(map(text_width, column)) for column in zip(titles, *cells)]
    for line in [titles, ["-" * width for width in widths], *cells]:
        padded = []
        for text, width, (_, _, to_the_right) in zip(line, widths, columns):
            space = " " * (width - text_width(text))
            padded.append(space + text if to_the_right else text + space)
        yield "  ".join(padded).rstrip()
