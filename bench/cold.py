"""A command from nothing: berth against the bare JVM and python3, and the share of each phase."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measure import Bench, Case

dist = pathlib.Path(os.environ["BENCH_DIST"])
berth = str(dist / "bin/berth")
PYTHON = "python3 (udocker's imports)"


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
    for name in ("one", "two"):
        subprocess.run([berth, "create", f"--name={name}", "berth/tiny"], check=True, env=env, stdout=subprocess.DEVNULL)
    subprocess.run([berth, "run", "one", "/bin/true"], check=True, env=env)  # finds out about this host, once
    version = java_words("version")
    bare, direct = "bare JVM, with the AOT cache", "version, without the front"
    cases = [
        Case(PYTHON, [sys.executable, "-c", "import argparse,json,subprocess,urllib.request"]),
        Case("python3 -c pass", [sys.executable, "-c", "pass"]),
        Case("bare JVM, without the AOT cache", bare_jvm(version, False)),
        Case(bare, bare_jvm(version, True)),
        Case(direct, version, minus=bare),
        Case("berth version", [berth, "version"], minus=direct),
        Case("berth ps", [berth, "ps"], minus="berth version"),
        Case("berth images", [berth, "images"], minus="berth version"),
        Case("berth --help", [berth, "--help"], minus="berth version"),
        Case("berth run", [berth, "run", "one", "/bin/true"], minus="berth version"),
    ]
    Bench(runs, env).table("cold commands", cases)
    print(f"\nPhases of `version`: JVM = {bare}; parse and command = the difference of '{direct}'; "
          "front = the difference of 'berth version'.")


main(int(sys.argv[1]))
