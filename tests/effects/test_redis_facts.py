"""What a server says of itself, read without CONFIG and without a write."""

from __future__ import annotations

import pytest
from redis import Redis

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.keyspace.server_facts import database_of
from bot.release.two_places import same_keys
from tests.effects.servers import Server
