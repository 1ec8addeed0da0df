"""What names stand for, as a name server outside of this machine would say."""

import socket


def resolve(monkeypatch, hosts):
    """Let each of *hosts* stand for its pairs of address and port; there are no other names."""

    def answer(host, _port, **_options):
        if host not in hosts:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(_family(place), socket.SOCK_STREAM, socket.IPPROTO_TCP, "", place) for place in hosts[host]]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def _family(place):
    return socket.AF_INET6 if ":" in place[0] else socket.AF_INET
