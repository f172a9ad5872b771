"""An experiment and its results folder, from a configuration to figures and a report."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from landscape.config import Config
from landscape.errors import ResultFileError
from landscape.experiment.activity import Activity
from landscape.experiment.assembly import assemble, assembled_id, result_id
from landscape.experiment.compiling_ahead import compiled_ahead, kernels_of
from landscape.experiment.context import Context
from landscape.experiment.drawn import drawn_figures, is_reported, remember_drawn, remember_report
from landscape.experiment.engine import Engine
from landscape.experiment.existing import check_result, other_tables
from landscape.experiment.folder import ResultsFolder
from landscape.experiment.gradient_check import check_experiment
from landscape.experiment.plan import STAGES, Plan
from landscape.experiment.progress import Progress
from landscape.experiment.store import Store
from landscape.experiment.tasks import plan_of
from landscape.filesystem import write_text
from landscape.version import __version__

if TYPE_CHECKING:
    from landscape.experiment.gradient_check import GradientCheck


class Experiment:
    """An experiment and its results folder.

    Every stage does first what is missing of the stages before it, keeps other runs out of the folder while it works,
    and
    returns the files that hold its results. What is finished is never computed again; an interrupt (KeyboardInterrupt)
    keeps it, and the finished parts of the task under way.

    Args:
        config: the experiment.
        folder: where the results go; ``results/NAME`` if not given.
        threads: threads to compute with; all cores if not given. The results do not depend on it.
        progress: what is told about the work under way.
    """

    def __init__(
        self,
        config: Config,
        folder: str | os.PathLike[str] | None = None,
        *,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.config = config
        self.folder = ResultsFolder(folder if folder is not None else Path("results") / config.name)
        self.threads = threads
        self.progress = progress or Progress()
        #: Who is at work in the folder, and what failed.
        self.activity = Activity(self.folder.jobs)
        self.store = Store(self.folder.pieces)

    @functools.cached_property
    def plan(self) -> Plan:
        """The tasks of the experiment.

        Raises:
            ConfigError: a data file is missing.
        """
        return plan_of(self.config)

    @functools.cached_property
    def context(self) -> Context:
        """What the tasks compute with: samples, results of other tasks."""
        return Context(self.config, self.plan.data_id, self.store, self.threads, self.progress)

    @functools.cached_property
    def engine(self) -> Engine:
        """What computes tasks in this process."""
        return Engine(self.plan, self.context, self.activity)

    def run(self) -> list[Path]:
        """Carry out all stages and return the files that a reader wants: figures, result, report.

        Raises:
            ConfigError: a data file is missing, or the data do not have what the experiment asks for.
            ResultFileError: the folder has a file that is of another format or format version, or belongs to something
                else.
            InputError: the results folder cannot be written to.
            FolderInUseError: another run is at work in the folder.
            LandscapeError: a stage failed.
        """
        with self.at_work():
            result = self.analyze()
            figures = self._drawn()
            if figures is not None and is_reported(self.folder, self._report_files(), self.progress.say):
                self.progress.say("figures and report: done already")
            else:
                figures = self.plot() if figures is None else figures
                self.report()
        return [*figures, *result, *self._report_files()]

    def train(self) -> list[Path]:
        """Train the networks that are not trained yet; return one file per network."""
        return self._stage("train")

    def sweep(self) -> list[Path]:
        """Evaluate the slices that are not evaluated yet; return one file per model and slice."""
        return self._stage("sweep")

    def analyze(self) -> list[Path]:
        """Do all tasks of the experiment and assemble ``landscape.h5``.

        Returns:
            That file.
        """
        with self.at_work():
            self._stage("analyze")
            path = self.folder.result_file
            made_of = result_id(self.plan, self.store)
            if assembled_id(path) == made_of:
                self.progress.say("measures: done already")
                return [path]
            with self.folder.result_locked():
                assemble(self.context, path, self.plan.tasks, made_of)
            write_text(self.folder.config_file, self.config.to_toml())
            if measured := sum(task.stage == "sweep" and task.unit == "points" for task in self.plan.tasks):
                self.progress.say(f"measured {measured} slices")
        return [path]

    def _stage(self, last: str) -> list[Path]:
        with self.at_work():
            wanted = STAGES[: STAGES.index(last) + 1]
            tasks = [task for task in self.plan.tasks if task.stage in wanted]
            for task in tasks:
                self.engine.finish(task)
        return [self.store.path(task.whole) for task in tasks if task.stage == last]

    def plot(self) -> list[Path]:
        """Draw the figures anew from an existing ``landscape.h5``; return their files.

        Raises:
            ResultFileError: there is no such file, or it is damaged.
        """
        from landscape.figures import draw_all

        path = self._existing_result()
        if others := other_tables(path, self.config):
            self.progress.say(
                f"{path.name}: was made with another configuration ({', '.join(others)} differ) and is drawn as it is; "
                "'landscape run' makes what is asked for"
            )
        # Not the lock of the folder: what there is of a running study can be drawn.
        with self.folder.result_locked():
            formats = tuple(self.config.figures.formats)
            files = draw_all(path, self.folder.figures, formats)
            remember_drawn(self.folder, self._figures_id(), files)
            self.progress.say(f"drew {len({file.stem for file in files})} figures")
        return files

    def report(self) -> list[Path]:
        """Write the report anew from an existing ``landscape.h5`` and its figures; return its files.

        Raises:
            ResultFileError: there is no such file, or it is damaged.
        """
        from landscape.report import write_report

        path = self._existing_result()
        with self.folder.result_locked():
            pages = write_report(path, self.folder.path, self.folder.figures)
            remember_report(self.folder, pages)
        return pages

    def check(
        self, model: str | None = None, slice_name: str | None = None, *, points: int = 3, samples: int = 20
    ) -> list[GradientCheck]:
        """Compare exact directional derivatives with finite differences along a slice; one result per model.

        Trained networks are taken where the folder has them, else initial ones; nothing is written.

        Args:
            model: name of the model to check; all if not given.
            slice_name: name of the slice; the first if not given, random directions if there is none.
            points: points along the slice.
            samples: samples to evaluate.

        Raises:
            ConfigError: the experiment has no such model or slice.
        """
        return check_experiment(self.plan, self.context, model, slice_name, points=points, samples=samples)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Keep other runs out of the folder, which is made only when the input has proved good so far.

        Raises:
            FolderInUseError: another run is at work in the folder.
            ResultFileError: the folder has files that are not the package's own or of another version.
            InputError: the folder cannot be made or written to.
        """
        tasks = self.plan.tasks
        if self.folder.is_locked:
            yield
            return
        with self.folder.locked():
            check_result(self.folder.result_file, self.progress.say)
            self.store.check(task.whole for task in tasks)
            with compiled_ahead(kernels_of(self.plan), self.threads):
                if not self.folder.config_file.exists():
                    write_text(self.folder.config_file, self.config.to_toml())
                yield

    def _existing_result(self) -> Path:
        path = self.folder.result_file
        if not os.path.lexists(path):
            raise ResultFileError(f"{path}: there is no result yet; make it with 'landscape run {self.config.name}'")
        return path

    # --- what was drawn, and from which result ---

    def _drawn(self) -> list[Path] | None:
        """Return the figures if they are there and up to date."""
        return drawn_figures(self.folder, self._figures_id(), self.progress.say)

    def _figures_id(self) -> str:
        formats = ",".join(self.config.figures.formats)
        return f"{assembled_id(self.folder.result_file)} {formats} {__version__}"

    def _report_files(self) -> list[Path]:
        return [self.folder.path / "report.md", self.folder.path / "report.html"]
