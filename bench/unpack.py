"""Unpacking the image `bench`: berth create against GNU tar of the same layers, and removal."""

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

from measure import Bench, Case

berth = os.environ["BENCH_DIST"] + "/bin/berth"
image = os.environ["BENCH_REGISTRY"] + "/berth/bench"


def layers(repository: pathlib.Path) -> list[str]:
    manifest = next(repository.glob("repos/**/latest/manifest"))
    digests = [layer["digest"] for layer in json.loads(manifest.read_text())["layers"]]
    return [str(repository / "layers" / digest) for digest in digests]


def tar(files: list[str], into: pathlib.Path) -> list[str]:
    # device nodes are refused to ordinary users, and berth leaves them out
    lines = [f"mkdir {shlex.quote(str(into))}"]
    lines += [f"tar -xzf {shlex.quote(file)} -C {shlex.quote(str(into))} --exclude='dev/*' --exclude='./dev/*'"
              for file in files]
    return ["/bin/sh", "-ec", "\n".join(lines)]


def remove(folder: pathlib.Path) -> None:
    if folder.exists():
        subprocess.run(["rm", "-rf", str(folder)], check=True)


def measure(bench: Bench, repository: pathlib.Path, where: str, env: dict[str, str]) -> None:
    files = layers(repository)
    tree = repository / "tar-tree"
    copy, containers = repository / "copy-tree", shlex.quote(str(repository / "containers"))
    words = [berth, "--quiet", "--repo", str(repository)]
    made = "tar, layer after layer"
    bench.table(f"unpack on {where}", [
        Case(made, tar(files, tree)),
        Case("rm -rf", ["rm", "-rf", str(tree)]),
        Case("berth create", [*words, "create", "--name=bench", image], minus=made),
        Case("cp -a of the container", ["/bin/sh", "-c", f"cp -a {containers}/bench/ROOT {shlex.quote(str(copy))}"]),
        Case("rm -rf of that copy", ["rm", "-rf", str(copy)]),
        Case("berth clone", [*words, "clone", "--name=copy", "bench"], minus="cp -a of the container"),
        Case("berth rm of that clone", [*words, "rm", "copy"], minus="rm -rf of that copy"),
        Case("berth rm", [*words, "rm", "bench"], minus="rm -rf"),
        Case("gzip -dc of the layers, to nothing", ["/bin/sh", "-c", "gzip -dc " + " ".join(map(shlex.quote, files))]),
    ], unit="s", warm=False)
    subprocess.run([*words, "create", "--name=bench", image], check=True, env=env, stdout=subprocess.DEVNULL)
    count = sum(len(folders) + len(names) for _, folders, names in os.walk(next(repository.glob("containers/*/ROOT"))))
    print(f"\n{count} entries.")
    subprocess.run([*words, "rm", "bench"], check=True, env=env)


def main(runs: int) -> None:
    memory = pathlib.Path(os.environ["BENCH_MEMORY"], "unpack")
    disk = pathlib.Path(os.environ["BENCH_WORK"], "unpack")
    env = os.environ | {"HOME": str(memory), "USER": "bench"}
    bench = Bench(runs, env)
    memory.mkdir(parents=True)
    subprocess.run([berth, "--quiet", "mkrepo", str(memory / "repo")], check=True, env=env)
    subprocess.run([berth, "--quiet", "--repo", str(memory / "repo"), "pull", image], check=True, env=env)
    shutil.copytree(memory / "repo", disk / "repo", symlinks=True)
    try:
        measure(bench, memory / "repo", "tmpfs", env)
        shutil.rmtree(memory)
        kind = subprocess.run(["stat", "-f", "-c", "%T", str(disk)], check=True, capture_output=True, text=True).stdout
        measure(bench, disk / "repo", f"disk ({kind.strip()})", env)
    finally:
        for folder in (memory, disk):
            remove(folder)


main(int(sys.argv[1]))
