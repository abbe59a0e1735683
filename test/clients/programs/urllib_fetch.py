# http_proxy=http://... https_proxy=http://... python3 urllib_fetch.py URL: the library that comes with Python.
import sys
import urllib.request

print(urllib.request.urlopen(sys.argv[1], timeout=15).read().decode(), end="")
