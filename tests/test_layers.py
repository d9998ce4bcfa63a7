"""Imports point down only, and the heavy libraries are imported only where they are used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "screener"
#: a module may import from its own layer and from those below it
LAYERS = (
    {"cli", "api"},
    {"render"},
    {"pipeline"},
    {"sources"},
    {"taxonomy", "markets", "calendars", "settings", "labels", "where"},
    {"yamltext", "yamlrules", "typedyaml", "resources", "wholefile"},
    {"analytics"},
    {"columns", "model", "errors"},
)
#: each library, and the only modules that may name it
VENDORS = {
    "yfinance": {"sources/yahoo.py"},
    "exchange_calendars": {"calendars.py"},
    "plotext": {"render/chart.py"},
    "jsonschema": {"taxonomy/schema.py", "typedyaml.py", "taxonomy/check.py"},
    "typer": {"cli/"},
    "apprise": {"cli/notify.py"},
    "matplotlib": {"render/report/svg.py", "render/report/charts.py", "render/report/map.py"},
    "jinja2": {"render/report/page.py"},
    "markupsafe": {"render/report/page.py"},
    "requests": set(),
    "curl_cffi": {"sources/yahoo.py"},
}


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def imports(path):
    """Every module that a file imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            if node.module == "screener":
                yield from (f"screener.{alias.name}" for alias in node.names)


def layer_of(dotted):
    name = dotted.split(".")[1] if "." in dotted else ""
    return next((depth for depth, names in enumerate(LAYERS) if name in names), None)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down_only(path):
    relative = path.relative_to(PACKAGE)
    own = "screener." + ".".join(relative.with_suffix("").parts)
    if relative.name in {"__init__.py", "__main__.py"} and len(relative.parts) == 1:
        return
    assert layer_of(own) is not None, f"{relative} stands in no layer: give it one"
    for imported in imports(path):
        if imported.startswith("screener."):
            target = layer_of(imported)
            if target is None and imported == "screener.__version__":
                continue
            assert target is not None, f"{relative} imports {imported}, which stands in no layer"
            assert target >= layer_of(own), f"{relative} imports {imported} from a layer above its own"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_vendor_is_named_in_its_translating_module_only(path):
    relative = str(path.relative_to(PACKAGE))
    for imported in imports(path):
        allowed = VENDORS.get(imported.split(".")[0])
        assert allowed is None or any(relative.startswith(place) for place in allowed), (
            f"{relative}: {imported}"
        )


@pytest.mark.parametrize("path", sorted((PACKAGE / "analytics").glob("*.py")), ids=lambda path: path.name)
def test_analytics_touches_no_file_no_network_and_no_clock(path):
    forbidden = {"os", "pathlib", "io", "socket", "urllib", "time", "requests", "yaml", "tempfile"}
    assert not forbidden & {name.split(".")[0] for name in imports(path)}
    called = {
        node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)
    }
    assert not {"now", "today", "utcnow", "read_csv", "read_parquet"} & called


@pytest.mark.parametrize("folder", ["render", "pipeline", "analytics", "sources", "taxonomy"])
def test_only_the_commands_print(folder):
    for path in (PACKAGE / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "print", f"{path}:{node.lineno}"


def loaded_after(*args, env):
    """Names of the libraries that a real run of the program has imported when it ends."""
    code = (
        "import sys; sys.argv = ['screener', *sys.argv[1:]]\n"
        "from screener.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *args], capture_output=True, text=True, check=True, env=env
    )
    return set(done.stderr.split())


HEAVY = {"yfinance", "exchange_calendars", "scipy", "matplotlib", "jinja2", "plotext", "jsonschema"}


@pytest.mark.parametrize("args", [["--help"], ["rank", "--help"], ["themes", "--help"], ["--version"]])
def test_help_imports_neither_pandas_nor_anything_heavy(args, program_env):
    loaded = loaded_after(*args, env=program_env)
    assert "typer" in loaded
    assert not (HEAVY | {"pandas", "numpy", "pyarrow"}) & loaded


def test_a_warm_rank_imports_nothing_heavy(program_env):
    loaded_after("rank", "--source", "sample", env=program_env)  # computes the sessions, once
    loaded = loaded_after("rank", "--source", "sample", "-f", "csv", env=program_env)
    assert "pandas" in loaded
    assert not HEAVY & loaded
