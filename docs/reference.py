"""Writes the pages of docs/ that are made from the code: spec.md from the models of specs, arrays.md from the declared arrays.

    python docs/reference.py            write both pages
    python docs/reference.py --check    exit code 1 when a page is not what the code says

A test runs the check. Method: the JSON Schema of a spec is walked depth first and every model becomes a table, in the order in
which a reader meets it.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
if __name__ == "__main__":
    sys.path.insert(0, str(FOLDER.parent))

import engine.declarations  # noqa: E402, F401  (fills the table)
from datagen.spec import distributions, json_schema  # noqa: E402
from datagen.spec.colors import COLORS  # noqa: E402
from datagen.spec.leaf import CHOICE_KEYS, NUMERIC_KEYS, OPTIONAL_KEYS  # noqa: E402
from datagen.spec.presets import PRESETS  # noqa: E402
from datagen.spec.units import DIMENSIONS, UNITS  # noqa: E402
from engine.arrays import TABLE, Store  # noqa: E402

Schema = dict[str, Any]

MADE = "<!-- Made by `python docs/reference.py`; change the code and make it again. -->\n\n"
STORES = {
    Store.MODEL_INT: "integers of the model, shared by all environments, after the header of sizes and offsets",
    Store.MODEL_DATA: "reals shared by all environments",
    Store.MODEL_REAL: "reals of the model, may differ per environment",
    Store.STATE: "what survives a step; all of it is the snapshot",
    Store.CONTROL: "written by the host before a step",
    Store.RESULT: "written by a step for the host to read",
    Store.SCRATCH: "scratch of a step, declared beside the solvers that use it and not listed here",
    Store.WORK_INT: "integers per group of environments; solvers add their own",
}
SPEC_HEAD = """# Specs

A spec is one YAML document. This page lists every key; [tutorial.md](tutorial.md) builds a spec step by step and `scenes/` has
eight that run. Unknown keys are errors. A key in **bold** has to be there. A value marked ◇ may be a distribution, drawn anew
for every episode.

"""
ARRAYS_HEAD = """# Declared arrays

The data layout of the engine: every array that `engine/declarations.py` declares. `sim.read(name)` gives a real array of the
workspace as `(num_envs, *shape)`. Shapes are numbers and size words; frames and conventions stand in the head of that file.

"""


# ---- one value


def is_distribution(schema: Schema) -> bool:
    """Whether a schema is that of `{dist: ...}`, or a choice among nothing else."""
    if "dist" in schema.get("properties", {}):
        return True
    parts = schema.get("anyOf", ())
    return bool(parts) and all(is_distribution(part) for part in parts)


def wording(schema: Schema) -> tuple[str, bool]:
    """What a value is in words, and whether a distribution may stand in its place."""
    if "description" in schema and "$ref" not in schema:
        return schema["description"].replace("\n", " "), False
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})", False
    if "const" in schema or "enum" in schema:
        words = schema["enum"] if "enum" in schema else [schema["const"]]
        return " or ".join(f"`{word}`" for word in words), False
    parts = schema.get("anyOf") or schema.get("oneOf")
    if parts:
        return _alternatives(parts)
    kind = schema.get("type")
    if kind == "array":
        return _list_words(schema)
    if kind == "object":
        inner = next(iter(schema.get("patternProperties", {}).values()), schema.get("additionalProperties"))
        words, drawn = wording(inner) if isinstance(inner, dict) else ("a value", False)
        return f"names, each with {words}", drawn
    if isinstance(kind, list):
        return " or ".join({"string": "a text"}.get(word, f"a {word}") for word in kind), False
    if kind == "integer":
        low, high = schema.get("minimum"), schema.get("maximum")
        return "an integer" + (f", {low} to {high}" if low is not None and high is not None else ""), False
    text = "a name" if "pattern" in schema else "a text"
    names = {"string": text, "boolean": "true or false", "number": "a number", "null": ""}
    return names.get(kind or "", "a value"), False


def _alternatives(parts: list[Schema]) -> tuple[str, bool]:
    found: list[str] = []
    drawn = False
    for part in parts:
        if is_distribution(part):
            drawn = True
            continue
        words, inside = wording(part)
        drawn |= inside
        if words and words not in found:
            found.append(words)
    return " or ".join(found), drawn


def _list_words(schema: Schema) -> tuple[str, bool]:
    words, drawn = wording(schema.get("items", {}))
    low, high = schema.get("minItems"), schema.get("maxItems")
    if low is not None and low == high:
        return f"a list of {low} ({words})", drawn
    return f"a list ({words})", drawn


# ---- models


def references(schema: Any) -> Iterator[str]:
    """Names of the models that a schema mentions, in order."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rsplit("/", 1)[1]
        for key, value in schema.items():
            if key != "discriminator":
                yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


def in_reading_order(schema: Schema) -> list[str]:
    """Every model once, each after the first that mentions it."""
    found: list[str] = []

    def visit(part: Any) -> None:
        for name in references(part):
            if name not in found:
                found.append(name)
                visit(schema["$defs"][name])

    visit(schema["properties"])
    return found


def table_of(model: Schema) -> str:
    """Sentence and table of keys of one model."""
    required = set(model.get("required", ()))
    lines = [" ".join(model.get("description", "").split()), "", "| key | value | default |", "|---|---|---|"]
    for key, schema in model.get("properties", {}).items():
        words, drawn = wording({part: value for part, value in schema.items() if part != "default"})
        shown = f"**{key}**" if key in required else key
        default = "" if key in required or schema.get("default") in (None, {}, []) else f"`{_short(schema['default'])}`"
        lines.append(f"| {shown} | {_cell(words)}{' ◇' if drawn else ''} | {default} |")
    return "\n".join(lines) + "\n"


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_short(entry)}" for key, entry in value.items() if entry is not None) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_short(entry) for entry in value) + "]"
    return json.dumps(value).replace('"', "") if value != "" else '""'


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


# ---- pages


def spec_page() -> str:
    """docs/spec.md."""
    schema = json_schema()
    parts = [MADE + SPEC_HEAD, "## The document\n\n", table_of(schema)]
    for name in in_reading_order(schema):
        parts.append(f"\n## {name}\n\n{table_of(schema['$defs'][name])}")
    return "".join([*parts, _distributions(), _units(), _words()])


def _distributions() -> str:
    kinds = {**NUMERIC_KEYS, **CHOICE_KEYS}
    lines = ["\n## Distributions\n"]
    lines += ["Written as `{dist: uniform, low: 1 cm, high: 2 cm}`. Keys in parentheses may be left out.\n"]
    lines += ["| dist | keys | meaning |", "|---|---|---|"]
    for kind, keys in kinds.items():
        described = getattr(distributions, "".join(word.capitalize() for word in kind.split("_")))
        shown = ", ".join(f"({key})" if key in OPTIONAL_KEYS else key for key in keys)
        lines.append(f"| {kind} | {shown} | {_cell(described.__doc__)} |")
    return "\n".join(lines) + "\n"


def _units() -> str:
    lines = ["\n## Units\n"]
    lines += [
        "A quantity is a number and a product of units with integer exponents. A bare number is SI, where it may stand.\n"
    ]
    lines += ["| quantity | SI unit | examples | bare number |", "|---|---|---|---|"]
    lines += [f"| {d.name} | {d.unit} | {d.examples} | {'yes' if d.bare else 'no'} |" for d in DIMENSIONS]
    return "\n".join(lines) + "\n\nUnits: " + ", ".join(f"`{unit}`" for unit in UNITS) + ".\n"


def _words() -> str:
    lines = ["\n## Materials\n", "| preset | density kg/m^3 | friction | restitution | where from |", "|---|---|---|---|---|"]
    for name, preset in PRESETS.items():
        lines.append(f"| {name} | {preset.density:g} | {preset.friction:g} | {preset.restitution:g} | {_cell(preset.source)} |")
    lines += ["\nLetters in brackets: see `datagen/spec/presets.py`.\n", "## Colours\n"]
    names = ", ".join(f"`{name}`" for name in COLORS)
    return "\n".join(lines) + f"\n{names}, `#rrggbb`, or `[r, g, b]` in 0 to 1 (sRGB).\n"


def arrays_page() -> str:
    """docs/arrays.md. Solvers declare scratch of their own when they are imported, which this program does not do."""
    lines = ["## Sizes\n", "| size | meaning |", "|---|---|"]
    lines += [f"| `{name}` | {_cell(doc)} |" for name, doc in engine.declarations.SIZES.items()]
    for store, meaning in STORES.items():
        lines += [f"\n## `{store.value}`\n", meaning[0].upper() + meaning[1:] + "."]
        rows = [array for array in TABLE.arrays.values() if array.store is store]
        if rows:
            lines += ["", "| array | shape | unit | meaning |", "|---|---|---|---|"]
        for array in rows:
            shape = ", ".join(str(word) for word in array.shape)
            lines.append(f"| `{array.name}` | {shape} | {array.unit} | {_cell(array.doc)} |")
    return MADE + ARRAYS_HEAD + "\n".join(lines) + "\n"


def _written(name: str) -> str:
    path = FOLDER / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def schema_page() -> str:
    """The JSON Schema of specs, for editors: `# yaml-language-server: $schema=docs/spec.schema.json`."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


PAGES = {"spec.md": spec_page, "arrays.md": arrays_page, "spec.schema.json": schema_page}


def main() -> int:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 when a page is out of date")
    check = parser.parse_args().check
    stale = [name for name, make in PAGES.items() if _written(name) != make()]
    for name in stale:
        if not check:
            (FOLDER / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"docs/{name}: {'out of date; run `python docs/reference.py`' if check else 'written'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
