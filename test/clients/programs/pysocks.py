# pysocks.py URL PROXY: requests with PySocks, as "pip install requests[socks]" has it.
import sys

import requests

url, proxy = sys.argv[1:]
print(requests.get(url, proxies={"http": proxy, "https": proxy}, timeout=10).text)
