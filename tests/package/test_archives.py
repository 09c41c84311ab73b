"""What is in the two zip files, and that the checks notice faults."""

from __future__ import annotations

import py_compile
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from infra.check_package import ARCHIVE_CHECKS
from infra.checks import archives
from infra.package import package as build_package
from infra.packaging import archive, bytecode
from infra.packaging.bundle import build_bundle
from infra.packaging.layout import Layer, Layout

if TYPE_CHECKING:
    from pathlib import Path

    from infra.check_package import ArchiveCheck
    from tests.package.conftest import Built


@pytest.mark.parametrize("check", ARCHIVE_CHECKS, ids=lambda check: check.__name__)
def test_finds_nothing_wrong_with_our_code(check: ArchiveCheck, built: Built) -> None:
    assert list(check(built.layout.bundle)) == []


@pytest.mark.parametrize("check", ARCHIVE_CHECKS, ids=lambda check: check.__name__)
def test_finds_nothing_wrong_with_the_layer(check: ArchiveCheck, built: Built) -> None:
    assert [each for layer in Layer for each in check(built.layout.layer(layer))] == []


def test_fits_lambda(built: Built) -> None:
    assert (
        list(archives.code_fits_lambda(built.layout.bundle, *map(built.layout.layer, Layer))) == []
    )


def test_a_second_build_gives_the_same_bytes(built: Built, tmp_path: Path) -> None:
    again = Layout(build=tmp_path / "again", cache=tmp_path / "empty")

    build_package(again)

    first = built.layout
    assert archive.sha256_of(again.bundle) == archive.sha256_of(first.bundle)
    for layer in Layer:
        assert archive.sha256_of(again.layer(layer)) == archive.sha256_of(first.layer(layer))
    assert archive.sha256_of(again.template) == archive.sha256_of(first.template)


def test_a_renamed_module_leaves_nothing_behind(built: Built, tmp_path: Path) -> None:
    # Chalice's cache is by content: it would give back the package with the old name.
    layout = replace(built.layout, root=_copy_of_project(built.layout.root, tmp_path / "project"))
    layout = replace(layout, build=tmp_path / "build")
    extra = layout.root / "functions" / "before.py"
    extra.write_text("X = 1\n", "utf-8")
    build_bundle(layout)

    extra.rename(extra.with_name("after.py"))
    build_bundle(layout)

    with zipfile.ZipFile(layout.bundle) as opened:
        names = opened.namelist()
    assert "functions/after.py" in names
    assert "functions/before.py" not in names


def _copy_of_project(root: Path, to: Path) -> Path:
    (to / "infra").mkdir(parents=True)
    for name in ("app.py", "template.yaml", "requirements.txt", "layers"):
        (to / name).symlink_to(root / name)
    for name in ("chalice", "policies"):
        (to / "infra" / name).symlink_to(root / "infra" / name)
    (to / "functions").mkdir()
    for entry in (root / "functions").iterdir():
        if entry.name != "__pycache__":
            (to / "functions" / entry.name).symlink_to(entry)
    return to


def test_the_bundle_holds_our_code_and_nothing_of_the_workshop(built: Built) -> None:
    with zipfile.ZipFile(built.layout.bundle) as opened:
        names = opened.namelist()

    assert {name.split("/")[0] for name in names} == {
        "__pycache__",
        "app.py",
        "chalice",
        "functions",
    }
    assert not [name for name in names if "test" in name.lower()]


def test_the_layer_has_the_models_of_the_services_we_call_and_no_others(built: Built) -> None:
    data = built.unpacked.layer / "botocore" / "data"

    services = sorted(entry.name for entry in data.iterdir() if entry.is_dir())

    assert services == ["dynamodb", "kms", "s3", "secretsmanager", "sqs", "sts"]


def _zip_of(folder: Path, to: Path) -> Path:
    archive.write_zip(folder, to=to)
    return to


def test_notices_a_module_without_bytecode(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "lone.py").write_text("X = 1\n", "utf-8")
    zipped = _zip_of(tmp_path / "code", tmp_path / "code.zip")

    assert list(archives.bytecode_is_beside(zipped)) == ["code.zip: lone.py has no bytecode"]


def test_notices_bytecode_that_looks_at_dates(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "dated.py").write_text("X = 1\n", "utf-8")
    py_compile.compile(
        str(tmp_path / "code" / "dated.py"),
        invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP,
    )
    zipped = _zip_of(tmp_path / "code", tmp_path / "code.zip")

    assert list(archives.bytecode_is_beside(zipped)) == [
        "code.zip: the bytecode of dated.py is stale or would not be used"
    ]


def test_notices_bytecode_of_an_older_source(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "old.py").write_text("X = 1\n", "utf-8")
    bytecode.compile_tree(tmp_path / "code", seen_as="/var/task")
    (tmp_path / "code" / "old.py").write_text("X = 2\n", "utf-8")
    zipped = _zip_of(tmp_path / "code", tmp_path / "code.zip")

    assert list(archives.bytecode_is_beside(zipped)) == [
        "code.zip: the bytecode of old.py is stale or would not be used"
    ]


def test_notices_a_package_that_was_built_on_this_machine(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "layer.zip", "w") as opened:
        opened.writestr("python/thing-1.dist-info/WHEEL", "Tag: cp311-cp311-linux_x86_64\n")

    assert list(archives.wheels_fit_lambda(tmp_path / "layer.zip")) == [
        "layer.zip: thing-1.dist-info was built on this machine"
    ]


def test_notices_a_library_for_a_newer_c_library(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "layer.zip", "w") as opened:
        opened.writestr("python/thing.so", b"\x7fELF GLIBC_2.2.5 GLIBC_2.99 ")

    (finding,) = archives.native_code_fits_lambda(tmp_path / "layer.zip")
    assert finding.startswith("layer.zip: python/thing.so needs glibc 2.99")


def test_notices_dates_and_disorder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as opened:
        opened.writestr(zipfile.ZipInfo("b.py", (2026, 1, 1, 0, 0, 0)), "")
        opened.writestr(zipfile.ZipInfo("a.py", (1980, 1, 1, 0, 0, 0)), "")

    assert list(archives.archive_is_reproducible(tmp_path / "code.zip")) == [
        "code.zip: the names are not sorted",
        "code.zip: b.py has a date",
    ]
