"""A real Slurm of one node on this machine, for the tests that need one: no services, no accounts, no cgroups."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CONFIG = """\
ClusterName=landscape-tests
SlurmctldHost={host}(127.0.0.1)
AuthType=auth/none
AuthInfo=cred_expire=5
CredType=cred/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1,defer_batch=0
MpiDefault=none
SlurmUser=root
SlurmdUser=root
SlurmctldPort={controller}
SlurmdPort={daemon}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmdSpoolDir={folder}/spool
StateSaveLocation={folder}/state
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ReturnToService=2
KillWait=5
MinJobAge=300
SlurmdTimeout=60
JobRequeue=1
OverTimeLimit=0
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=1000 State=UNKNOWN
PartitionName=debug Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
"""


def why_not() -> str | None:
    """Why there can be no Slurm here; None if there can."""
    if missing := [
        name for name in ("slurmctld", "slurmd", "sbatch", "squeue", "scontrol") if shutil.which(name) is None
    ]:
        return f"{', '.join(missing)} not installed (apt-get install slurmctld slurmd slurm-client)"
    return None if os.geteuid() == 0 else "Slurm without a service starts as root only"


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """Start the controller and the daemon; yield what has to be in the environment of Slurm's commands."""
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    (folder / "spool").mkdir()
    (folder / "state").mkdir()
    host = socket.gethostname().partition(".")[0]
    controller, daemon = _free_port(), _free_port()
    config = folder / "slurm.conf"
    config.write_text(
        _CONFIG.format(host=host, folder=folder, controller=controller, daemon=daemon, cpus=os.cpu_count()),
        encoding="utf-8",
    )
    (folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n", encoding="utf-8")
    environment = {"SLURM_CONF": str(config)}
    processes = []
    try:
        for program in ("slurmctld", "slurmd"):
            with open(folder / f"{program}.out", "wb") as output:
                processes.append(
                    subprocess.Popen(
                        [program, "-D", *(["-N", host] if program == "slurmd" else [])],
                        env=os.environ | environment,
                        stdout=output,
                        stderr=output,
                    )
                )
        _wait_until_idle(environment, folder)
        yield environment
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(folder, ignore_errors=True)


class NoSlurmError(Exception):
    """Raised when Slurm is installed but does not come up."""


def _wait_until_idle(environment: dict[str, str], folder: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        done = subprocess.run(
            ["sinfo", "--noheader", "--format", "%T"], capture_output=True, text=True, env=os.environ | environment
        )
        if done.returncode == 0 and done.stdout.strip() == "idle":
            return
        time.sleep(0.2)
    logs = "\n".join(path.read_text(errors="replace")[-1500:] for path in folder.glob("*.log"))
    raise NoSlurmError(f"no idle node after 30 s\n{logs}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
