"""The stages of an experiment: train, sweep, analyze, plot, report."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landscape.config import Config, ModelConfig, SliceConfig
from landscape.errors import DataError, ResultFileError
from landscape.experiment.activity import Activity
from landscape.experiment.compiling_ahead import compiled_ahead
from landscape.experiment.drawn import drawn_figures, remember_drawn
from landscape.experiment.existing import check_folder, is_finished, other_tables
from landscape.experiment.folder import ResultsFolder
from landscape.experiment.lineage import STALE, is_current
from landscape.experiment.piece import Piece
from landscape.experiment.pieces import read_piece
from landscape.experiment.plan import Plan
from landscape.experiment.progress import Progress
from landscape.filesystem import is_regular, write_text

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.experiment.gradient_check import GradientCheck
    from landscape.experiment.shards import SharedDirections
    from landscape.network import Network


class Experiment:
    """An experiment and its results folder.

    Every stage does first what is missing of the stages before it, keeps other runs out of the folder while
    it works, and returns the files that hold its results. Finished pieces are never computed again; an
    interrupt (KeyboardInterrupt) keeps them and the finished points of the sweep under way.

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
        #: Chosen samples of slices, kept while the experiment lives.
        self.selections: dict[tuple[str, int], Dataset] = {}
        #: Points of the slice (samples of the census, lines of the comparison) that are done, for its progress.
        self.parts_done = 0
        self._networks: tuple[Any, dict[str, Network]] | None = None
        self._shared: tuple[Any, SharedDirections] | None = None
        self._checked = False

    @functools.cached_property
    def plan(self) -> Plan:
        """The pieces of the experiment.

        Raises:
            ConfigError: a data file is missing.
        """
        return Plan(self.config)

    @functools.cached_property
    def data(self) -> tuple[Dataset, Dataset]:
        """Training and test samples, prepared as the experiment says.

        Raises:
            ConfigError: a data file is missing.
            DataError: a data file is malformed, does not have what the experiment asks for, or is not the one any more
                that the pieces are named after.
        """
        from landscape.experiment.preparation import prepare_data

        named_after = self.plan.data_id
        data = prepare_data(self.config)
        if Plan(self.config).data_id != named_after:
            raise DataError(
                f"{self.config.origin}: data.source: {self.config.data.source} (or its test samples) changed while it "
                "was read; give the same command again when the file is complete"
            )
        return data

    def run(self) -> list[Path]:
        """Carry out all stages and return the files that a reader wants: figures, result, report.

        Raises:
            ConfigError: a data file is missing, or the data do not have what the experiment asks for.
            ResultFileError: the folder has a result file that is damaged or of another format or format version, or a
                piece that is of another format or format version.
            InputError: the results folder cannot be written to.
            FolderInUseError: another run is at work in the folder.
            LandscapeError: a stage failed.
        """
        with self.at_work():
            result = self.analyze()
            if self._drawn() is None:
                self.plot()
                self.report()
            else:
                self.progress.say("figures and report: done already")
        return [*(self._drawn() or []), *result, *self._report_files()]

    def train(self) -> list[Path]:
        """Train the networks that are not trained yet; return one file per network."""
        with self.at_work():
            return [self._finish(self.plan.train(model), model) for model in self.config.trained_models]

    def sweep(self) -> list[Path]:
        """Evaluate the slices that are not evaluated yet; return one file per model and slice."""
        with self.at_work():
            self.train()
            return [
                self._finish(self.plan.sweep(model, entry), model, entry)
                for model in self.config.model
                for entry in self.config.slice
            ]

    def analyze(self) -> list[Path]:
        """Measure the slices, do each census and the comparison that are asked for, and assemble ``landscape.h5``.

        Returns:
            That file.
        """
        from landscape.experiment.assembly import assemble, assembled_id, result_id
        from landscape.experiment.comparing import compare_models

        with self.at_work():
            self.sweep()
            path = self.folder.result_file
            for model in self.config.model:
                self._finish(self.plan.raster(model), model)
            for piece in self.plan.measures():
                if not piece.part_of and piece.kind != "compared":
                    self._finish(piece, self.plan.model_of(piece), self.plan.slice_of(piece))
            compare_models(self)
            if assembled_id(path) == result_id(self):
                self.progress.say("measures: done already")
                return [path]
            with self.folder.result_locked():
                assemble(self)
            write_text(self.folder.config_file, self.config.to_toml())
            if self.config.slice:
                self.progress.say(f"measured {self._n_measured()} slices")
        return [path]

    def _n_measured(self) -> int:
        from landscape.results import ResultFile

        result = ResultFile(self.folder.result_file)
        return sum(len(result.slices(model.name)) for model in self.config.model)

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
            return write_report(path, self.folder.path, self.folder.figures)

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
        from landscape.experiment.gradient_check import check_experiment

        return check_experiment(self, model, slice_name, points=points, samples=samples)

    @functools.cached_property
    def data_hash(self) -> str:
        """SHA-256 of the prepared samples."""
        both = "".join(data.content_hash() for data in self.data)
        return hashlib.sha256(both.encode("ascii")).hexdigest()

    def piece_path(self, piece: Piece) -> Path:
        """Where the finished file of a piece is, or will be."""
        return self.folder.pieces / piece.file_name

    def objective(self, model: ModelConfig) -> Any:
        """Readout and loss of a model."""
        from landscape.readouts import by_name

        settings = self.config.objective_of(model)
        return by_name(settings.kind)(**settings.constants)

    def preflight(self) -> None:
        """Refuse what would fail only after training; once, and only once it is needed.

        Raises:
            InputError: data or directions do not fit the experiment.
        """
        from landscape.experiment.preflight import check_before_training

        if not self._checked:
            check_before_training(self)
            self._checked = True

    def networks(self, model: ModelConfig) -> dict[str, Network]:
        """The trained networks of a model by name: ``initial``, ``best``, ``final``.

        Raises:
            ResultFileError: the model is not trained yet.
        """
        from landscape.experiment.pieces import network_of

        path = self.piece_path(self.plan.train(model))
        key = None
        with suppress(OSError):
            state = path.stat()
            key = (path, state.st_ino, state.st_mtime_ns)
            if self._networks is not None and self._networks[0] == key:
                return self._networks[1]
        content = read_piece(path, model.name)
        assert content.training is not None
        assert content.training.initial is not None
        assert content.training.final is not None
        networks = {
            "best": network_of(content.network),
            "initial": network_of(content.training.initial),
            "final": network_of(content.training.final),
        }
        # Those of the latest model only: one model's shards come one after another.
        self._networks = (key, networks)
        return networks

    def shared_directions(self, made: str) -> SharedDirections:
        """The directions that the shards of a slice or of a census share, by the file name of their piece.

        Raises:
            ResultFileError: they are not made yet, damaged, or of another experiment.
        """
        from landscape.experiment.shards import read_directions_piece

        path = self.folder.pieces / made
        with suppress(OSError):
            state = path.stat()
            key = (path, state.st_ino, state.st_mtime_ns)
            if self._shared is None or self._shared[0] != key:
                self._shared = (key, read_directions_piece(path, made))
            return self._shared[1]
        return read_directions_piece(path, made)

    def finish(self, piece: Piece) -> Path:
        """Compute one piece unless it is there already; return where it is.

        For engines, which give each process pieces of its own: the folder is not locked here. A step towards a piece
        that is there already is not computed.

        Raises:
            ResultFileError: a piece that it needs is missing, or its file belongs to another experiment.
            LandscapeError: it cannot be computed.
        """
        path = self.piece_path(piece)
        if self.is_spared(piece):
            return path
        for name in () if path.exists() else piece.needs:
            if not (self.folder.pieces / name).exists():
                raise ResultFileError(f"{piece.file_name}: needs {name}, which is not there yet")
        return self._finish(piece, self.plan.model_of(piece), self.plan.slice_of(piece))

    def is_spared(self, piece: Piece) -> bool:
        """Whether a piece is only a step towards one that is there already, and good."""
        if not piece.part_of:
            return False
        path = self.folder.pieces / piece.part_of
        if not path.exists():
            return False
        whole = self.plan.whole_of(piece)
        return is_finished(path, whole) and is_current(self, whole)

    def _finish(self, piece: Piece, model: ModelConfig, entry: SliceConfig | None = None) -> Path:
        """Compute a piece unless it is there already."""
        self.progress.between_pieces()
        path = self.piece_path(piece)
        if is_finished(path, piece):
            if is_current(self, piece):
                self._say_done(piece, path)
                return path
            self.progress.say(f"{piece.file_name}: {STALE}, computed again")
        elif path.exists():
            self.progress.say(f"{piece.file_name}: damaged, computed again")
        self.preflight()
        if piece.is_in_shards:
            from landscape.experiment.parts import finish_in_shards

            assert entry is not None
            finish_in_shards(self, piece, model, entry)
        else:
            with self.activity.at(piece.file_name):
                self._compute(piece, model, entry)
        return path

    def _compute(self, piece: Piece, model: ModelConfig, entry: SliceConfig | None) -> None:
        """Do the work of a piece that is not put together from others."""
        from landscape.experiment import work

        if piece.kind == "train":
            work.train_model(self, piece, model)
            return
        if piece.kind == "raster":
            work.record_raster(self, piece, model)
            return
        if piece.kind == "compared":
            from landscape.experiment.comparing import measure_compared_line

            measure_compared_line(self, piece, model)
            return
        assert entry is not None
        if piece.kind in ("directions", "census-directions"):
            work.make_directions(self, piece, model, entry)
        elif piece.kind == "shard":
            work.sweep_shard(self, piece, model, entry)
        elif piece.kind == "census":
            from landscape.experiment.census import take_census

            take_census(self, piece, model, entry)
        elif piece.kind == "census-shard":
            from landscape.experiment.census_shards import take_census_shard

            take_census_shard(self, piece, model, entry)
        elif piece.kind == "curves":
            from landscape.experiment.curves import trace

            trace(self, piece, model, entry)
        elif piece.kind in ("anatomy", "fragments"):
            from landscape.experiment.measures import measure

            measure(self, piece, model, entry)
        else:
            work.sweep_slice(self, piece, model, entry)

    def _say_done(self, piece: Piece, path: Path) -> None:
        if piece.kind == "train":
            self.progress.say(f"{piece.model}: training done already")
        elif piece.kind == "sweep":
            from landscape.experiment.work import skipped_text
            from landscape.results import ResultFile

            skipped = ResultFile(path).skipped(piece.model)
            for name, reason in skipped.items():
                self.progress.say(skipped_text(piece.model, name, reason))
            if not skipped:
                self.progress.say(f"{piece.model}: slice {piece.slice} done already")
        elif piece.kind == "census":
            from landscape.experiment.census import say_done

            say_done(self, piece)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Keep other runs out of the folder, which is made only when the input has proved good so far.

        Raises:
            FolderInUseError: another run is at work in the folder.
            ResultFileError: the folder has files that are not the package's own or of another version.
            InputError: the folder cannot be made or written to.
        """
        pieces = [self.piece_path(piece) for piece in self.plan.pieces() if piece.is_result_file]
        entered = self.folder.is_locked
        with self.folder.locked():
            if not entered:
                check_folder(self.folder.result_file, pieces, self.progress.say)
            with compiled_ahead(self.config, self.threads):
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
        """Return the figures if they, and the report, are there and up to date."""
        figures = drawn_figures(self.folder, self._figures_id())
        return figures if all(map(is_regular, self._report_files())) else None

    def _figures_id(self) -> str:
        from landscape import __version__
        from landscape.experiment.assembly import assembled_id

        formats = ",".join(self.config.figures.formats)
        return f"{assembled_id(self.folder.result_file)} {formats} {__version__}"

    def _report_files(self) -> list[Path]:
        return [self.folder.path / "report.md", self.folder.path / "report.html"]
