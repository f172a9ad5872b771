"""A study as job arrays of Slurm.

One array per stage of the plan, each after the one before it, and a last job that merges. A task of an array is one
process that computes the pieces of its bundle in turn. Dependencies are ``afterany``: what can be computed is, even if
a task of an earlier stage failed, and the merge gives a result with what there is. The same command, given again when
the jobs have left the queue, submits what is missing. Nothing here needs accounting: which jobs are in the queue is
asked of ``squeue``, what they left is read from the pieces.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landscape.errors import InputError, LandscapeError, cannot_write
from landscape.filesystem import read_record, write_text
from landscape.jobs.bundles import bundled, missing_pieces, stages
from landscape.plugins import PLUGINS_VARIABLE, absolute
from landscape.text import visible

if TYPE_CHECKING:
    from landscape.experiment import Experiment
    from landscape.experiment.piece import Piece

#: Tasks of an array if not given, and the most that Slurm allows unless its MaxArraySize is raised.
DEFAULT_ARRAY_SIZE = 100
MAX_ARRAY_SIZE = 1000

_NUMBER = re.compile(r"[0-9]{1,20}")
_ID = re.compile(rf"({_NUMBER.pattern})(;.*)?")


class SlurmError(LandscapeError):
    """Raised when a command of Slurm fails, or jobs of the study are in the queue already."""


@dataclass(frozen=True)
class SlurmOptions:
    """What is asked of Slurm.

    Attributes:
        partition: the partition; Slurm's default if None.
        time: time limit of a task as Slurm writes it (``"2:00:00"``); the partition's if None.
        array_size: most tasks of an array.
        cpus: cores per task, which computes with as many threads.
        memory: memory per task as Slurm writes it (``"4G"``); Slurm's default if None.
        warning: seconds before the time limit at which a task is told to end after its piece.
        more: further options of ``sbatch``, as ``"--account=physics"``.
    """

    partition: str | None = None
    time: str | None = None
    array_size: int = DEFAULT_ARRAY_SIZE
    cpus: int = 1
    memory: str | None = None
    warning: int = 120
    more: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check what Slurm would only refuse when the jobs are submitted.

        Raises:
            InputError: a value that cannot be meant.
        """
        if not 1 <= self.array_size <= MAX_ARRAY_SIZE:
            raise InputError(f"--array-size {self.array_size}: must be from 1 to {MAX_ARRAY_SIZE}")
        for name, value in (("partition", self.partition), ("time", self.time), ("mem", self.memory)):
            if value is not None and not re.fullmatch(r"[A-Za-z0-9:,._-]+", value):
                raise InputError(f"--{name} {value!r}: is no value that Slurm understands")
        for option in self.more:
            if not option.startswith("--") or visible(option) != option:
                raise InputError(f"--sbatch {option!r}: must be an option of sbatch, as --account=physics")


@dataclass(frozen=True)
class Job:
    """One job of a submission.

    Attributes:
        name: its name in Slurm.
        script: what is submitted, as text.
        bundles: the pieces of each task; empty for the merge.
    """

    name: str
    script: str
    bundles: list[list[Piece]]


def jobs_of(experiment: Experiment, options: SlurmOptions, folder: Path) -> list[Job]:
    """Return the jobs that compute what is missing of a study, in the order in which they follow one another.

    Args:
        experiment: the experiment.
        options: what is asked of Slurm.
        folder: where the scripts, the lists of pieces and the output of the jobs go.

    Raises:
        InputError: a path that cannot stand in a job's script.
    """
    _refuse_paths_with_controls(experiment)
    jobs = []
    name = experiment.config.name
    missing = missing_pieces(experiment.plan, experiment.store)
    for number, stage in enumerate(stages(missing)):
        bundles = bundled(stage, options.array_size)
        kinds = "-".join(dict.fromkeys(piece.task.partition(".")[0] for piece in stage))
        command = _command(experiment, folder, "work", "--bundles", folder / f"stage-{number}.json")
        lines = [f"#SBATCH --array=0-{len(bundles) - 1}", f"#SBATCH --output={_quoted(folder)}/stage-{number}-%a.out"]
        call = f'{command} --task "$SLURM_ARRAY_TASK_ID" --threads {options.cpus}'
        jobs.append(Job(f"{name}-{kinds}", _script(f"{name}-{kinds}", lines, call, options), bundles))
    merge = _command(experiment, folder, "merge")
    lines = [f"#SBATCH --output={_quoted(folder)}/merge.out"]
    jobs.append(Job(f"{name}-merge", _script(f"{name}-merge", lines, merge, options), []))
    return jobs


def submit(experiment: Experiment, options: SlurmOptions) -> list[tuple[str, Job]]:
    """Write the scripts of what is missing and submit them; return the jobs with the numbers that Slurm gave them.

    Raises:
        InputError: Slurm is not installed here, a path cannot stand in a script, or the folder cannot be written to.
        SlurmError: jobs of an earlier submission are still in the queue, or Slurm refuses one.
        FolderInUseError: a run has the folder for itself.
    """
    if shutil.which("sbatch") is None:
        raise InputError("there is no 'sbatch' here: run this where Slurm is, or use --engine local or dask")
    _refuse_paths_with_controls(experiment)
    # What would fail in every task is told now, and the folder is made only for an experiment that can be carried out.
    experiment.context.preflight()
    # Before the lock, which tasks at work hold too: which jobs they are says more.
    _refuse_if_active(experiment)
    with experiment.at_work():
        _refuse_if_active(experiment)
        above = (experiment.folder.jobs / "slurm").resolve()
        try:
            above.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=time.strftime("%Y%m%d-%H%M%S-"), dir=above))
        except OSError as error:
            raise cannot_write(above, error) from error
        write_text(folder / "config.toml", experiment.config.to_toml())
        submitted: list[tuple[str, Job]] = []
        try:
            for number, job in enumerate(jobs_of(experiment, options, folder)):
                stem = f"stage-{number}" if job.bundles else "merge"
                if job.bundles:
                    names = [[piece.file_name for piece in bundle] for bundle in job.bundles]
                    write_text(folder / f"{stem}.json", json.dumps(names))
                script = folder / f"{stem}.sh"
                write_text(script, job.script)
                after = [f"--dependency=afterany:{submitted[-1][0]}"] if submitted else []
                said = _run("sbatch", "--parsable", *after, str(script))
                if not (match := _ID.fullmatch(said.strip())):
                    raise SlurmError(f"sbatch did not give the number of a job, but: {said.strip()[:200]}")
                submitted.append((match.group(1), job))
        finally:
            record = {"folder": str(folder), "jobs": [number for number, _ in submitted]}
            write_text(_record_path(experiment), json.dumps(record))
    return submitted


def _refuse_if_active(experiment: Experiment) -> None:
    if active := active_jobs(experiment):
        raise SlurmError(
            f"jobs {', '.join(active)} of this study are still in the queue; wait for them, "
            f"or take them out with 'scancel {' '.join(active)}'"
        )


def active_jobs(experiment: Experiment) -> list[str]:
    """Return the jobs of the latest submission of a study that are still in the queue, as far as Slurm tells here."""
    record = read_record(_record_path(experiment), jobs=list)
    if record is None or shutil.which("squeue") is None:
        return []
    numbers = [number for number in record["jobs"] if isinstance(number, str) and _NUMBER.fullmatch(number)]
    active = []
    for number in numbers:
        # One by one: squeue fails as a whole if it has forgotten one of several.
        try:
            listed = _run("squeue", "--noheader", "--jobs", number, "--format", "%F").split()
        except SlurmError as error:
            if "Invalid job id" in str(error):
                continue
            raise
        if listed:
            active.append(number)
    return active


def _record_path(experiment: Experiment) -> Path:
    return experiment.folder.jobs / "slurm.json"


def _command(experiment: Experiment, folder: Path, command: str, *arguments: Any) -> str:
    out = os.fspath(experiment.folder.path.resolve())
    program = [sys.executable, "-m", "landscape_cli.main", command, folder / "config.toml", "--out", out]
    return shlex.join(os.fspath(part) for part in [*program, *arguments])


def _script(name: str, lines: list[str], command: str, options: SlurmOptions) -> str:
    asked = [f"#SBATCH --job-name={name}", *lines, f"#SBATCH --chdir={_quoted(os.getcwd(), percent=chr(37))}"]
    asked += [f"#SBATCH --cpus-per-task={options.cpus}", "#SBATCH --open-mode=append", "#SBATCH --requeue"]
    # To the script alone, which the command below takes the place of: it ends after the piece under way.
    asked += [f"#SBATCH --signal=B:USR1@{options.warning}"]
    for key, value in (("partition", options.partition), ("time", options.time), ("mem", options.memory)):
        if value is not None:
            asked.append(f"#SBATCH --{key}={value}")
    asked += [f"#SBATCH {option}" for option in options.more]
    return "\n".join(["#!/bin/bash", *asked, *_import_paths(), *_plugins(), f"exec {command}", ""])


def _refuse_paths_with_controls(experiment: Experiment) -> None:
    """Refuse what a line that Slurm reads cannot say: a line break would end it, and what follows be a command."""
    for path in (
        os.fspath(experiment.folder.path.resolve()),
        os.getcwd(),
        sys.executable,
        *_import_paths(),
        *_plugins(),
    ):
        if visible(path) != path:
            raise InputError(
                f"{path}: no path of a job may have control characters or be no text; rename it or choose another"
            )


def _quoted(path: str | os.PathLike[str], percent: str = "%%") -> str:
    """Return a path as Slurm reads it in a script: blanks and ``#`` escaped, and no ``%`` that would stand for a
    number.
    """
    return re.sub(r"([\s\"'\\#])", r"\\\1", os.fspath(path).replace("%", percent))


def _import_paths() -> list[str]:
    """Return the line that lets a script find the package where it runs from a clone that is not installed."""
    root = Path(__file__).resolve().parents[2]
    if root.name in ("site-packages", "dist-packages"):
        return []
    paths = [str(path) for path in (root, root / "cli") if path.is_dir()]
    return [f"export PYTHONPATH={shlex.quote(os.pathsep.join(paths))}${{PYTHONPATH:+:$PYTHONPATH}}"]


def _plugins() -> list[str]:
    """Return the line that lets a script find what the experiment uses from outside the package."""
    plugins = absolute(os.environ.get(PLUGINS_VARIABLE, ""))
    return [f"export {PLUGINS_VARIABLE}={shlex.quote(plugins)}"] if plugins else []


def _run(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SlurmError(f"{command[0]}: {error}") from error
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[:300]
        raise SlurmError(f"{command[0]} failed: {said or f'exit status {done.returncode}'}")
    return done.stdout
