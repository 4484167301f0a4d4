"""A private PostgreSQL and the roles that train a run on it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def say(text):
    print(text, file=sys.stderr, flush=True)


class Failure(Exception):
    """Something that ends the study, told without a trace."""


class Fleet:
    """The processes of this machine; trainings go on where an earlier study stopped."""

    def __init__(self, program, repository, output):
        self.program, self.repository, self.output = str(program), Path(repository), Path(output)
        self.logs = self.output / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self.server = ["--directory", str(self.output / "server")]
        self.environment = dict(os.environ)

    def __enter__(self):
        self.run("server", "start", *self.server)
        try:
            self.environment["STILLHOUSE_DATABASE_URL"] = self.run("server", "url", *self.server).strip()
            self.run("migrate", "up")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.run("server", "stop", *self.server)

    def run(self, *arguments, directory=None):
        """The standard output of a command. Recipes name pictures by their place in the clone, so it runs there."""
        return self._run("stillhouse", self.program, *arguments, directory=directory)

    def python(self, *arguments):
        """The standard output of a script of the repository."""
        return self._run("python3", sys.executable, *arguments)

    def _run(self, name, program, *arguments, directory=None):
        line = " ".join(map(str, (name, *arguments)))
        with open(self.logs / "commands.log", "a") as log:
            log.write(line + "\n")
            log.flush()
            done = subprocess.run(
                [program, *map(str, arguments)],
                cwd=directory or self.repository, env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True,
            )
        if done.returncode != 0:
            raise Failure(f"`{line}` ended with {done.returncode}; read the end of {log.name}.")
        return done.stdout

    def script(self, path, *arguments):
        """The standard output of a script of the repository that names its own interpreter."""
        return self._run(path, self.repository / path, *arguments)

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "--json"))

    def knows(self, run):
        return any(line["name"] == run for line in self.json("run", "list"))

    def status(self, run):
        return self.json("status", run)[0]

    def train(self, run):
        """Runs the roles until the run has finished."""
        roles = [
            self._start(run, "coordinator", "coordinator", "start"),
            self._start(run, "aggregator", "aggregator", "start", "--run", run),
        ]
        workers = [
            self._start(run, f"worker-{number}", "worker", "start", "--run", run, "--threads", "1") for number in (1, 2)
        ]
        try:
            self._follow(run, roles, workers)
        finally:
            for process in roles + workers:
                process.terminate()
            for process in roles + workers:
                process.wait()

    def _start(self, run, role, *arguments):
        log = open(self.logs / f"{run}-{role}.log", "a")
        return subprocess.Popen([self.program, *arguments], cwd=self.repository, env=self.environment,
                                stdout=log, stderr=log)

    def _follow(self, run, roles, workers):
        shown = 0.0
        while any(worker.poll() is None for worker in workers):
            ended = next((process for process in roles + workers if process.poll() not in (None, 0)), None)
            if ended is not None:
                raise Failure(f"A role of run {run} ended with {ended.returncode}; read {self.logs}, run this again.")
            if time.monotonic() - shown > 30:
                shown = time.monotonic()
                state = self.status(run)
                minutes = f", {state['seconds_left'] / 60:.0f} min left" if state.get("seconds_left") else ""
                say(f"  {run}: {state['steps']:,} of {state['total_steps']:,} updates{minutes}")
            time.sleep(0.5)
        state = self.status(run)["state"]
        if state != "finished":
            raise Failure(f"Run {run} is {state}: `stillhouse run show {run}` says why; read {self.logs}.")
