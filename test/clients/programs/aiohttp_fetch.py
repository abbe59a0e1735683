# aiohttp_fetch.py URL PROXY: aiohttp with aiohttp-socks.
import asyncio
import sys

import aiohttp
from aiohttp_socks import ProxyConnector


async def fetch(url, proxy):
    connector = ProxyConnector.from_url(proxy, rdns=True)
    async with aiohttp.ClientSession(connector=connector) as session:
        async with session.get(url) as response:
            print(await response.text())


asyncio.run(fetch(*sys.argv[1:]))
