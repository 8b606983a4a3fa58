"""Pull of the image `bench` from a registry on loopback against curl and skopeo."""

import json
import os
import pathlib
import shlex
import shutil
import sys
import urllib.request

from measure import Bench, Case, installed, say_missing

registry = os.environ["BENCH_REGISTRY"]
memory = pathlib.Path(os.environ["BENCH_MEMORY"], "pull")
berth = os.environ["BENCH_DIST"] + "/bin/berth"
IMAGE = "berth/bench"


def blobs() -> list[tuple[str, int]]:
    request = urllib.request.Request(f"http://{registry}/v2/{IMAGE}/manifests/latest", headers={
        "Accept": "application/vnd.docker.distribution.manifest.v2+json"})
    with urllib.request.urlopen(request) as answer:
        manifest = json.load(answer)
    return [(part["digest"], part["size"]) for part in [manifest["config"], *manifest["layers"]]]


def curl(digests: list[str], parallel: bool) -> list[str]:
    """Fetches into files named by digest, then has sha256sum compare."""
    wanted = "".join(f"{digest.removeprefix('sha256:')}  {digest}\n" for digest in digests)
    options = " ".join(f"-o {digest} http://{registry}/v2/{IMAGE}/blobs/{digest}" for digest in digests)
    script = (f"cd {shlex.quote(str(memory / 'curl'))} && curl -sSf {'-Z ' if parallel else ''}{options} && "
              f"printf %s {shlex.quote(wanted)} | sha256sum --check --quiet")
    return ["/bin/sh", "-c", script]


def empty(name: str) -> None:
    for folder in memory.iterdir():  # one at a time: it is memory
        if folder.name != "kept":
            shutil.rmtree(folder)
    make(name)


def make(name: str) -> None:
    """A folder that counts as a repository, as --repo wants it."""
    for part in ("repos", "layers", "containers", "bin", "lib"):
        (memory / name / part).mkdir(parents=True)


def main(runs: int) -> None:
    make("kept")
    missing: list[str] = []
    parts = blobs()
    digests = [digest for digest, _ in parts]
    env = os.environ | {"HOME": str(memory), "USER": "bench"}
    pull = ["pull", f"{registry}/{IMAGE}"]
    bench = Bench(runs, env)
    kept = Case("kept", [berth, "--quiet", "--repo", str(memory / "kept"), *pull])
    bench.sample(kept)
    one = "curl, one after another, and sha256sum"
    cases = [
        Case(one, curl(digests, False), prepare=lambda: empty("curl")),
        Case("curl, in parallel, and sha256sum", curl(digests, True), prepare=lambda: empty("curl")),
        Case("berth pull", [berth, "--quiet", "--repo", str(memory / "repo"), *pull], prepare=lambda: empty("repo"), minus=one),
        Case("berth pull, all is there", kept.words),
    ]
    cases += installed("skopeo", lambda path: Case(
        "skopeo copy to dir:", [path, "copy", "-q", "--insecure-policy", "--src-tls-verify=false",
                                f"docker://{registry}/{IMAGE}:latest", f"dir:{memory / 'skopeo'}"],
        prepare=lambda: empty("skopeo")), missing)
    size = sum(size for _, size in parts) / 1e6
    bench.table(f"pull of {size:.0f} MB in {len(parts)} blobs, loopback, into tmpfs", cases, unit="s", warm=False)
    say_missing(missing)
    shutil.rmtree(memory)


main(int(sys.argv[1]))
