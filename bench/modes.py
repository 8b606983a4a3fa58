"""Each mode that this node has, against the bare host, the bare engines and other tools: how long a start takes, and what a
program pays that asks the kernel for much."""

import dataclasses
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable

from measure import Bench, Case, CaseFailed, load, machine
from picture import svg

dist = pathlib.Path(os.environ["BENCH_DIST"])
work = pathlib.Path(os.environ["BENCH_WORK"], "modes")
binaries = pathlib.Path(os.environ["BENCH_BIN"])
repository = work / "repo"
berth = str(dist / "bin/berth")
HOST = "host"
PYTHON = f"usr/lib/python{sys.version_info.major}.{sys.version_info.minor}"
IMPORTS = "import json, argparse, subprocess, urllib.request, http.client, decimal, sqlite3"
MOUNTS = ("/dev", "/proc", "/sys", "/etc/resolv.conf", "/etc/host.conf")


@dataclasses.dataclass(frozen=True)
class Way:
    """How a program is started. The words end where the program's begin."""

    name: str
    words: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()
    root: str = ""  # where the files of the tree are for the program
    cold: tuple[str, ...] = ()  # the words when nothing of an earlier start is used
    storms: bool = True


def libraries(program: pathlib.Path) -> set[str]:
    said = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False).stdout
    return {word for word in said.split() if word.startswith("/")}


def make_tree(tree: pathlib.Path) -> None:
    """This host's python3, tar and shell, so that host and container run the same programs."""
    for folder in ("dev", "proc", "sys", "etc", "tmp", "root", "home", "usr/bin", "usr/lib"):
        (tree / folder).mkdir(parents=True, exist_ok=True)
    for link in ("bin", "lib", "lib64"):
        (tree / "usr" / link).mkdir(exist_ok=True)
        (tree / link).symlink_to("usr/" + link)
    programs = {name: shutil.which(name) for name in ("sh", "true", "cat", "tar")} | {"python3": sys.executable}
    needed = set[str]()
    for name, path in programs.items():
        if path is None:
            raise SystemExit(f"modes: {name} is missing on this host")
        shutil.copy2(os.path.realpath(path), tree / "usr/bin" / name)
        needed |= libraries(pathlib.Path(path))
    shutil.copy2(binaries / "storm", tree / "usr/bin/storm")
    shutil.copytree("/" + PYTHON, tree / PYTHON, symlinks=True,
                    ignore=shutil.ignore_patterns("test", "idlelib", "tkinter", "dist-packages", "sitecustomize.py"))
    for module in (tree / PYTHON / "lib-dynload").glob("*.so"):
        needed |= libraries(module)
    # what is preloaded in F modes wants it, and since glibc 2.34 no program does
    needed |= {file for file in (library.replace("libc.so.6", "libdl.so.2") for library in needed) if os.path.exists(file)}
    for library in needed:
        place = tree / "usr" / library.removeprefix("/usr").lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(library, place)
    (tree / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    (tree / "etc/group").write_text("root:x:0:\n")
    for name in ("hosts", "resolv.conf", "host.conf"):
        (tree / "etc" / name).touch()


def modes() -> list[str]:
    said = json.loads(subprocess.run([berth, "node", "probe"], check=True, capture_output=True, text=True).stdout)
    return [trial["mode"] for trial in said["trials"] if trial["works"]]


def set_up(mode: str) -> str:
    """A container that can be started in the mode: F modes change its files."""
    if not mode.startswith("F"):
        return "box"
    name = "box-" + mode
    env = environment(Way("", ()))
    for words in (("clone", "--name=" + name, "box"), ("setup", "--execmode=" + mode, name)):
        subprocess.run([berth, "--quiet", *words], check=True, env=env, stdout=subprocess.DEVNULL)
    return name


def our_ways() -> list[Way]:
    ways = []
    for mode in modes():
        def run(*options: str, mode: str = mode, box: str = set_up(mode)) -> tuple[str, ...]:
            return (berth, "run", f"--mode={mode}", *options, box)
        ways.append(Way(f"berth {mode}", run(), cold=run("--no-plan-cache")))
    return ways


def proot_ways(tree: pathlib.Path) -> list[Way]:
    """Bare, and with all words that udocker gives it."""
    own = next(iter((dist / "libexec/engines").glob("proot-[!l]*")), None)
    if own is None:
        return []
    env = (("PROOT_LOADER", str(own.with_name(own.name.replace("proot-", "proot-loader-")))), ("PROOT_TMP_DIR", str(work)))
    binds = tuple(word for mount in MOUNTS if os.path.exists(mount) for word in ("-b", f"{mount}:{mount}"))
    bare = (str(own), "--kill-on-exit", *binds, "-0", "-r", str(tree), "-w", "/")
    udocker = (str(own), "--kill-on-exit", *binds, "-b", "/lib/modules:/lib/modules", "-0", "-k", platform.release(), "-r",
               str(tree), "-w", "/")
    return [
        Way("bare proot (P1)", bare, env, storms=False),
        Way("bare proot (P2)", bare, (*env, ("PROOT_NO_SECCOMP", "1")), storms=False),
        Way("udocker's proot line (P1)", udocker, env),
        Way("udocker's proot line (P2)", udocker, (*env, ("PROOT_NO_SECCOMP", "1"))),
    ]


def fake_ways() -> list[Way]:
    """libfakechroot alone, in the trees that berth has made ready: through the loader, and a program that names it."""
    ways = []
    for library in (dist / "libexec/engines").glob("libfakechroot-*.so"):
        for mode in ("F1", "F3"):
            tree = (repository / "containers" / ("box-" + mode)).resolve() / "ROOT"
            if not tree.exists():
                continue
            loader = next((tree / "usr/lib64").glob("ld-linux*"), None) or next((tree / "lib").glob("ld-linux*"))
            folders = ":".join(str(folder) for folder in (tree / "usr/lib").glob("*-linux-gnu"))
            env = {"FAKECHROOT_BASE": str(tree), "FAKECHROOT_EXCLUDE_PATH": ":".join(("/dev", "/proc", "/sys")), "LD_PRELOAD": str(library)}
            words: tuple[str, ...] = ("/bin/busybox", "env", *(f"{name}={value}" for name, value in env.items()))
            if mode == "F1":
                words += (f"FAKECHROOT_ELFLOADER={loader}", f"LD_LIBRARY_PATH={folders}", str(loader))
            ways.append(Way(f"bare fakechroot ({mode})", words, root=str(tree), storms=False))
    return ways


def bundle(tree: pathlib.Path, args: list[str]) -> str:
    folder = work / "bundle"
    folder.mkdir(exist_ok=True)
    maps = [{"containerID": 0, "hostID": value, "size": 1} for value in (os.geteuid(), os.getegid())]
    mounts = [{"destination": "/proc", "type": "proc", "source": "proc"}]
    mounts += [{"destination": mount, "type": "none", "source": mount, "options": ["rbind"]} for mount in ("/sys", "/dev")]
    (folder / "config.json").write_text(json.dumps({
        "ociVersion": "1.0.0", "root": {"path": str(tree)}, "mounts": mounts,
        "process": {"user": {"uid": 0, "gid": 0}, "args": args, "cwd": "/", "env": ["PATH=/bin"], "terminal": False},
        "linux": {"namespaces": [{"type": "user"}, {"type": "mount"}, {"type": "pid"}],
                  "uidMappings": maps[:1], "gidMappings": maps[1:]}}))
    return str(folder)


def other_ways(tree: pathlib.Path) -> tuple[list[Way], list[str]]:
    """Tools that only start: those that are installed, and the names of the others."""
    binds = tuple(word for mount in ("/dev", "/proc", "/sys") for word in ("--dev-bind", mount, mount))
    oci = ("run", "--bundle", bundle(tree, ["/bin/true"]), "bench")
    known = {
        "bwrap": ("--unshare-user", "--uid", "0", "--gid", "0", "--bind", str(tree), "/", *binds, "--chdir", "/"),
        "ch-run": (str(tree), "--"),
        "apptainer": ("exec", "-u", str(tree)),
        "crun": ("--cgroup-manager=disabled", "--root", str(work / "crun"), *oci),
        "runc": ("--rootless=true", "--root", str(work / "runc"), *oci),
    }
    ways = [Way("bare namespace", (str(binaries / "bare-namespace"), str(tree)), storms=False)]
    missing = []
    for name, words in known.items():
        path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        if path:
            ways.append(Way(name, (path, *words), storms=False))
        else:
            missing.append(name)
    return ways, missing


class Storms:
    """What each storm is; all print nanoseconds."""

    def __init__(self, tree: pathlib.Path):
        files = sorted(str(file.relative_to(tree)) for file in (tree / PYTHON / "email").glob("*.py"))
        self.files = files[:20]

    def words(self, storm: str, way: Way) -> list[str]:
        root = way.root or "/"
        files = [os.path.join(root, file) for file in self.files]
        program = os.path.join(root, "usr/bin/storm")
        python = os.path.join(root, PYTHON)
        return [program, *{
            "stat": ["stat", "20000", *files],
            "open and close": ["open", "10000", *files],
            "fork and exec": ["fork", "100", os.path.join(root, "bin/true")],
            "python imports": ["time", os.path.join(root, "usr/bin/python3"), "-I", "-S", "-c", IMPORTS],
            "tar of the tree": ["time", "/bin/sh", "-c", f"tar -cf - {python} 2>/dev/null | cat >/dev/null"],
            "loop": ["loop", "50000000"],
            "process_vm_readv": ["read", "500"],
        }[storm]]

    NAMES = ("stat", "open and close", "fork and exec", "python imports", "tar of the tree", "loop", "process_vm_readv")


def environment(way: Way) -> dict[str, str]:
    return os.environ | {"BERTH_DIR": str(repository), "HOME": str(work), "USER": "bench", "XDG_RUNTIME_DIR": str(work),
                         "PATH": "/usr/bin:/bin"} | dict(way.env)


def storm(way: Way, words: list[str]) -> float:
    done = subprocess.run([*way.words, *words], env=environment(way), capture_output=True, text=True, check=False)
    if done.returncode:
        raise CaseFailed(f"status {done.returncode}: {(done.stderr.splitlines() or ['it says nothing'])[-1]}")
    return int(done.stdout) / 1e6


Times = dict[str, list[float]]  # milliseconds by way, one a round


def rounds_of(ways: list[Way], rounds: int, warm: int, take: Callable[[Way], float], failed: dict[str, str], what: str) -> Times:
    """The ways take turns. One that fails is left out, and why goes to `failed`."""
    times: Times = {way.name: [] for way in ways}
    for turn in range(warm + rounds):
        for way in ways:
            if way.name not in times:
                continue
            try:
                took = take(way)
            except CaseFailed as why:
                failed[f"{way.name}, {what}"] = str(why)
                del times[way.name]
                continue
            if turn >= warm:
                times[way.name].append(took)
    return times


def start(way: Way, words: tuple[str, ...]) -> float:
    program = [] if way.name in ("crun", "runc") else [os.path.join(way.root or "/", "bin/true")]
    return Bench(1, environment(way)).sample(Case(way.name, [*words, *program])).wall * 1e3


def ratio(times: Times, name: str) -> float:
    """To the host, taken in each round before the median is."""
    return statistics.median(mine / host for mine, host in zip(times[name], times[HOST]))


def main(rounds: int, into: str | None) -> None:
    tree, storm_rounds = work / "tree", max(rounds // 6, 2)
    make_tree(tree)
    archive = str(work / "tree.tar")
    subprocess.run(["tar", "-cf", archive, "-C", str(tree), "."], check=True)
    env = environment(Way("", ()))
    subprocess.run([berth, "--quiet", "import", "--tocontainer", "--name=box", archive], check=True, env=env,
                   stdout=subprocess.DEVNULL)
    host = Way(HOST, (), (("LD_LIBRARY_PATH", ""),), root=str(tree))
    ours = our_ways()
    proots = [*proot_ways(tree), *fake_ways()]
    others, missing = other_ways(tree)
    failed: dict[str, str] = {}
    starts = rounds_of([host, *ours, *proots, *others], rounds, 2, lambda way: start(way, way.words), failed, "start")
    cold = rounds_of(ours, max(rounds // 5, 3), 0, lambda way: start(way, way.cold), failed, "cold start")
    storms = Storms(tree)
    stormed = [way for way in [host, *ours, *proots] if way.storms]
    taken = {name: rounds_of(stormed, storm_rounds, 1, lambda way: storm(way, storms.words(name, way)), failed, name)
             for name in Storms.NAMES}
    text = report(starts, cold, taken, failed, missing)
    print(text)
    if into:
        ratios = {name: {way: ratio(times, way) for way in times if way != HOST}
                  for name, times in ({"start of /bin/true": starts} | taken).items()}
        series = [way.name for way in [*ours, *proots, *others]]
        pathlib.Path(into, "bench-modes.svg").write_text(svg("Time in each mode, as a multiple of the bare host's", ratios, series))
        pathlib.Path(into, "bench-modes.md").write_text(
            "# Modes, measured\n\nWritten by `bench/modes`; the case names are explained in bench/README.md.\n"
            + f"\n{machine()}\n{text}\n\n![ratios](bench-modes.svg)\n")


def report(starts: Times, cold: Times, storms: dict[str, Times], failed: dict[str, str], missing: list[str]) -> str:
    lines = [f"\n### start of /bin/true (ms, {len(starts[HOST])} rounds, load {load()})\n",
             "| case | median | least | ratio to the host | cold median |", "|---|---:|---:|---:|---:|"]
    for name, took in starts.items():
        late = f"{statistics.median(cold[name]):.1f}" if name in cold else ""
        lines.append(f"| {name} | {statistics.median(took):.2f} | {min(took):.2f} | {ratio(starts, name):.2f} | {late} |")
    ways = list(dict.fromkeys(way for times in storms.values() for way in times))
    lines += [f"\n### storms (host in ms, others as its multiples, medians of {max(map(len, storms['loop'].values()))} rounds, "
              f"load {load()})\n", "| storm | " + " | ".join(ways) + " |", "|---|" + "---:|" * len(ways)]
    for name, times in storms.items():
        cells = [f"{statistics.median(times[way]):.1f}" if way == HOST else f"{ratio(times, way):.2f}" if way in times else ""
                 for way in ways]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += [f"\n{name}: {why}" for name, why in failed.items()]
    if missing:
        lines.append(f"\nNot installed: {', '.join(missing)}.")
    return "\n".join(lines)


main(int(sys.argv[1]), os.environ.get("BENCH_INTO"))
