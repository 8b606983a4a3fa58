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


def tar(files: list[str], into: str) -> str:
    # device nodes are refused to ordinary users, and berth leaves them out
    return f"mkdir {into}; " + "; ".join(
        f"tar -xzf {shlex.quote(file)} -C {into} --exclude='dev/*' --exclude='./dev/*'" for file in files)


def shell(line: str) -> list[str]:
    return ["/bin/sh", "-ec", line]


def oldest(pattern: str) -> str:
    return f'"$(ls -dt {pattern} | tail -n 1)"'


def measure(bench: Bench, repository: pathlib.Path, where: str, apart: bool) -> None:
    """With `apart`, what is made stays until everything is made: ext4 does not use an inode again for minutes after its
    file went, and looks for others ever longer, so that whoever comes after a removal pays for it."""
    files = layers(repository)
    inside = f"cd {shlex.quote(str(repository))}; "
    run = f"{shlex.quote(berth)} --quiet --repo ."
    by_tar, by_copy = "tar, layer after layer", "cp -a of the container"
    making = [
        Case(by_tar, shell(inside + tar(files, "tar-$$"))),
        Case("berth create", shell(f"{inside}{run} create --name=made-$$ {image}"), minus=by_tar),
        Case(by_copy, shell(inside + f"cp -a {oldest('containers/made-*')}/ROOT copy-$$")),
        Case("berth clone", shell(inside + f"{run} clone --name=clone-$$ $(basename {oldest('containers/made-*')})"),
             minus=by_copy),
    ]
    removing = [
        Case("rm -rf of tar's", shell(inside + f"rm -rf {oldest('tar-*')}")),
        Case("berth rm", shell(inside + f"{run} rm $(basename {oldest('containers/made-*')})"), minus="rm -rf of tar's"),
        Case("rm -rf of the copy", shell(inside + f"rm -rf {oldest('copy-*')}")),
        Case("berth rm of the clone", shell(inside + f"{run} rm $(basename {oldest('containers/clone-*')})"),
             minus="rm -rf of the copy"),
    ]
    rest = [Case("gzip -dc of the layers, to nothing", shell("gzip -dc " + " ".join(map(shlex.quote, files))))]
    if apart:
        bench.table(f"unpack on {where}", making + rest, unit="s", warm=False)
        tree = next(repository.glob("tar-*"))
        print(f"\n{sum(len(folders) + len(names) for _, folders, names in os.walk(tree))} entries.")
        bench.table(f"removal on {where}", removing, unit="s", warm=False)
    else:
        bench.table(f"unpack and removal on {where}", making + removing + rest, unit="s", warm=False)


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
        measure(bench, memory / "repo", "tmpfs", apart=False)
        shutil.rmtree(memory)
        kind = subprocess.run(["stat", "-f", "-c", "%T", str(disk)], check=True, capture_output=True, text=True).stdout
        measure(bench, disk / "repo", f"disk ({kind.strip()})", apart=True)
    finally:
        for folder in (memory, disk):
            if folder.exists():
                subprocess.run(["rm", "-rf", str(folder)], check=True)


main(int(sys.argv[1]))
