"""A step of Slurm: 64 tasks on 4 nodes, bare, through the plugin, through the generated script's launcher, and through bwrap and
proot without any of it. Runs inside an allocation on the tests' cluster (bench/run starts it there)."""

import os
import pathlib
import shutil
import subprocess
import sys
import urllib.parse

from measure import Bench, Case, say_missing

IMAGE, LINKED = os.environ["BENCH_IMAGE"], os.environ["BENCH_LINKED"]  # F modes need programs that are not static
NODES, TASKS = 4, 64
dist = pathlib.Path(os.environ["BENCH_DIST"])
stage = pathlib.Path(f"/tmp/berth-{os.getuid()}")
PROGRAM = "/bin/true"
SRUN = ["srun", "--quiet", f"--nodes={NODES}", f"--ntasks={TASKS}", f"--ntasks-per-node={TASKS // NODES}", "--overlap"]
EACH = ["srun", "--quiet", f"--nodes={NODES}", f"--ntasks={NODES}", "--ntasks-per-node=1", "--overlap"]
MOUNTS = ("/proc", "/sys", "/dev")


def once(*words: str) -> str:
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def everywhere(script: str) -> None:
    once(*EACH, "sh", "-c", script)


def warm(step: str, pinned: str, *options: str) -> str:
    """Prepares each node as the generated script does; the path of the plan."""
    once(*EACH, str(dist / "bin/berth"), "--quiet", "node", "prepare", f"--step={step}", *options, pinned)
    return f"{stage}/jobs/{os.environ['SLURM_JOB_ID']}.0/{step}/plan"


def engine_words(plan: str) -> list[str]:
    """What the plan starts PRoot with, as a command: the same mounts, without our launcher (docs/formats/launch-plan.md)."""
    lines = [[urllib.parse.unquote(word) for word in line.split(" ")]
             for line in once(*SRUN[:1], "--quiet", "--nodes=1", "--ntasks=1", "--overlap", "cat", plan).splitlines()]
    words = next(line[1:] for line in lines if line[0] == "engine")
    settings = [f"{line[1]}={line[2]}" for line in lines if line[0] == "engine-env"]
    return ["env", *settings, *(word for word in words if word != "/.berth-start")]


def engines(root: str, plan: str, missing: list[str]) -> list[Case]:
    cases = [Case("the plan's PRoot alone, P2", [*SRUN, *engine_words(plan), PROGRAM])]
    if bwrap := shutil.which("bwrap"):
        binds = [word for mount in MOUNTS for word in ("--dev-bind", mount, mount)]
        cases.append(Case("bwrap alone, 3 mounts", [*SRUN, bwrap, "--unshare-user", "--ro-bind", root, "/", *binds, "--chdir", "/", PROGRAM]))
    else:
        missing.append("bwrap")
    if proot := shutil.which("proot"):
        binds = [word for mount in MOUNTS for word in ("-b", mount)]
        cases.append(Case("the system's proot alone, 3 mounts", [*SRUN, "env", "PROOT_NO_SECCOMP=1", proot, *binds,
                                                                   "-r", root, "-w", "/", PROGRAM]))
    else:
        missing.append("proot")
    return cases


def main(runs: int) -> None:
    pinned = once(str(dist / "bin/berth"), "--quiet", "node", "pin", IMAGE)
    image, missing = f"--container-image={pinned}", []
    linked = once(str(dist / "bin/berth"), "--quiet", "node", "pin", LINKED)
    loaded = warm("bench-f1", linked, "--mode=F1")
    namespace, traced = warm("bench-r1", pinned, "--mode=R1"), warm("bench-p2", pinned, "--mode=P2")
    root = f"{stage}/images/{pinned.rpartition(':')[2]}/rootfs"
    launcher = str(dist / "libexec/berth-exec")
    bench = Bench(runs)
    bench.table(f"srun -N{NODES} -n{TASKS} true, plan and image there", [
        Case("bare", [*SRUN, PROGRAM]),
        Case("plugin, R1", [*SRUN, image, "--container-mode=R1", PROGRAM], minus="bare"),
        Case("generated script's step, R1", [*SRUN, launcher, namespace, "--", PROGRAM], minus="bare"),
        Case("plugin, F1", [*SRUN, f"--container-image={linked}", "--container-mode=F1", PROGRAM], minus="bare"),
        Case("generated script's step, F1", [*SRUN, launcher, loaded, "--", PROGRAM], minus="bare"),
        Case("plugin, P2", [*SRUN, image, "--container-mode=P2", PROGRAM], minus="bare"),
        Case("generated script's step, P2", [*SRUN, launcher, traced, "--", PROGRAM], minus="bare"),
        *engines(root, traced, missing),
    ])
    jobs, images = f"rm -rf {stage}/jobs/*/srun-*", f"chmod -R u+w {stage}/images; rm -rf {stage}/images/* {stage}/jobs/*/srun-*"
    home = os.environ["HOME"]
    # what each takes away is what the next phase costs
    bench.runs = max(3, runs // 4)
    bench.table(f"first step of a job on {NODES} nodes, one task each", [
        Case("bare", [*EACH, PROGRAM]),
        Case("plan there", [*EACH, image, PROGRAM], minus="bare"),
        Case("no plan", [*EACH, image, PROGRAM], prepare=lambda: everywhere(jobs), minus="plan there"),
        Case("nor facts about the node", [*EACH, image, PROGRAM],
             prepare=lambda: everywhere(f"{jobs}; rm -f {stage}/.facts-*"), minus="no plan"),
        Case("nor the image's tree", [*EACH, image, PROGRAM], prepare=lambda: everywhere(images), minus="no plan"),
        Case("nor its layers: fetched too", [*EACH, image, PROGRAM],
             prepare=lambda: everywhere(f"{images}; rm -rf {home}/.udocker"), minus="nor the image's tree"),
    ], unit="s")
    say_missing(missing)


main(int(sys.argv[1]))
