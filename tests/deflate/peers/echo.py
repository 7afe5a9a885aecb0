"""Echoes by Python's `websockets`, with compression. Says its port; ends with its input."""

import asyncio
import json
import sys

from websockets.asyncio.server import serve
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory


async def echo(socket):
    async for message in socket:
        await socket.send(message)


async def main():
    extensions = [ServerPerMessageDeflateFactory(**json.loads(sys.argv[1] if len(sys.argv) > 1 else "{}"))]
    async with serve(echo, "127.0.0.1", 0, compression=None, extensions=extensions, max_size=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
