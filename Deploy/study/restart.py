"""Kills a small study with everything that belongs to it, lets the same command go on, and compares the weights.

    python3 Deploy/study/restart.py --stillhouse PROGRAM --reference STUDY --output FOLDER PART

STUDY is the folder of a study in small (`Deploy/desk-study --smoke`) that nobody disturbed. In FOLDER the part is begun
anew; in the middle of a training its processes and its database get a signal that leaves them no time. Every result of
the second attempt must have the digests of the undisturbed one.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from fleet import Failure, say

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 300  # seconds for whatever is waited for


def until(condition, what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.05)
    raise Failure(f"{what}: not within {PATIENCE} s.")


class Killed:
    """A study in small whose processes all go at once."""

    def __init__(self, program, output, part):
        self.program, self.output = str(program), output
        self.command = [str(REPOSITORY / "Deploy/desk-study"), "--smoke", part, "--output", str(output),
                        "--stillhouse", self.program]

    def run(self):
        if subprocess.run(self.command, stdout=subprocess.DEVNULL).returncode != 0:
            raise Failure(f"The study that went on failed; read {self.output}/logs.")

    def begin_and_kill(self):
        study = subprocess.Popen(self.command, start_new_session=True, stdout=subprocess.DEVNULL)
        try:
            run = until(lambda: self._training(study), "a training in the middle of its updates")
        finally:
            os.killpg(study.pid, signal.SIGKILL)
            study.wait()
            self._kill_server()
        say(f"killed everything while {run['name']} was at update {run['steps']} of {run['total_steps']}")

    def _training(self, study):
        if study.poll() is not None:
            raise Failure(f"The study ended by itself with {study.returncode}, before it could be killed.")
        url = self._ask("server", "url", "--directory", self.output / "server")
        status = url and self._ask("status", "--json", url=url.strip())
        runs = json.loads(status) if status else []
        return next((run for run in runs if 0 < run["steps"] < run["total_steps"]), None)

    def _ask(self, *arguments, url=None):
        """None while there is no answer yet."""
        environment = {**os.environ, "STILLHOUSE_DATABASE_URL": url} if url else dict(os.environ)
        done = subprocess.run([self.program, *map(str, arguments)], env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return done.stdout if done.returncode == 0 else None

    def _kill_server(self):
        """PostgreSQL's immediate shutdown: no checkpoint, so that it must recover."""
        path = self.output / "server/data/postmaster.pid"
        if not path.exists():
            return  # the study ended before it had one
        server = int(path.read_text().split()[0])
        os.kill(server, signal.SIGQUIT)
        until(lambda: not Path(f"/proc/{server}").exists(), "the end of the database")

    def digests(self):
        return digests(self.output)


def digests(folder):
    """What must be equal, of every training that has a result."""
    results = {path.stem: json.loads(path.read_text()) for path in sorted((folder / "results").glob("*.json"))}
    return {name: (found["weights_digest"], found["chain_digest"])
            for name, found in results.items() if "weights_digest" in found}


def main():
    parser = argparse.ArgumentParser(prog="restart.py", description=__doc__)
    parser.add_argument("part")
    for name in ("stillhouse", "reference", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    arguments = parser.parse_args()
    expected = digests(arguments.reference)
    killed = Killed(arguments.stillhouse.absolute(), arguments.output.absolute(), arguments.part)
    killed.begin_and_kill()
    killed.run()
    found = killed.digests()
    different = [name for name in found if found[name] != expected.get(name)]
    if not found or different:
        raise Failure(f"The study that was killed ended in other weights: {', '.join(different) or 'it has none'}.")
    say(f"ended in the same digests: {', '.join(found)}")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"restart: {failure}")
