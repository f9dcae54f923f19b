"""What a JupyterHub adds: each student's server has the student's key."""

import json
from pathlib import Path

c = get_config()  # noqa: F821

KEYS = Path("/srv/gateway/keys.json")  # readable by the hub alone
GATEWAY = "http://127.0.0.1:4000"


def give_key(spawner):
    """Put a student's key into the environment of the student's server."""
    key_of = {student: key for key, student in json.loads(KEYS.read_text()).items()}
    spawner.environment["LITELLM_API_BASE"] = GATEWAY
    spawner.environment["LITELLM_API_KEY"] = key_of[spawner.user.name]
    spawner.environment["NBEXT_MODEL"] = "gpt-image-2"
    # The proxy lets in one request of a student at a time: several takes are drawn in turn.
    spawner.environment["NBEXT_MAX_CONCURRENT"] = "1"


c.Spawner.pre_spawn_hook = give_key
