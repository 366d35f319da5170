"""The set-up itself: what is pinned, what a clean clone does, and what must never stand in a tracked file."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from nok.identifiers import is_inn, is_kpp, is_ogrn, is_organization_id
from nok.method import parse_method
from nok.packages.check import Terms, check_packages
from nok.packages.read import iterate_rows, read_package
from nok.records import Region
from tests.conftest import METHOD_ID

# In two pieces each, or this file would be the first to break its own rule.
FORBIDDEN = [
    "registry." + "npmjs.org",
    "pypi" + ".org",
    "files." + "pythonhosted.org",
    "/wo" + "rk/",
    "/ro" + "ot/",
    "/ho" + "me/",
    "/tmp" + "/w/",
]


@pytest.fixture(scope="module")
def project(project_root: Path) -> dict[str, Any]:
    return tomllib.loads((project_root / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def lock(project_root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project_root / "package-lock.json").read_text("utf-8"))
    return found


@pytest.fixture
def fresh(project_root: Path, tmp_path: Path) -> Path:
    """A folder with the files that make reads, and nothing installed."""
    for name in ("Makefile", "pyproject.toml", "package.json", "package-lock.json"):
        shutil.copy(project_root / name, tmp_path)
    shutil.copytree(project_root / "locks", tmp_path / "locks")
    return tmp_path


def dry_run(folder: Path, *targets: str) -> str:
    """What make would do; it does nothing."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(["make", "-n", *targets], cwd=folder, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_lock_names_no_host(project_root: Path, lock: dict[str, Any]) -> None:
    assert "resolved" not in json.dumps(lock)
    assert "omit-lockfile-registry-resolved=true" in (project_root / ".npmrc").read_text("utf-8").splitlines()


def test_the_lock_proves_every_package(lock: dict[str, Any]) -> None:
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []


def test_the_lock_holds_what_package_json_asks_for(project_root: Path, lock: dict[str, Any]) -> None:
    asked = json.loads((project_root / "package.json").read_text("utf-8"))
    for name, version in {**asked["dependencies"], **asked["devDependencies"]}.items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == version


PIN = re.compile(r"([a-z0-9-]+)(?:\[[a-z]+\])?==([0-9][0-9a-z.]*)")
LOCKS = ("run-time", "test-tools", "fuzz", "mutants", "uv", "node")
HASHED = re.compile(
    r"([a-z0-9.-]+)(?:\[[a-z,]+\])?==([^ ]+)( ; [^\\]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)(?:    # .*\n)?"
)
"""One package of a lock, as pip reads it: name, version, where it is needed, its hashes, and a remark who asks for it."""

Locked = dict[str, set[str]]


@pytest.fixture(scope="module")
def locked(project_root: Path) -> dict[str, Locked]:
    """Lock to package to its versions: more than one where it depends on the version of Python."""
    found: dict[str, Locked] = {}
    for name in LOCKS:
        text = (project_root / "locks" / f"{name}.txt").read_text("utf-8")
        packages: Locked = {}
        for package, version, *_ in HASHED.findall(text):
            packages.setdefault(package, set()).add(version)
        found[name] = packages
    return found


def asked_of(project: dict[str, Any], lock: str) -> dict[str, str]:
    """What `pyproject.toml` itself asks for in a lock: package to version."""
    groups, extras = project["dependency-groups"], project["project"]["optional-dependencies"]
    program = project["project"]["dependencies"]
    built = [*program, *groups["build"]]
    lists = {"run-time": built, "test-tools": [*built, *extras["test"], *extras["s3"], *extras["cluster"]]}
    lists |= {name: [*program, *extras[name]] for name in ("fuzz", "mutants")}
    return {match[1]: match[2] for pin in lists.get(lock) or groups[lock] if (match := PIN.fullmatch(pin))}


def test_every_python_dependency_is_pinned(project: dict[str, Any]) -> None:
    lists = [
        project["project"]["dependencies"],
        project["build-system"]["requires"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    assert [pin for pins in lists for pin in pins if not PIN.fullmatch(pin)] == []
    assert project["build-system"]["requires"] == project["dependency-groups"]["build"]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_agrees_with_pyproject(project: dict[str, Any], locked: dict[str, Locked], name: str) -> None:
    """After a change of pyproject.toml: `make lock`."""
    asked = asked_of(project, name)
    assert asked
    assert {package: locked[name].get(package) for package in asked} == {
        package: {version} for package, version in asked.items()
    }


def test_what_runs_is_what_was_tested(locked: dict[str, Locked]) -> None:
    tested = locked["test-tools"]
    assert len(locked["run-time"]) > 60
    assert {
        name: (versions, tested.get(name))
        for name, versions in locked["run-time"].items()
        if versions != tested.get(name)
    } == {}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_is_packages_with_their_hashes_and_nothing_else(project_root: Path, name: str) -> None:
    """No address, no option, no package without a hash: each line of the file belongs to a package or is a remark."""
    text = (project_root / "locks" / f"{name}.txt").read_text("utf-8")
    left = re.sub(r"^#.*\n", "", HASHED.sub("", text), flags=re.MULTILINE)
    assert left == ""
    assert "//" not in text


@pytest.mark.parametrize("target", ["site", "install"])
def test_make_installs_nothing_without_its_hash(fresh: Path, target: str) -> None:
    installs = [part for part in re.split(r"\n|&&|\|\||;", dry_run(fresh, target)) if "pip install" in part]
    assert len(installs) >= 4
    for part in installs:
        assert ("--require-hashes -r locks/" in part) != ("--no-index --no-deps --no-build-isolation -e ." in part), (
            part
        )


def test_packages_and_their_files_are_installed(project_root: Path, project: dict[str, Any]) -> None:
    """An installed nok carries its schemas too, not only its code."""
    folders = {file.parent for top in ("nok", "widget") for file in (project_root / top).rglob("*.py")}
    assert [folder.name for folder in folders if not (folder / "__init__.py").exists()] == []
    setuptools = project["tool"]["setuptools"]
    assert setuptools["packages"]["find"]["include"] == ["nok*", "widget*"]
    files = [file for file in (project_root / "nok").rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    patterns = [
        f"{package.replace('.', '/')}/{pattern}"
        for package, wanted in setuptools["package-data"].items()
        for pattern in wanted
    ]
    left_out = [
        path
        for path in (file.relative_to(project_root).as_posix() for file in files if file.suffix not in (".py", ".pyc"))
        if not any(fnmatch(path, pattern) for pattern in patterns)
    ]
    assert left_out == []


def test_the_licence_is_the_agpl(project_root: Path, project: dict[str, Any]) -> None:
    text = (project_root / "LICENSE").read_text("utf-8")
    assert "GNU AFFERO GENERAL PUBLIC LICENSE\n                       Version 3, 19 November 2007" in text
    assert "END OF TERMS AND CONDITIONS" in text
    package = json.loads((project_root / "package.json").read_text("utf-8"))
    assert project["project"]["license"] == package["license"] == "AGPL-3.0-or-later"


@pytest.mark.parametrize("target", ["install", "site", "test", "check", "bench", "clean"])
def test_make_knows(fresh: Path, target: str) -> None:
    assert dry_run(fresh, target)


def test_make_site_installs_no_test_tools(fresh: Path) -> None:
    steps = dry_run(fresh, "site")
    assert "-r locks/run-time.txt" in steps
    assert "test-tools" not in steps
    assert "--omit=dev" in steps
    assert steps.index("publish.py build") < steps.index("http://127.0.0.1:8000/") < steps.index("publish.py serve")


def test_make_site_takes_a_port(fresh: Path) -> None:
    steps = dry_run(fresh, "site", "PORT=8123")
    assert "http://127.0.0.1:8123/" in steps
    assert "--port 8123" in steps


def test_make_takes_the_python_that_is_asked_for(fresh: Path) -> None:
    assert "python9.9 -m venv .venv" in dry_run(fresh, "site", "PYTHON=python9.9")


def test_make_takes_the_systems_own_python_where_it_will_do(fresh: Path) -> None:
    """Its makers compile it with what they learnt of how it is used: a build takes a sixth less."""
    fit = ["/usr/bin/python3", "-c", "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))"]
    will_do = Path(fit[0]).exists() and subprocess.run(fit, capture_output=True, check=False).returncode == 0
    taken = re.findall(r"^(\S+) -m venv .venv", dry_run(fresh, "site"), re.MULTILINE)
    assert taken == ["/usr/bin/python3" if will_do else "python3"]


def test_a_second_make_site_installs_nothing(fresh: Path) -> None:
    for name in (".venv/.created", ".venv/.npm", ".venv/.run-time", "node_modules/.run-time"):
        (fresh / name).parent.mkdir(exist_ok=True)
        (fresh / name).touch()
    assert "pip" not in dry_run(fresh, "site")
    assert " ci " not in dry_run(fresh, "site")


@pytest.mark.parametrize(
    ("changed", "step"),
    [("pyproject.toml", "pip install"), ("locks/run-time.txt", "pip install"), ("package-lock.json", " ci ")],
)
def test_a_changed_list_is_installed_again(fresh: Path, changed: str, step: str) -> None:
    for name in (".venv/.created", ".venv/.npm", ".venv/.run-time", "node_modules/.run-time"):
        (fresh / name).parent.mkdir(exist_ok=True)
        (fresh / name).touch()
    later = (fresh / "node_modules/.run-time").stat().st_mtime + 10
    os.utime(fresh / changed, (later, later))
    assert step in dry_run(fresh, "site")


def test_ci_runs_the_checks_and_the_tests(project_root: Path) -> None:
    script = project_root / ".ci" / "run"
    assert os.access(script, os.X_OK)
    text = script.read_text("utf-8")
    assert "set -euo pipefail" in text
    assert text.index("make check") < text.index("make test")
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0


@pytest.mark.parametrize("broken_half", ["check", "test"])
def test_ci_fails_when_a_half_fails(project_root: Path, tmp_path: Path, broken_half: str) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(project_root / ".ci" / "run", tmp_path / ".ci" / "run")
    steps = {half: "false" if half == broken_half else "true" for half in ("check", "test")}
    closing = "===== 5 passed in 0.10s ====="
    (tmp_path / "Makefile").write_text(
        f"check:\n\t@{steps['check']}\ntest:\n\t@echo '{closing}'\n\t@echo TOTAL\n\t@{steps['test']}\n", "utf-8"
    )
    done = subprocess.run([tmp_path / ".ci" / "run"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout.splitlines()[-1] == closing


def test_no_tracked_file_names_a_registry_or_a_machine(project_root: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=project_root,
        capture_output=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout: which files are tracked is not known")
    files = [project_root / name for name in listed.stdout.decode().split("\0") if name]
    found = [
        f"{file.relative_to(project_root)}: {word}"
        for file in files
        if file.is_file()
        for word in FORBIDDEN
        if word.encode() in file.read_bytes()
    ]
    assert found == []


def test_the_factory_writes_a_readable_package(package_factory: Callable[..., Path]) -> None:
    package, problems = read_package(package_factory(organizations=12, reviews=3))
    assert problems == []
    assert package is not None
    organizations = package.resource("organizations")
    assert organizations is not None
    rows = list(iterate_rows(organizations))
    assert len(rows) == 12
    for row in rows:
        assert is_organization_id(row["organization_id"])
        assert is_inn(row["inn"])
        assert is_kpp(row["kpp"])
        assert is_ogrn(row["ogrn"])


def test_the_factory_takes_other_rows_and_another_descriptor(package_factory: Callable[..., Path]) -> None:
    folder = package_factory(
        "other", tables={"scores": [{"measure": "K1", "points": "1"}], "replies": None}, descriptor={"version": "2.0.0"}
    )
    assert (folder / "scores.csv").read_text("utf-8") == "measure,points\nK1,1\n"
    assert not (folder / "replies.csv").exists()
    assert json.loads((folder / "datapackage.json").read_text("utf-8"))["version"] == "2.0.0"


def test_the_factory_writes_valid_packages(
    package_factory: Callable[..., Path], project_root: Path, tmp_path: Path, today: date
) -> None:
    method = parse_method((project_root / "content" / "methods" / f"{METHOD_ID}.yaml").read_text("utf-8"), METHOD_ID)
    tomsk = Region(region_code="70", name="Томская область", lat_min=55.6, lat_max=61.1, lon_min=74.9, lon_max=89.5)
    terms = Terms(methods={method.id: method}, regions=[tomsk], today=today)
    checked = check_packages([package_factory("a"), package_factory("b", prefix="b-")], terms, tmp_path)
    assert checked.problems == []
    assert checked.rows["b", "scores"] == 3 * 6
