"""Start of one rank: berth-exec through a warm plan against the bare engines."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

from measure import Bench, Case, installed, say_missing

work = pathlib.Path(os.environ["BENCH_WORK"], "start")
binaries = os.environ["BENCH_BIN"]
berth_exec = os.environ["BENCH_DIST"] + "/libexec/berth-exec"
engines = pathlib.Path(os.environ["BENCH_DIST"], "libexec/engines")
tree = work / "tree"
uid, gid = os.geteuid(), os.getegid()
PROGRAM = "/bin/true"
ENGINE_MOUNTS = ("/proc", "/sys", "/dev")


def make_tree() -> None:
    for folder in ("bin", "dev", "etc", "home", "mnt", "proc", "root", "run", "sys", "tmp", "usr", "var"):
        (tree / folder).mkdir(parents=True)
    shutil.copy2("/bin/busybox", tree / "bin/busybox")
    for name in ("true", "sleep"):
        (tree / "bin" / name).symlink_to("busybox")
    for name in ("passwd", "group", "hosts", "resolv.conf"):  # what ch-run wants to see
        (tree / "etc" / name).touch()


def plan(name: str, mode: str, *lines: str) -> str:
    """Writes a plan file (docs/formats/launch-plan.md)."""
    file = work / name
    file.write_text("\n".join(["berth-plan 1", f"uid {uid}", f"mode {mode}", "keep-env *", "keep-fd all",
                               "workdir /", *lines, "end", ""]))
    file.chmod(0o600)
    return str(file)


def namespace_lines() -> list[str]:
    binds = [f"bind {mount} {mount} rw,rec" for mount in ENGINE_MOUNTS]
    return ["namespace user,mount", f"identity {uid} {gid}", f"root {tree} rw", *binds]


def proot_words(proot: str, *options: str) -> list[str]:
    binds = [word for mount in ENGINE_MOUNTS for word in ("-b", mount)]
    return [proot, *options, *binds, "-r", str(tree), "-w", "/"]


def proot_cases(missing: list[str]) -> list[Case]:
    """Our own build against itself without berth-exec, and the system's with our init inside."""
    cases = []
    own = next(iter(engines.glob("proot-[!l]*")), None)
    if own:
        loader = f"engine-env PROOT_LOADER {engines / own.name.replace('proot-', 'proot-loader-')}"
        words = proot_words(str(own), "--kill-on-exit")
        for mode, *lines in (("P1",), ("P2", "engine-env PROOT_NO_SECCOMP 1")):
            engine = plan(f"own-{mode}", mode, "engine " + " ".join([*words, "/.berth-start"]), loader, *lines,
                          f"engine-env PROOT_TMP_DIR {work}")
            unset = ["env", "-u", "PROOT_NO_SECCOMP"] if mode == "P1" else ["env"]
            cases += [Case(f"own proot, {mode}", [*unset, *words, PROGRAM]),
                      Case(f"berth-exec + own proot, {mode}", [*unset, berth_exec, engine, "--", PROGRAM],
                           minus=f"own proot, {mode}")]
    else:
        missing.append("own proot")
    if system := shutil.which("proot"):
        words = proot_words(system, "-b", f"{berth_exec}:/.berth-init")
        engine = plan("proot", "P2", "engine " + " ".join(words), "engine-init /.berth-init",
                      "engine-env PROOT_NO_SECCOMP 1", f"engine-env PROOT_TMP_DIR {work}")
        cases += [Case("proot", [*words, PROGRAM]),
                  Case("berth-exec + proot", [berth_exec, engine, "--", PROGRAM], minus="proot")]
    else:
        missing.append("proot")
    return cases


def oci_bundle() -> str:
    bundle = work / "bundle"
    bundle.mkdir()
    maps = [{"containerID": 0, "hostID": value, "size": 1} for value in (uid, gid)]
    mounts = [{"destination": "/proc", "type": "proc", "source": "proc"}]
    mounts += [{"destination": mount, "type": "none", "source": mount, "options": ["rbind"]} for mount in ("/sys", "/dev")]
    config = {
        "ociVersion": "1.0.0",
        "root": {"path": str(tree)},
        "process": {"user": {"uid": 0, "gid": 0}, "args": [PROGRAM], "cwd": "/", "env": ["PATH=/bin"], "terminal": False},
        "mounts": mounts,
        "linux": {"namespaces": [{"type": "user"}, {"type": "mount"}, {"type": "pid"}],
                  "uidMappings": maps[:1], "gidMappings": maps[1:]},
    }
    (bundle / "config.json").write_text(json.dumps(config))
    return str(bundle)


def joining(env: dict[str, str]) -> tuple[str, subprocess.Popen[bytes]]:
    """A plan whose namespace a first rank has made and holds."""
    share = work / "share"
    share.mkdir(mode=0o700)
    file = plan("join", "R1", *namespace_lines(), f"share {share} BENCH_STEP")
    first = subprocess.Popen([berth_exec, file, "--", "/bin/sleep", "100000"], env=env)
    return file, first


def main(runs: int) -> None:
    make_tree()
    env = {"PATH": os.environ["PATH"], "HOME": "/", "USER": "bench", "LC_ALL": "C", "BENCH_STEP": "1", "PROOT_NO_SECCOMP": "1",
           "PROOT_TMP_DIR": str(work), "XDG_RUNTIME_DIR": str(work)}
    if "LD_LIBRARY_PATH" in os.environ:
        env["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    join, first = joining(env)
    new = plan("new", "R1", *namespace_lines())
    bundle, missing = oci_bundle(), []

    def runtime(name: str, *options: str) -> list[Case]:
        words = (*options, "--root", f"{work}/{name}", "run", "--bundle", bundle, "bench")
        return installed(name, lambda path: Case(name, [path, *words]), missing)

    bare = "bare namespace"
    cases = [
        Case(bare, [f"{binaries}/bare-namespace", str(tree), PROGRAM]),
        Case("bare exec", [str(tree) + PROGRAM]),
        Case("unshare -r --root", ["unshare", "-r", "--root", str(tree), PROGRAM]),
        Case("berth-exec, new namespace", [berth_exec, new, "--", PROGRAM], minus=bare),
        Case("berth-exec, joining", [berth_exec, join, "--", PROGRAM], minus=bare),
        Case("berth-exec, no such command (own RSS)", [berth_exec, new, "--", "/none"], status=127),
    ]
    binds = [word for mount in ENGINE_MOUNTS for word in ("--dev-bind", mount, mount)]
    cases += installed("bwrap", lambda path: Case(
        "bwrap", [path, "--unshare-user", "--bind", str(tree), "/", *binds, "--chdir", "/", PROGRAM]), missing)
    cases += installed("ch-run", lambda path: Case("ch-run", [path, str(tree), "--", PROGRAM]), missing)
    cases += runtime("crun", "--cgroup-manager=disabled")
    cases += runtime("runc", "--rootless=true")
    cases += proot_cases(missing)
    try:
        Bench(runs, env).table("start of one rank, warm plan", cases)
    finally:
        first.kill()
        first.wait()
    say_missing(missing)


main(int(sys.argv[1]))
