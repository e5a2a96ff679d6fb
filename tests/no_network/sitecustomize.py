"""Put this folder on PYTHONPATH, and Python may connect to this machine only.

Every attempt to look up or reach another host is written to the file that NO_NETWORK_LOG names, and refused.
"""

import os
import sys

LOCAL = ("::1", "localhost", "", None)


def refuse_others(event: str, args: tuple) -> None:
    if event == "socket.connect":
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None  # a path is a socket of this machine
    elif event == "socket.getaddrinfo" or event in ("socket.gethostbyname", "socket.gethostbyaddr"):
        host = args[0]
    elif event == "socket.sendto":
        host = args[1][0] if isinstance(args[1], tuple) else None
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host in LOCAL or host.startswith("127."):
        return
    if "NO_NETWORK_LOG" in os.environ:  # pytest, which looks for doctests in every file, loads this one without it
        with open(os.environ["NO_NETWORK_LOG"], "a") as log:  # noqa: PTH123  # pathlib is not loaded this early
            log.write(f"{event} {host} by {' '.join(sys.argv)}\n")
    raise ConnectionRefusedError(f"the lab may not reach {host}")


sys.addaudithook(refuse_others)
