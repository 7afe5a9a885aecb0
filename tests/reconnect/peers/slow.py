"""Python's `websockets` with a slow consumer: the library reads ahead and answers pings by itself, the
consumer prints and acknowledges one message after the other. Says its port; ends with its input."""

import asyncio
import sys

from websockets.asyncio.server import serve


async def consume(socket):
    async for message in socket:
        await asyncio.sleep(0.002)
        print(message, flush=True)
        await socket.send("ack " + message.split(" ")[0])


async def main():
    port = int(sys.argv[1])
    async with serve(consume, "127.0.0.1", port, compression=None, max_queue=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
