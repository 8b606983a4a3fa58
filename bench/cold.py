"""A command from nothing: berth against the bare JVM and python3, and the share of each phase; each command that
works offline; and listings of few and of many."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable

from measure import Bench, Case

dist = pathlib.Path(os.environ["BENCH_DIST"])
berth = str(dist / "bin/berth")
PYTHON = "python3 (udocker's imports)"
IMPORTS = [sys.executable, "-c", "import argparse,json,subprocess,urllib.request"]
LOOKS = [
    ["ps"], ["ps", "-m"], ["images"], ["images", "-l"], ["inspect", "one"], ["showconf"], ["setup", "one"],
    ["prune", "--dry-run"], ["help"], ["--help"], ["ps", "--help"], ["completion", "bash"], ["explain", "one", "/bin/true"],
    ["run", "one", "/bin/true"],
]


def java_words(verb: str) -> list[str]:
    """The words with which the front starts Java: told by the front itself, started beside a runtime that only
    says its arguments."""
    with tempfile.TemporaryDirectory() as place:
        fake = pathlib.Path(place)
        for folder in ("bin", "runtime/bin"):
            (fake / folder).mkdir(parents=True)
        shutil.copy2(berth, fake / "bin/berth")
        (fake / "lib").symlink_to(dist / "lib")
        java = fake / "runtime/bin/java"
        java.write_text('#!/bin/sh\nprintf "%s\\n" "$0" "$@"\n')
        java.chmod(0o755)
        said = subprocess.run([str(fake / "bin/berth"), verb], check=True, capture_output=True, text=True).stdout
        return said.replace(str(fake), str(dist)).splitlines()


def bare_jvm(words: list[str], cache: bool) -> list[str]:
    """The same JVM and options that only says its version: no class of ours runs. (A main that ends with System.exit would
    measure the look-up of a logger too.)"""
    main = words.index("io.berth.boot.Main")
    return [word for word in words[:main] if cache or not word.startswith("-XX:AOTCache=")] + ["-version"]


def main(runs: int) -> None:
    work = pathlib.Path(os.environ["BENCH_WORK"], "cold")
    repository = str(work / "repo")
    env = os.environ | {"BERTH_DIR": repository, "HOME": str(work), "USER": "bench", "LOGNAME": "bench",
                        "BERTH_FRONT_HOME": str(dist), "BERTH_FRONT_UID": str(os.geteuid()),
                        "BERTH_FRONT_GID": str(os.getegid())}
    def do(*words: str) -> Callable[[], None]:
        return lambda: subprocess.run([berth, "--quiet", *words], check=True, env=env, stdout=subprocess.DEVNULL)

    for name in ("one", "two"):
        do("create", f"--name={name}", "berth/tiny")()
    subprocess.run([berth, "run", "one", "/bin/true"], check=True, env=env)  # finds out about this host, once
    version = java_words("version")
    bare, direct = "bare JVM, with the AOT cache", "version, without the front"
    bench = Bench(runs, env)
    cases = [
        Case(PYTHON, IMPORTS),
        Case("python3 -c pass", [sys.executable, "-c", "pass"]),
        Case("bare JVM, without the AOT cache", bare_jvm(version, False)),
        Case(bare, bare_jvm(version, True)),
        Case(direct, version, minus=bare),
        Case("berth version", [berth, "version"], minus=direct),
    ]
    cases += [Case(f"berth {' '.join(words)}", [berth, *words], minus="berth version") for words in LOOKS]
    bench.table("cold commands that look", cases)
    print(f"\nPhases of `version`: JVM = {bare}; parse and command = the difference of '{direct}'; "
          "front = the difference of 'berth version'.")
    bench.table("cold commands that change or copy", [Case(PYTHON, IMPORTS), *changes(work, do)])
    few, many = work / "few", work / "many"
    crowd(pathlib.Path(repository), few, 2)
    crowd(pathlib.Path(repository), many, 200)
    for verb in ("images", "ps"):
        bench.table(f"{verb} of 2 and of 200", [
            Case("of 2 images and containers", [berth, "--repo", str(few), verb]),
            Case("of 200 images and containers", [berth, "--repo", str(many), verb]),
        ])


def changes(work: pathlib.Path, do: Callable[..., Callable[[], None]]) -> list[Case]:
    archive, image, tree, made = (str(work / name) for name in ("tree.tar", "image.tar", "some.tar", "made"))
    do("export", "-o", tree, "one")()
    do("save", "-o", image, "berth/tiny")()

    def case(words: list[str], prepare: Callable[[], None] = lambda: None,
             after: Callable[[], None] = lambda: None) -> Case:
        return Case("berth " + words[0], [berth, *words], prepare, after)

    def remove(file: str) -> Callable[[], None]:
        return lambda: subprocess.run(["rm", "-rf", file], check=True)

    return [
        case(["name", "one", "more"], after=do("rmname", "more")),
        case(["rmname", "more"], prepare=do("name", "one", "more")),
        case(["rename", "one", "other"], after=do("rename", "other", "one")),
        case(["protect", "one"]),
        case(["unprotect", "one"]),
        case(["setup", "--execmode=P1", "one"]),
        case(["tag", "berth/tiny", "more:1"], after=do("rmi", "more:1")),
        case(["rmi", "more:1"], prepare=do("tag", "berth/tiny", "more:1")),
        case(["mkrepo", made], after=remove(made)),
        case(["create", "--name=more", "berth/tiny"], after=do("rm", "more")),
        case(["clone", "--name=more", "one"], after=do("rm", "more")),
        case(["rm", "more"], prepare=do("clone", "--name=more", "one")),
        case(["export", "-o", archive, "one"], after=remove(archive)),
        case(["import", tree, "more:1"], after=do("rmi", "more:1")),
        case(["save", "-o", archive, "berth/tiny"], after=remove(archive)),
        case(["load", "-i", image, "more:1"], after=do("rmi", "more:1")),
        case(["verify", "berth/tiny"]),
    ]


def crowd(model: pathlib.Path, to: pathlib.Path, count: int) -> None:
    """A repository with as many images and named containers, each like the model's first."""
    shutil.copytree(model, to, symlinks=True)
    image = to / "repos/berth/tiny/latest"
    container = next(folder for folder in (to / "containers").iterdir() if not folder.is_symlink())
    for entry in (to / "containers").iterdir():
        if entry.is_symlink():
            entry.unlink()
        elif entry != container:
            shutil.rmtree(entry)
    (to / "containers/one").symlink_to(container.name)
    for number in range(count - 1):
        shutil.copytree(image, to / f"repos/berth/tiny{number}/latest", symlinks=True)
        name = str(uuid.UUID(int=number))
        shutil.copytree(container, to / "containers" / name, symlinks=True)
        (to / f"containers/box{number}").symlink_to(name)


main(int(sys.argv[1]))
