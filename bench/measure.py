"""Measures commands side by side: the cases take turns (A B C A B C ...), so that what disturbs the machine
disturbs all of them alike. Judge by the ratio and the difference to another case, which are taken in each
round before the median is; then by the minimum; the plain median last."""

import dataclasses
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence


@dataclasses.dataclass(frozen=True)
class Case:
    """What is run, and how it is prepared each time (not measured)."""

    name: str
    words: Sequence[str]
    prepare: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None
    status: int = 0  # which exit status is right
    minus: str = ""  # the case that the difference column is against


@dataclasses.dataclass(frozen=True)
class Sample:
    wall: float  # all in seconds
    cpu: float
    rss: int  # KiB, the largest process
    status: int


class CaseFailed(Exception):
    pass


class Bench:
    """Runs cases with one environment as the caller."""

    def __init__(self, runs: int, env: dict[str, str] | None = None):
        self.runs = runs
        self.env = env if env is not None else dict(os.environ)
        self.timed = os.environ["BENCH_BIN"] + "/timed"

    def sample(self, case: Case) -> Sample:
        case.prepare()
        inner, outer = os.pipe()
        with tempfile.TemporaryFile() as complaints:
            # descriptor 3 of `timed` is the pipe
            child = subprocess.Popen(
                ["/bin/sh", "-c", f'exec 3>&{outer} {outer}>&-; exec "$@"', "sh", self.timed, *case.words],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=complaints,
                env=self.env, pass_fds=[outer])
            os.close(outer)
            with os.fdopen(inner) as answer:
                numbers = answer.read().split()
            child.wait()
            complaints.seek(0)
            said = complaints.read(2000).decode(errors="replace").strip()
        case.after()
        if len(numbers) != 5:
            raise CaseFailed("could not be started")
        wall, user, system, rss, status = map(int, numbers)
        if status != case.status:
            raise CaseFailed(f"status {status}: {said.splitlines()[-1] if said else 'it says nothing'}")
        return Sample(wall / 1e9, (user + system) / 1e6, rss, status)

    def table(self, title: str, cases: Sequence[Case], unit: str = "ms", warm: bool = True) -> None:
        """Prints a Markdown table. The first case is the reference."""
        samples: dict[str, list[Sample]] = {case.name: [] for case in cases}
        skipped: dict[str, str] = {}
        for turn in range(self.runs + warm):
            for case in cases:
                if case.name in skipped:
                    continue
                try:
                    sample = self.sample(case)
                except CaseFailed as why:
                    skipped[case.name] = str(why)
                    continue
                if turn or not warm:
                    samples[case.name].append(sample)
        print(f"\n### {title} ({unit}, {self.runs} rounds, load {load()})\n")
        print("| case | median | min | CPU median | peak RSS MB | ratio | difference |")
        print("|---|---:|---:|---:|---:|---:|---|")
        for case in cases:
            print(row(case, samples, skipped, cases[0].name, 1e3 if unit == "ms" else 1))
        sys.stdout.flush()


def row(case: Case, samples: dict[str, list[Sample]], skipped: dict[str, str], reference: str, scale: float) -> str:
    if case.name in skipped:
        return f"| {case.name} | skipped: {skipped[case.name].replace('|', '/')} | | | | | |"
    own = samples[case.name]
    walls = [sample.wall for sample in own]
    ratio = pairwise(own, samples[reference], lambda mine, other: mine / other)
    difference = ""
    if case.minus and samples.get(case.minus):
        amount = pairwise(own, samples[case.minus], lambda mine, other: mine - other)
        difference = f"{amount * scale:+.2f} over {case.minus}"
    return (f"| {case.name} | {statistics.median(walls) * scale:.2f} | {min(walls) * scale:.2f} "
            f"| {statistics.median(sample.cpu for sample in own) * scale:.2f} "
            f"| {max(sample.rss for sample in own) / 1024:.1f} "
            f"| {'' if ratio is None else f'{ratio:.2f}'} | {difference} |")


def pairwise(own: list[Sample], other: list[Sample], how: Callable[[float, float], float]) -> float | None:
    pairs = [how(mine.wall, theirs.wall) for mine, theirs in zip(own, other)]
    return statistics.median(pairs) if pairs else None


def installed(program: str, case: Callable[[str], Case], missing: list[str]) -> list[Case]:
    """The case of an optional program; without it, its name goes to `missing`."""
    path = shutil.which(program)
    if path is None:
        missing.append(program)
        return []
    return [case(path)]


def say_missing(missing: Sequence[str]) -> None:
    if missing:
        print(f"\nNot installed: {', '.join(missing)}.")


def load() -> str:
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def machine() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{model}, {os.cpu_count()} cores, {memory:.0f} GB; Linux {platform.release()}; "
            f"{time.strftime('%Y-%m-%d %H:%M')}; load {load()}")


if __name__ == "__main__":
    print(machine())
