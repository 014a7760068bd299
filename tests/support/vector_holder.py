"""A process that holds a vector of two environments, tells its workers, and waits to be killed.

Arguments: environment id, task, sandbox.
"""

import json
import sys

import riosim

if __name__ == "__main__":
    env_id, task, sandbox = sys.argv[1:]
    envs = riosim.make_vec(env_id, 2, task=task, sandbox=sandbox)
    envs.reset(seed=1)
    pids = [process.pid for process in envs.unwrapped.processes]
    sys.stdout.write(json.dumps(pids) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
